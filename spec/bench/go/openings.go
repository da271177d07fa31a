package main

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xtaci/smux"
)

func serveOpenings(session *smux.Session) (values, error) {
	go acceptEach(session, -1, func(_ int, stream *smux.Stream) {
		io.Copy(stream, stream)
		stream.Close()
	})
	return values{}, nil
}

func driveOpenings(session *smux.Session, work work) (values, error) {
	if err := exchanges(session, int64(work.WarmUp), work.InFlight); err != nil {
		return nil, err
	}
	start := time.Now()
	if err := exchanges(session, int64(work.Count), work.InFlight); err != nil {
		return nil, err
	}
	return values{"exchangesPerSecond": work.Count / time.Since(start).Seconds()}, nil
}

func exchanges(session *smux.Session, count int64, inFlight int) error {
	var started atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, inFlight)
	for range inFlight {
		group.Add(1)
		go func() {
			defer group.Done()
			for started.Add(1) <= count {
				if err := exchange(session); err != nil {
					failures <- err
					return
				}
			}
		}()
	}
	group.Wait()
	close(failures)
	return <-failures
}

func exchange(session *smux.Session) error {
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	one := make([]byte, 1)
	if _, err := stream.Write(one); err != nil {
		return err
	}
	if _, err := io.ReadFull(stream, one); err != nil {
		return err
	}
	return stream.Close()
}
