package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/xtaci/smux"
)

// A vector is all that one side of a scenario sent.
type vector struct {
	Name    string  `json:"name"`
	Smux    string  `json:"smux"`
	Version int     `json:"version"`
	Role    string  `json:"role"`
	Hex     string  `json:"hex"`
	Frames  []frame `json:"frames"`
}

// A pair is two real sessions joined in memory, and what they sent.
type pair struct {
	client, server         *smux.Session
	fromClient, fromServer *recorder
}

// writeVectors plays each scenario in both protocol versions.
func writeVectors(out io.Writer) error {
	vectors := []vector{}
	for version := 1; version <= 2; version++ {
		for _, s := range scenarios {
			if s.needs != 0 && s.needs != version || s.halfCloses && !canCloseWrite {
				continue
			}
			played, err := s.play(version)
			if err != nil {
				return fmt.Errorf("%s, version %d: %w", s.name, version, err)
			}
			vectors = append(vectors, played...)
		}
	}
	return printVectors(out, vectors)
}

func (s scenario) play(version int) (vectors []vector, err error) {
	// must panics so that scenarios stay short; here it becomes an error again.
	defer func() {
		if failed, ok := recover().(failure); ok {
			err = failed
		}
	}()
	config := smux.DefaultConfig()
	config.Version = version
	config.KeepAliveDisabled = true
	if s.configure != nil {
		s.configure(config)
	}
	a, b := net.Pipe()
	p := pair{fromClient: &recorder{Conn: a}, fromServer: &recorder{Conn: b}}
	p.client = must(smux.Client(p.fromClient, config))
	p.server = must(smux.Server(p.fromServer, config))
	s.run(p)
	sent := map[string][]byte{"client": p.fromClient.sent(), "server": p.fromServer.sent()}
	p.client.Close()
	p.server.Close()

	for _, role := range []string{"client", "server"} {
		stream := sent[role]
		if s.only != "" && s.only != role || len(stream) == 0 && !s.silent {
			continue
		}
		if s.cutAt > 0 {
			stream = stream[:s.cutAt]
		}
		frames := must(parseFrames(stream))
		vectors = append(vectors, vector{s.name, smuxVersion(), version, role, hex.EncodeToString(stream), frames})
	}
	return vectors, nil
}

// printVectors gives each frame a line of its own, which shows changes best.
func printVectors(out io.Writer, vectors []vector) error {
	var text bytes.Buffer
	separator := "["
	for _, v := range vectors {
		frames := v.Frames
		v.Frames = []frame{}
		head := must(json.Marshal(v))
		fmt.Fprintf(&text, "%s\n%s", separator, bytes.TrimSuffix(head, []byte("]}")))
		lines := []string{}
		for _, f := range frames {
			lines = append(lines, "\n  "+string(must(json.Marshal(f))))
		}
		fmt.Fprintf(&text, "%s]}", strings.Join(lines, ","))
		separator = ","
	}
	text.WriteString("\n]\n")
	_, err := out.Write(text.Bytes())
	return err
}

func smuxVersion() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == "github.com/xtaci/smux" {
				return strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return "unknown"
}

type failure struct{ error }

func must[T any](value T, err error) T {
	if err != nil {
		panic(failure{err})
	}
	return value
}

func check(err error) { must(0, err) }

// Steps of a scenario. Each returns only when its frames are sent, which makes the recordings repeatable.

// open returns both ends of a new stream.
func open(from, to *smux.Session) (opened, accepted *smux.Stream) {
	opened = must(from.OpenStream())
	to.SetDeadline(time.Now().Add(10 * time.Second))
	accepted = must(to.AcceptStream())
	runtime.SetFinalizer(accepted, nil) // or the collector may add a FIN to the recording
	return opened, accepted
}

func write(stream *smux.Stream, size int, seed uint32) {
	must(writeRandom(stream, size, seed, max(size, 1)))
}

// read takes what was written, so many bytes per Read at most: version 2 answers each Read that crosses a mark.
func read(stream *smux.Stream, size, perRead int) {
	stream.SetReadDeadline(time.Now().Add(10 * time.Second))
	must(readAny(slowReader{stream, 0, perRead}, size))
}
