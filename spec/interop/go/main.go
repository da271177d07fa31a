// Command gopeer is the Go end of the interop specs: xtaci/smux over TCP, told what to do by its peer
// (see serve.go) and by its own standard input (see drive.go), reporting as JSON lines on standard output.
// One source serves all smux versions; each has a module file:
//
//	go build -modfile=smux-1.5.57.mod -o gopeer-1.5.57 .
//
// With -vectors it records what that version puts on the wire. To renew the fixtures:
//
//	for v in 1.5.16 1.5.57; do
//	  go run -modfile=smux-$v.mod . -vectors > ../../fixtures/go/vectors-$v.json
//	done
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/xtaci/smux"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gopeer:", err)
		os.Exit(1)
	}
}

// run returns when in ends, so that the peer never outlives the spec that started it.
func run(arguments []string, in io.Reader, out io.Writer) error {
	options, err := parseOptions(arguments)
	if err != nil {
		return err
	}
	if options.vectors {
		return writeVectors(out)
	}
	peer := newPeer(options, out)
	if options.connect != "" {
		conn, err := net.Dial("tcp", options.connect)
		if err != nil {
			return err
		}
		if err := peer.start(conn); err != nil {
			return err
		}
	} else {
		listener, err := net.Listen("tcp", options.listen)
		if err != nil {
			return err
		}
		defer listener.Close()
		peer.report(event{"event": "listening", "addr": listener.Addr().String()})
		go peer.acceptConnections(listener)
	}
	return peer.obey(in)
}

type options struct {
	listen, connect string
	client          bool // this end opens odd stream IDs, whoever opened the connection
	greet           string
	linger          time.Duration
	vectors         bool
	config          *smux.Config
}

func parseOptions(arguments []string) (options, error) {
	o := options{config: smux.DefaultConfig()}
	flags := flag.NewFlagSet("gopeer", flag.ContinueOnError)
	flags.StringVar(&o.listen, "listen", "", "accept connections on `HOST:PORT`")
	flags.StringVar(&o.connect, "connect", "", "connect to `HOST:PORT`")
	role := flags.String("role", "", "server or client (default: server with -listen, client with -connect)")
	flags.StringVar(&o.greet, "greet", "", "write `TEXT` and a newline on each accepted stream, before reading")
	milliseconds(flags, &o.linger, "linger", "wait `MS` before the FIN of an answer to an opener that has half-closed")
	flags.BoolVar(&o.vectors, "vectors", false, "print test vectors and exit")

	flags.IntVar(&o.config.Version, "version", o.config.Version, "smux protocol, 1 or 2")
	flags.BoolVar(&o.config.KeepAliveDisabled, "keepalive-disabled", false, "send no NOP, bear any silence")
	milliseconds(flags, &o.config.KeepAliveInterval, "keepalive-interval", "send a NOP each `MS`")
	milliseconds(flags, &o.config.KeepAliveTimeout, "keepalive-timeout", "close after `MS` of silence")
	flags.IntVar(&o.config.MaxFrameSize, "max-frame-size", o.config.MaxFrameSize, "largest payload sent, in bytes")
	flags.IntVar(&o.config.MaxReceiveBuffer, "max-receive-buffer", o.config.MaxReceiveBuffer, "receive budget of a session")
	flags.IntVar(&o.config.MaxStreamBuffer, "max-stream-buffer", o.config.MaxStreamBuffer, "window of a stream (version 2)")

	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if !o.vectors && (o.listen == "") == (o.connect == "") {
		return o, fmt.Errorf("give either -listen or -connect")
	}
	switch *role {
	case "client", "server":
		o.client = *role == "client"
	case "":
		o.client = o.connect != ""
	default:
		return o, fmt.Errorf("no such role: %s", *role)
	}
	return o, smux.VerifyConfig(o.config)
}

// milliseconds declares a flag that is a plain number, as the options of the specs are.
func milliseconds(flags *flag.FlagSet, target *time.Duration, name, usage string) {
	usage += fmt.Sprintf(" (default %d)", target.Milliseconds())
	flags.Func(name, usage, func(text string) error {
		duration, err := time.ParseDuration(text + "ms")
		*target = duration
		return err
	})
}
