package main

import (
	"io"
	"math"
	"slices"
	"time"

	"github.com/xtaci/smux"
)

func serveEcho(session *smux.Session) (values, error) {
	go func() {
		for isFirst := true; ; isFirst = false {
			stream, err := session.AcceptStream()
			if err != nil {
				return
			}
			if isFirst {
				go io.Copy(stream, stream)
			} else {
				go io.Copy(io.Discard, stream)
			}
		}
	}()
	return values{}, nil
}

func driveEcho(session *smux.Session, work work) (values, error) {
	stream, err := session.OpenStream()
	if err != nil {
		return nil, err
	}
	message := make([]byte, messageSize)
	ask := func() error {
		if _, err := stream.Write(message); err != nil {
			return err
		}
		_, err := io.ReadFull(stream, message)
		return err
	}
	if err := ask(); err != nil {
		return nil, err
	}
	if work.IsLoaded {
		bulk, err := session.OpenStream()
		if err != nil {
			return nil, err
		}
		go func() {
			chunk := make([]byte, 128*1024)
			for {
				if _, err := bulk.Write(chunk); err != nil {
					return
				}
			}
		}()
	}
	var times []float64
	for index := 0.0; index < work.WarmUp+work.Count; index++ {
		start := time.Now()
		if err := ask(); err != nil {
			return nil, err
		}
		if index >= work.WarmUp {
			times = append(times, time.Since(start).Seconds()*1000)
		}
	}
	slices.Sort(times)
	percentile := func(percent float64) float64 {
		return times[int(math.Ceil(float64(len(times))*percent/100))-1]
	}
	return values{"p50": percentile(50), "p99": percentile(99)}, nil
}
