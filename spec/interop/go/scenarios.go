package main

import (
	"time"

	"github.com/xtaci/smux"
)

type scenario struct {
	name       string
	configure  func(*smux.Config)
	needs      int    // protocol version; 0: both
	halfCloses bool   // needs CloseWrite
	only       string // role worth recording
	silent     bool   // nothing sent is worth recording too
	cutAt      int    // bytes; for NOPs, which go on and on
	run        func(p pair)
}

func frameSize(size int) func(*smux.Config) {
	return func(config *smux.Config) { config.MaxFrameSize = size }
}

var scenarios = []scenario{
	{name: "a session without streams is silent", silent: true, run: func(p pair) {}},
	{name: "closing a session with open streams adds nothing", run: func(p pair) {
		open(p.client, p.server)
		open(p.server, p.client)
		check(p.client.Close())
		check(p.server.Close())
	}},
	{name: "a stream of no bytes, and an empty write in it", run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 0, 1)
		check(opened.Close())
		check(accepted.Close())
	}},
	{name: "the client opens and writes one byte, the server reads it", run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 1, 1)
		read(accepted, 1, 1)
	}},
	{name: "the server opens and writes, the client reads and closes", run: func(p pair) {
		opened, accepted := open(p.server, p.client)
		write(opened, 5, 2)
		read(accepted, 5, 5)
		check(accepted.Close())
	}},
	{name: "both sides open three streams each", run: func(p pair) {
		for range 3 {
			open(p.client, p.server)
			open(p.server, p.client)
		}
	}},
	{name: "a write is split into frames of at most 100 bytes", configure: frameSize(100), run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 250, 3)
		write(opened, 100, 4)
		write(opened, 101, 5)
		read(accepted, 451, 100)
		check(opened.Close())
	}},
	{name: "a full frame of the default size and one byte more", needs: 2, only: "client", run: func(p pair) {
		opened, _ := open(p.client, p.server)
		write(opened, 32769, 6)
	}},
	{name: "both ends write and close", run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 20, 7)
		read(accepted, 20, 20)
		write(accepted, 30, 8)
		read(opened, 30, 30)
		check(accepted.Close())
		check(opened.Close())
	}},
	{name: "a close leaves bytes unread", run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 40, 9)
		write(accepted, 40, 10)
		check(opened.Close())
		check(accepted.Close())
	}},
	{name: "half-close, answer, half-close", halfCloses: true, run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 12, 11)
		check(closeWrite(opened))
		read(accepted, 12, 12)
		write(accepted, 24, 12)
		read(opened, 24, 24)
		check(closeWrite(accepted))
	}},
	{name: "a close after a half-close sends FIN again", halfCloses: true, only: "client", run: func(p pair) {
		opened, _ := open(p.client, p.server)
		write(opened, 3, 13)
		check(closeWrite(opened))
		check(opened.Close())
	}},
	{name: "three streams take turns", configure: frameSize(16), run: func(p pair) {
		one, atOne := open(p.client, p.server)
		two, atTwo := open(p.client, p.server)
		write(one, 40, 14)
		write(two, 20, 15)
		three, atThree := open(p.server, p.client)
		write(atTwo, 17, 16)
		write(one, 8, 17)
		read(atOne, 48, 16)
		check(one.Close())
		write(three, 16, 18)
		read(atThree, 16, 16)
		write(atThree, 33, 19)
		read(two, 17, 16)
		check(three.Close())
		check(atTwo.Close())
	}},
	{name: "keepalive", cutAt: 2 * headerSize, configure: func(config *smux.Config) {
		config.KeepAliveDisabled = false
		config.KeepAliveInterval = 20 * time.Millisecond
		config.KeepAliveTimeout = 10 * time.Second
	}, run: func(p pair) {
		p.fromClient.waitFor(2 * headerSize)
		p.fromServer.waitFor(2 * headerSize)
	}},
	{name: "window updates: on the first read, then after each half of 1000", needs: 2, configure: func(config *smux.Config) {
		config.MaxFrameSize = 100
		config.MaxStreamBuffer = 1000
	}, only: "server", run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 2400, 20)
		read(accepted, 2400, 70)
	}},
	{name: "window updates of reads of 10000 with the default window", needs: 2, only: "server", run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 200000, 21)
		read(accepted, 200000, 10000)
	}},
	{name: "window updates between answers", needs: 2, only: "server", configure: func(config *smux.Config) {
		config.MaxStreamBuffer = 64
	}, run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		for round := range uint32(3) {
			write(opened, 40, 22+round)
			read(accepted, 40, 40)
			write(accepted, 10, 25+round)
			read(opened, 10, 10)
		}
	}},
	{name: "the largest window", needs: 2, only: "server", configure: func(config *smux.Config) {
		config.MaxReceiveBuffer = 1<<31 - 1
		config.MaxStreamBuffer = 1<<31 - 1
	}, run: func(p pair) {
		opened, accepted := open(p.client, p.server)
		write(opened, 2, 28)
		read(accepted, 2, 2)
	}},
}
