package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// A console is a gopeer inside this process, with its standard input and output.
type console struct {
	t      *testing.T
	in     io.WriteCloser
	events chan event
}

func start(t *testing.T, arguments ...string) *console {
	t.Helper()
	commands, in := io.Pipe()
	out, reports := io.Pipe()
	c := &console{t, in, make(chan event, 10000)}
	go func() {
		if err := run(arguments, commands, reports); err != nil {
			t.Error(arguments, err)
		}
		reports.Close()
	}()
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var e event
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Error(err)
			}
			c.events <- e
		}
	}()
	t.Cleanup(func() { in.Close() })
	return c
}

// wait returns the next event of a kind and drops those before it.
func (c *console) wait(kind string) event {
	c.t.Helper()
	limit := time.After(60 * time.Second)
	for {
		select {
		case e := <-c.events:
			if e["event"] == kind {
				return e
			}
		case <-limit:
			c.t.Fatal("no event ", kind)
		}
	}
}

func (c *console) do(command string) event {
	c.t.Helper()
	fmt.Fprintf(c.in, `{"id":"x",%s}`+"\n", command)
	result := c.wait("result")
	if result["id"] != "x" {
		c.t.Error("id missing in ", result)
	}
	return result
}

func (c *console) succeed(command string) event {
	c.t.Helper()
	result := c.do(command)
	if result["ok"] != true {
		c.t.Error(command, result)
	}
	return result
}

// fail expects an error which contains text.
func (c *console) fail(command, text string) event {
	c.t.Helper()
	result := c.do(command)
	if message, _ := result["error"].(string); result["ok"] != false || !strings.Contains(message, text) {
		c.t.Error(command, result, " instead of ", text)
	}
	return result
}

// join starts two peers and returns the one that listens, the one that connects.
func join(t *testing.T, listen, connect []string) (listening, connecting *console) {
	t.Helper()
	listening = start(t, append([]string{"-listen", "127.0.0.1:0"}, listen...)...)
	addr := listening.wait("listening")["addr"].(string)
	connecting = start(t, append([]string{"-connect", addr}, connect...)...)
	listening.wait("session")
	connecting.wait("session")
	return listening, connecting
}

func eachVersion(t *testing.T, test func(t *testing.T, version string)) {
	t.Log("smux ", smuxVersion())
	for _, version := range []string{"-version=1", "-version=2"} {
		t.Run(version, func(t *testing.T) { test(t, version) })
	}
}

func TestRequests(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		listening, connecting := join(t, []string{version, "-role", "client", "-linger", "100"}, []string{version, "-role", "server", "-linger", "100"})
		for _, peer := range []*console{listening, connecting} {
			for _, op := range []string{"echo", "source", "abort", "sink", "slow", "exchange"} {
				for _, size := range []int{0, 1, 1000, 1000000} {
					peer.succeed(fmt.Sprintf(`"op":%q,"size":%d,"seed":7,"chunk":40000,"pauseMs":20`, op, size))
				}
			}
			peer.succeed(`"op":"parallel","count":100,"size":100000,"seed":3`)
			if canCloseWrite {
				peer.succeed(`"op":"half-close","size":50000,"seed":5`)
				// Bytes that come with FIN are dropped before the slow reader gets to them.
				late := peer.fail(`"op":"half-close-late","size":50000,"seed":5`, "")
				t.Log("half-close-late received ", late["received"], " ", late["error"])
			} else {
				peer.fail(`"op":"half-close","size":50000,"seed":5`, "no CloseWrite")
				peer.fail(`"op":"half-close-late","size":50000,"seed":5`, "no CloseWrite")
			}
			peer.fail(`"op":"nothing"`, "no such op")
			peer.fail(`"op":"listen-first","timeoutMs":50`, "timeout")
		}
		for _, peer := range []*console{listening, connecting} {
			// The other end may need a moment to see the last FIN.
			for tries := 0; peer.do(`"op":"num-streams"`)["count"] != 0.0; tries++ {
				if tries == 100 {
					t.Fatal("streams left")
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
}

func TestGreeting(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		_, connecting := join(t, []string{version, "-greet", "welcome"}, []string{version})
		heard := 0
		for range 100 {
			if connecting.do(`"op":"listen-first","timeoutMs":500`)["line"] == "welcome" {
				heard++
			}
		}
		t.Log("greetings heard of 100: ", heard)
		if heard < 50 {
			t.Error("most greetings lost")
		}
	})
}

func TestHeldStreams(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		listening, connecting := join(t, []string{version}, []string{version})
		connecting.succeed(`"op":"open-many","count":20,"request":"hold"`)
		for range 20 {
			listening.wait("accepted")
		}
		connecting.succeed(`"op":"sink","size":100000,"seed":1`)
		if n := connecting.succeed(`"op":"num-streams"`)["count"]; n != 20.0 {
			t.Error("streams: ", n)
		}
		released := 0.0
		for released < 20 {
			released += listening.succeed(`"op":"release"`)["count"].(float64)
		}
		if n := connecting.succeed(`"op":"release"`)["count"]; n != 20.0 {
			t.Error("released: ", n)
		}
	})
}

func TestClosing(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		listening, connecting := join(t, []string{version}, []string{version})
		if closed := connecting.succeed(`"op":"is-closed"`)["closed"]; closed != false {
			t.Error("closed at once")
		}
		sent := connecting.succeed(`"op":"close-session-during","size":30000000`)["sent"].(float64)
		if sent < 15e6 || sent == 30e6 {
			t.Error("sent: ", sent)
		}
		if here := connecting.succeed(`"op":"is-closed"`)["closed"]; here != true {
			t.Error("still open")
		}
		if e := listening.wait("session-closed"); e["here"] != false {
			t.Error(e)
		}
		connecting.fail(`"op":"close-session"`, "closed pipe")
		connecting.fail(`"op":"echo","size":1`, "closed pipe")
		connecting.in.Close()
		listening.fail(`"op":"echo","size":1`, "")
	})
}

func TestKeepAliveEndsASilentSession(t *testing.T) {
	eachVersion(t, func(t *testing.T, version string) {
		_, connecting := join(t, []string{version, "-keepalive-disabled"}, []string{version, "-keepalive-interval=20", "-keepalive-timeout=60"})
		if e := connecting.wait("session-closed"); e["here"] != false {
			t.Error(e)
		}
	})
}

func TestVectorsRepeat(t *testing.T) {
	var first, second bytes.Buffer
	if err := run([]string{"-vectors"}, nil, &first); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-vectors"}, nil, &second); err != nil || first.String() != second.String() {
		t.Error("vectors differ from run to run", err)
	}
	if !json.Valid(first.Bytes()) {
		t.Error("not JSON")
	}
}
