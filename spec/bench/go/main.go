// Command gobench is a Go end of the benchmark: xtaci/smux over TCP. It is told what to do as JSON in its only argument,
// answers with JSON lines, and ends with its standard input: the protocol of ../Order.ts, the tasks of ../tasks.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/xtaci/smux"
)

type order struct {
	Peer string
	Role string
	Port int
	Work work
}

type work struct {
	Task      string
	Streams   int
	ChunkSize int
	WarmUp    float64
	Size      float64
	DoesYield bool
	Busy      int
	Count     float64
	IsLoaded  bool
	InFlight  int
}

type values map[string]float64

func main() {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := run(); err != nil {
		answer(map[string]any{"event": "error", "message": err.Error()})
	}
	select {}
}

func run() error {
	var order order
	if err := json.Unmarshal([]byte(os.Args[1]), &order); err != nil {
		return err
	}
	config := smux.DefaultConfig()
	if order.Peer == "go-2" {
		config.Version = 2
	}
	failed := make(chan error)
	port := order.Port
	if order.Role != "client" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		port = listener.Addr().(*net.TCPAddr).Port
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				failed <- err
				return
			}
			session, err := smux.Server(conn, config)
			if err == nil {
				err = report("server", serve, session, order.Work)
			}
			failed <- err
		}()
		answer(map[string]any{"event": "listening", "port": port})
	}
	if order.Role != "server" {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return err
		}
		session, err := smux.Client(conn, config)
		if err != nil {
			return err
		}
		if err := report("client", drive, session, order.Work); err != nil {
			return err
		}
	}
	if order.Role != "client" {
		return <-failed
	}
	return nil
}

func report(role string, measure func(*smux.Session, work) (values, error), session *smux.Session, work work) error {
	values, err := measure(session, work)
	if err != nil {
		return err
	}
	answer(map[string]any{"event": "result", "role": role, "values": values})
	return nil
}

func serve(session *smux.Session, work work) (values, error) {
	switch work.Task {
	case "bulk":
		return serveBulk(session, work)
	case "messages":
		return serveMessages(session, work)
	case "echo":
		return serveEcho(session)
	case "openings":
		return serveOpenings(session)
	case "idle":
		return serveIdle(session, work)
	}
	return nil, fmt.Errorf("there is no task named %s", work.Task)
}

func drive(session *smux.Session, work work) (values, error) {
	switch work.Task {
	case "bulk":
		return driveBulk(session, work)
	case "messages":
		return driveMessages(session, work)
	case "echo":
		return driveEcho(session, work)
	case "openings":
		return driveOpenings(session, work)
	case "idle":
		return driveIdle(session, work)
	}
	return nil, fmt.Errorf("there is no task named %s", work.Task)
}

func answer(line map[string]any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(text, '\n'))
}
