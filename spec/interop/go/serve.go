package main

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/xtaci/smux"
)

// serve answers the one request of an accepted stream, a line "VERB ARGS".
func (p *peer) serve(s *session, stream *smux.Stream) {
	// The finalizer of an accepted stream closes it, and a running Read does not keep the wrapper reachable.
	defer runtime.KeepAlive(stream)

	var request string
	err := p.greeting(stream)
	if err == nil {
		request, err = readLine(stream)
	}
	if err == nil {
		err = p.answer(stream, request)
	}
	stream.Close() // fails if both ends have sent FIN by now, which is as good

	served := event{"event": "served", "session": s.number, "stream": stream.ID(), "request": request}
	if err != nil {
		served["error"] = err.Error()
	}
	p.report(served)
}

func (p *peer) greeting(stream *smux.Stream) error {
	if p.greet == "" {
		return nil
	}
	_, err := io.WriteString(stream, p.greet+"\n")
	return err
}

func (p *peer) answer(stream *smux.Stream, request string) error {
	verb, numbers, err := parseRequest(request)
	if err != nil {
		return err
	}
	switch fmt.Sprint(verb, " ", len(numbers)) {
	case "echo 0": // to the end
		return p.echoAll(stream)
	case "echo 1": // N
		return echo(stream, numbers[0])
	case "source 2": // N SEED
		return source(stream, numbers[0], uint32(numbers[1]))
	case "abort 2": // N SEED
		_, err := writeRandom(stream, numbers[0], uint32(numbers[1]), chunkSize)
		return err
	case "sink 0": // to the end
		return p.sinkAll(stream)
	case "sink 1": // N
		return sink(stream, numbers[0])
	case "slow 2": // N PAUSE_MS
		time.Sleep(time.Duration(numbers[1]) * time.Millisecond)
		return sink(stream, numbers[0])
	case "exchange 2": // N SEED
		return exchange(stream, numbers[0], uint32(numbers[1]))
	case "hold 0":
		p.hold(stream)
		<-stream.GetDieCh() // closed by release, or with the session
		p.letGo(stream)
		return nil
	}
	return fmt.Errorf("no such request: %q", request)
}

func parseRequest(request string) (verb string, numbers []int, err error) {
	verb, rest, _ := strings.Cut(request, " ")
	for _, field := range strings.Fields(rest) {
		number, err := strconv.ParseUint(field, 10, 32)
		if err != nil {
			return verb, nil, err
		}
		numbers = append(numbers, int(number))
	}
	return verb, numbers, nil
}

func echo(stream *smux.Stream, size int) error {
	_, err := readBytes(stream, size, func(chunk []byte) error {
		_, err := stream.Write(chunk)
		return err
	})
	return err
}

// echoAll loses what is still to be written when the opener's FIN arrives if this is smux 1.5.28 to 1.5.53,
// where Write fails from then on.
func (p *peer) echoAll(stream *smux.Stream) error {
	if err := echo(stream, -1); err != nil {
		return err
	}
	time.Sleep(p.linger)
	return nil
}

// source closes only after the opener did, where it can: a full close would cut off the opener's own bytes.
func source(stream *smux.Stream, size int, seed uint32) error {
	if _, err := writeRandom(stream, size, seed, chunkSize); err != nil {
		return err
	}
	if err := closeWrite(stream); err != nil {
		if err == errNoCloseWrite {
			return nil
		}
		return err
	}
	_, err := readAny(stream, -1)
	if err == io.ErrClosedPipe { // the opener's FIN came first and this one has ended the stream
		return nil
	}
	return err
}

func sink(stream *smux.Stream, size int) error {
	received, err := readAny(stream, size)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stream, received.String())
	return err
}

func (p *peer) sinkAll(stream *smux.Stream) error {
	if err := sink(stream, -1); err != nil {
		return err
	}
	// A Go opener that has half-closed drops unread bytes when FIN arrives: give it time to read them.
	time.Sleep(p.linger)
	return nil
}

func exchange(stream *smux.Stream, size int, seed uint32) error {
	written := make(chan error, 1)
	go func() {
		_, err := writeRandom(stream, size, seed, chunkSize)
		written <- err
	}()
	received, err := readAny(stream, size)
	if err != nil {
		stream.Close() // lets the writer go
	}
	if failed := <-written; err == nil {
		err = failed
	}
	if err == nil {
		_, err = io.WriteString(stream, received.String())
	}
	return err
}
