package main

import (
	"runtime"

	"github.com/xtaci/smux"
)

func serveBulk(session *smux.Session, work work) (values, error) {
	received := make([]float64, work.Streams)
	var before []float64
	var after []float64
	meter := newMeter(work.WarmUp, work.Size, func() { before = append(before, received...) })
	go acceptEach(session, work.Streams, func(index int, stream *smux.Stream) {
		readAll(stream, 128*1024, func(count int) {
			meter.add(count, func() { received[index] += float64(count) })
		})
	})
	reading := <-meter.reading
	meter.mutex.Lock()
	after = append(after, received...)
	meter.mutex.Unlock()
	values := values{"bytesPerSecond": work.Size / reading.seconds, "cpuPerGb": reading.cpu * 1e9 / work.Size}
	if work.Streams > 1 {
		sum, squares, starved := 0.0, 0.0, 0.0
		for index := range after {
			share := after[index] - before[index]
			sum += share
			squares += share * share
			if share == 0 {
				starved++
			}
		}
		values["jain"] = sum * sum / (float64(work.Streams) * squares)
		values["starved"] = starved
	}
	return values, nil
}

func driveBulk(session *smux.Session, work work) (values, error) {
	meter := newMeter(work.WarmUp, work.Size, nil)
	chunk := make([]byte, work.ChunkSize)
	err := openEach(session, work.Streams, chunk, func() {
		meter.add(len(chunk), nil)
		if work.DoesYield {
			runtime.Gosched()
		}
	})
	if err != nil {
		return nil, err
	}
	reading := <-meter.reading
	return values{"cpuPerGb": reading.cpu * 1e9 / work.Size}, nil
}
