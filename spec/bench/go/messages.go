package main

import "github.com/xtaci/smux"

const messageSize = 64

func serveMessages(session *smux.Session, work work) (values, error) {
	meter := newMeter(work.WarmUp*messageSize, work.Count*messageSize, nil)
	go func() {
		for {
			stream, err := session.AcceptStream()
			if err != nil {
				return
			}
			go func() {
				buffer := make([]byte, 64*1024)
				for {
					count, err := stream.Read(buffer)
					if err != nil {
						return
					}
					meter.add(count, nil)
				}
			}()
		}
	}()
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
	for index := 0; index < work.Streams; index++ {
		stream, err := session.OpenStream()
		if err != nil {
			return nil, err
		}
		go func() {
			for {
				if _, err := stream.Write(message); err != nil {
					return
				}
				meter.add(1, nil)
			}
		}()
	}
	reading := <-meter.reading
	return values{"cpuPerMessage": reading.cpu / work.Count}, nil
}
