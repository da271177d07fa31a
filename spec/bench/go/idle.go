package main

import (
	"bytes"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/xtaci/smux"
)

// serveIdle has a reader for each stream, as every Go program that uses one.
func serveIdle(session *smux.Session, work work) (values, error) {
	var first *smux.Stream
	accepted := 0.0
	accept := func(count float64) error {
		for ; accepted < count; accepted++ {
			stream, err := session.AcceptStream()
			if err != nil {
				return err
			}
			if first == nil {
				first = stream
			}
			go io.ReadFull(stream, make([]byte, 2))
		}
		_, err := first.Write([]byte{0})
		return err
	}
	if err := accept(work.WarmUp); err != nil {
		return nil, err
	}
	before := settledRss()
	if err := accept(work.WarmUp + work.Count); err != nil {
		return nil, err
	}
	return values{"bytesPerStream": (settledRss() - before) / work.Count}, nil
}

func driveIdle(session *smux.Session, work work) (values, error) {
	first, err := session.OpenStream()
	if err != nil {
		return nil, err
	}
	streams := []*smux.Stream{first}
	open := func(count float64) error {
		for float64(len(streams)) < count {
			stream, err := session.OpenStream()
			if err != nil {
				return err
			}
			go io.ReadFull(stream, make([]byte, 1))
			streams = append(streams, stream)
		}
		_, err := io.ReadFull(first, make([]byte, 1))
		return err
	}
	if err := open(work.WarmUp); err != nil {
		return nil, err
	}
	before := settledRss()
	if err := open(work.WarmUp + work.Count); err != nil {
		return nil, err
	}
	return values{"bytesPerStream": (settledRss() - before) / work.Count}, nil
}

// settledRss is what is left when garbage has been collected and given back, in bytes.
func settledRss() float64 {
	smallest := 1e300
	for range 10 {
		debug.FreeOSMemory()
		time.Sleep(30 * time.Millisecond)
		text, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			panic(err)
		}
		pages, err := strconv.ParseFloat(string(bytes.Fields(text)[1]), 64)
		if err != nil {
			panic(err)
		}
		smallest = min(smallest, pages*float64(os.Getpagesize()))
	}
	return smallest
}
