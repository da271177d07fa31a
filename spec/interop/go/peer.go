package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/xtaci/smux"
)

// An event is one line of standard output.
type event map[string]any

// A peer holds the sessions of this process: one with -connect, one per connection with -listen.
type peer struct {
	options
	mutex    sync.Mutex
	output   *json.Encoder
	sessions []*session
	// Streams that nobody reads: the accepted ones of "hold", the opened ones of "open-many".
	// Being in here also keeps them reachable: smux closes a stream that the collector finds.
	held map[*smux.Stream]struct{}
}

type session struct {
	*smux.Session
	number     int // counts from 1
	closedHere atomic.Bool
}

func newPeer(o options, out io.Writer) *peer {
	output := json.NewEncoder(out) // writes each line with one call, so nothing waits in a buffer
	output.SetEscapeHTML(false)
	return &peer{options: o, output: output, held: map[*smux.Stream]struct{}{}}
}

func (p *peer) report(e event) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_ = p.output.Encode(e) // if nobody reads any more, standard input is about to end too
}

func (p *peer) acceptConnections(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if err := p.start(conn); err != nil {
			conn.Close()
		}
	}
}

func (p *peer) start(conn net.Conn) error {
	join := smux.Server
	if p.client {
		join = smux.Client
	}
	joined, err := join(conn, p.config)
	if err != nil {
		return err
	}
	s := &session{Session: joined}
	p.mutex.Lock()
	p.sessions = append(p.sessions, s)
	s.number = len(p.sessions)
	p.mutex.Unlock()
	p.report(event{"event": "session", "n": s.number, "remote": conn.RemoteAddr().String()})
	go p.acceptStreams(s)
	return nil
}

func (p *peer) acceptStreams(s *session) {
	for {
		stream, err := s.AcceptStream()
		if err != nil {
			// smux itself keeps a session open that can read no more. Programs close it here, and so do we.
			s.Close()
			p.report(event{"event": "session-closed", "session": s.number, "error": err.Error(), "here": s.closedHere.Load()})
			return
		}
		p.report(event{"event": "accepted", "session": s.number, "stream": stream.ID()})
		go p.serve(s, stream)
	}
}

// session finds a session by number; 0 stands for the newest.
func (p *peer) session(number int) (*session, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if number == 0 {
		number = len(p.sessions)
	}
	if number < 1 || number > len(p.sessions) {
		return nil, errors.New("no session")
	}
	return p.sessions[number-1], nil
}

func (p *peer) hold(stream *smux.Stream) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.held[stream] = struct{}{}
}

func (p *peer) letGo(stream *smux.Stream) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.held, stream)
}

// release closes all held streams and counts those that were still open.
func (p *peer) release() (count int) {
	p.mutex.Lock()
	held := p.held
	p.held = map[*smux.Stream]struct{}{}
	p.mutex.Unlock()
	for stream := range held {
		if stream.Close() == nil {
			count++
		}
	}
	return count
}
