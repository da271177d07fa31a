package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xtaci/smux"
)

const usualTimeout = 30 * time.Second

// A request is what the opener of a stream sends and expects after the request line.
// The opener's half of every verb in serve.go is one of these.
type request struct {
	line       []any
	upload     bool
	uploadSeed uint32
	halfClose  bool // CloseWrite after the upload
	download   bool
	slowly     bool // pause before each Read
	receipt    bool // the answer ends with the digest of the upload
}

func echoOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"echo", c.Size}, upload: true, uploadSeed: c.Seed, download: true}.run(s, c)
}

func sourceOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"source", c.Size, c.Seed}, download: true}.run(s, c)
}

func abortOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"abort", c.Size, c.Seed}, download: true}.run(s, c)
}

func sinkOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"sink", c.Size}, upload: true, uploadSeed: c.Seed, receipt: true}.run(s, c)
}

func slowOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"slow", c.Size, c.PauseMs}, upload: true, uploadSeed: c.Seed, receipt: true}.run(s, c)
}

// exchangeOp uploads the next seed, so that bytes which took the wrong turn are noticed.
func exchangeOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"exchange", c.Size, c.Seed}, upload: true, uploadSeed: c.Seed + 1, download: true, receipt: true}.run(s, c)
}

func halfCloseOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"sink"}, upload: true, uploadSeed: c.Seed, halfClose: true, receipt: true}.run(s, c)
}

// halfCloseLateOp shows that smux drops what it has not read yet when the second of both FINs passes.
func halfCloseLateOp(_ *peer, s *session, c command) (event, error) {
	return request{line: []any{"source", c.Size, c.Seed}, halfClose: true, download: true, slowly: true}.run(s, c)
}

func (r request) run(s *session, c command) (event, error) {
	if r.halfClose && !canCloseWrite {
		return nil, errNoCloseWrite
	}
	stream, err := openRequest(s, c, r.line...)
	if err != nil {
		return nil, err
	}
	defer stream.Close()

	var sent, received digest
	uploaded := make(chan error, 1)
	go func() {
		var err error
		if r.upload {
			sent, err = writeRandom(stream, c.Size, r.uploadSeed, c.Chunk)
		}
		if err == nil && r.halfClose {
			err = closeWrite(stream)
		}
		uploaded <- err
	}()
	if r.download {
		received, err = readRandom(r.reader(stream, c), c.Size, c.Seed)
	}
	if err != nil {
		stream.Close() // lets the writer go
	}
	if failed := <-uploaded; failed != nil {
		// The peer's FIN may be the cause, so the other error says less.
		err = fmt.Errorf("write: %w", failed)
	}
	if err == nil && r.receipt {
		err = readReceipt(stream, sent)
	}
	if err == nil {
		err = readEnd(stream)
	}
	fields := event{"stream": stream.ID(), "sent": sent.count, "received": received.count}
	if r.download {
		fields["sha256"] = received.sha256
	} else {
		fields["sha256"] = sent.sha256
	}
	return fields, err
}

// openRequest opens a stream and sends the request line, in a frame of its own.
func openRequest(s *session, c command, line ...any) (*smux.Stream, error) {
	stream, err := s.OpenStream()
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	stream.SetDeadline(time.Now().Add(c.timeout(usualTimeout)))
	_, err = io.WriteString(stream, strings.TrimSuffix(fmt.Sprintln(line...), "\n")+"\n")
	return stream, err
}

func readReceipt(stream *smux.Stream, sent digest) error {
	line, err := readLine(stream)
	if err != nil {
		return fmt.Errorf("receipt %q: %w", line, err)
	}
	if line+"\n" != sent.String() {
		return fmt.Errorf("receipt %q, sent %q", line, sent.String())
	}
	return nil
}

func (r request) reader(stream *smux.Stream, c command) io.Reader {
	if !r.slowly {
		return stream
	}
	slow := slowReader{stream, 50 * time.Millisecond, 4096}
	if c.PauseMs > 0 {
		slow.pause = time.Duration(c.PauseMs) * time.Millisecond
	}
	if c.Chunk > 0 {
		slow.chunk = c.Chunk
	}
	return slow
}

type slowReader struct {
	io.Reader
	pause time.Duration
	chunk int
}

func (r slowReader) Read(p []byte) (int, error) {
	time.Sleep(r.pause)
	return r.Reader.Read(p[:min(len(p), r.chunk)])
}

// listenFirst says nothing and expects a line. Go smux may lose it: it registers a stream only after sending SYN.
func listenFirst(_ *peer, s *session, c command) (event, error) {
	stream, err := s.OpenStream()
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	defer stream.Close()
	stream.SetReadDeadline(time.Now().Add(c.timeout(2 * time.Second)))
	line, err := readLine(stream)
	if err == nil && line == "" {
		err = errors.New("empty line")
	}
	return event{"stream": stream.ID(), "line": line}, err
}
