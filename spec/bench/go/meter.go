package main

import (
	"sync"
	"syscall"
	"time"
)

// A meter counts bytes or messages and leaves out the first of them: see ../tasks/Meter.ts.
type meter struct {
	mutex   sync.Mutex
	count   float64
	next    float64
	size    float64
	started func()
	begun   time.Time
	cpu     float64
	reading chan reading
}

type reading struct{ seconds, cpu float64 }

func newMeter(warmUp, size float64, started func()) *meter {
	return &meter{next: warmUp, size: size, started: started, reading: make(chan reading, 1)}
}

// add counts; share is called under the meter's lock, so that started sees consistent shares.
func (m *meter) add(count int, share func()) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if share != nil {
		share()
	}
	m.count += float64(count)
	if m.count < m.next {
		return
	}
	if m.begun.IsZero() {
		if m.started != nil {
			m.started()
		}
		m.next += m.size
		m.begun = time.Now()
		m.cpu = cpuSeconds()
		return
	}
	m.next = 1e300
	m.reading <- reading{time.Since(m.begun).Seconds(), cpuSeconds() - m.cpu}
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}
