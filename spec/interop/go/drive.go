package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// A command is one line of standard input. Each gets exactly one result, with its id.
type command struct {
	ID        string `json:"id"`
	Op        string `json:"op"`
	Session   int    `json:"session"` // by number; 0: the newest
	Size      int    `json:"size"`
	Seed      uint32 `json:"seed"`
	Chunk     int    `json:"chunk"`   // bytes per Write, or per Read where reading is slow
	Count     int    `json:"count"`   // streams
	Request   string `json:"request"` // of open-many
	PauseMs   int    `json:"pauseMs"`
	TimeoutMs int    `json:"timeoutMs"` // of each stream
}

func (c command) timeout(usual time.Duration) time.Duration {
	if c.TimeoutMs > 0 {
		return time.Duration(c.TimeoutMs) * time.Millisecond
	}
	return usual
}

type operation func(p *peer, s *session, c command) (event, error)

// Operations on one stream are in request.go.
var operations = map[string]operation{
	"echo":                 echoOp,
	"source":               sourceOp,
	"abort":                abortOp,
	"sink":                 sinkOp,
	"slow":                 slowOp,
	"exchange":             exchangeOp,
	"half-close":           halfCloseOp,
	"half-close-late":      halfCloseLateOp,
	"listen-first":         listenFirst,
	"parallel":             parallel,
	"open-many":            openMany,
	"close-session":        closeSession,
	"close-session-during": closeSessionDuring,
	"num-streams": func(_ *peer, s *session, _ command) (event, error) {
		return event{"count": s.NumStreams()}, nil
	},
	"is-closed": func(_ *peer, s *session, _ command) (event, error) {
		return event{"closed": s.IsClosed()}, nil
	},
	"release": func(p *peer, _ *session, _ command) (event, error) {
		return event{"count": p.release()}, nil
	},
}

// obey runs commands, all at the same time, until in ends.
func (p *peer) obey(in io.Reader) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			p.result(c, nil, err)
			continue
		}
		go func() {
			fields, err := p.execute(c)
			p.result(c, fields, err)
		}()
	}
	return lines.Err()
}

func (p *peer) execute(c command) (event, error) {
	operation, ok := operations[c.Op]
	if !ok {
		return nil, errors.New("no such op")
	}
	s, err := p.session(c.Session)
	if err != nil {
		return nil, err
	}
	return operation(p, s, c)
}

func (p *peer) result(c command, fields event, err error) {
	result := event{"event": "result", "id": c.ID, "op": c.Op, "ok": err == nil}
	for name, value := range fields {
		result[name] = value
	}
	if err != nil {
		result["error"] = err.Error()
	}
	p.report(result)
}

// parallel exchanges on many streams at once, of random sizes up to Size.
func parallel(p *peer, s *session, c command) (event, error) {
	type outcome struct {
		fields event
		err    error
	}
	sizes := newRandom(c.Seed)
	outcomes := make(chan outcome, c.Count)
	for i := range c.Count {
		one := c
		one.Size = int(sizes.next() % uint32(c.Size+1))
		one.Seed = c.Seed + uint32(i)
		go func() {
			fields, err := exchangeOp(p, s, one)
			outcomes <- outcome{fields, err}
		}()
	}
	sent, received, failed := 0, 0, 0
	var first error
	for range c.Count {
		o := <-outcomes
		if o.err != nil {
			failed++
			first = errors.Join(first, o.err)
		}
		if o.fields != nil {
			sent += o.fields["sent"].(int)
			received += o.fields["received"].(int)
		}
	}
	return event{"count": c.Count, "failed": failed, "sent": sent, "received": received}, first
}

// openMany leaves its streams open, for "release" to close.
func openMany(p *peer, s *session, c command) (event, error) {
	ids := []uint32{}
	for range max(c.Count, 1) {
		stream, err := s.OpenStream()
		if err != nil {
			return event{"count": len(ids), "streams": ids}, err
		}
		p.hold(stream)
		ids = append(ids, stream.ID())
		if c.Request != "" {
			stream.SetWriteDeadline(time.Now().Add(c.timeout(usualTimeout)))
			if _, err := io.WriteString(stream, c.Request+"\n"); err != nil {
				return event{"count": len(ids), "streams": ids}, err
			}
		}
	}
	return event{"count": len(ids), "streams": ids}, nil
}

func closeSession(_ *peer, s *session, _ command) (event, error) {
	s.closedHere.Store(true)
	return nil, s.Close()
}

// closeSessionDuring closes when half of a "sink" is written and the writer is still busy.
func closeSessionDuring(_ *peer, s *session, c command) (event, error) {
	stream, err := openRequest(s, c, "sink", c.Size)
	if err != nil {
		return nil, err
	}
	half, err := writeRandom(stream, c.Size/2, c.Seed, c.Chunk)
	if err != nil {
		return event{"sent": half.count}, err
	}
	type outcome struct {
		sent digest
		err  error
	}
	rest := make(chan outcome, 1)
	go func() {
		sent, err := writeRandom(stream, c.Size-half.count, c.Seed, c.Chunk)
		rest <- outcome{sent, err}
	}()
	s.closedHere.Store(true)
	err = s.Close()
	late := <-rest
	fields := event{"stream": stream.ID(), "sent": half.count + late.sent.count}
	if late.err != nil {
		fields["writeError"] = late.err.Error()
	}
	return fields, err
}
