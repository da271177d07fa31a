package main

import "github.com/xtaci/smux"

const messageSize = 64

func serveMessages(session *smux.Session, work work) (values, error) {
	meter := newMeter(work.WarmUp*messageSize, work.Count*messageSize, nil)
	go acceptEach(session, -1, func(_ int, stream *smux.Stream) {
		readAll(stream, 64*1024, func(count int) { meter.add(count, nil) })
	})
	reading := <-meter.reading
	return values{
		"messagesPerSecond": work.Count / reading.seconds,
		"secondsPerMessage": reading.seconds / work.Count,
		"cpuPerMessage":     reading.cpu / work.Count,
	}, nil
}

// driveMessages has a goroutine a stream, as a Go program would: each writes one message after the other.
func driveMessages(session *smux.Session, work work) (values, error) {
	meter := newMeter(work.WarmUp, work.Count, nil)
	message := make([]byte, messageSize)
	if err := openEach(session, work.Streams, message, func() { meter.add(1, nil) }); err != nil {
		return nil, err
	}
	reading := <-meter.reading
	return values{"cpuPerMessage": reading.cpu / work.Count}, nil
}
