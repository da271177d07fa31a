// Command kcppeer is a Go end of the KCP specs and of the benchmark: xtaci/smux over xtaci/kcp-go, without kcptun's compression.
//
//	kcppeer -listen 127.0.0.1:0 [flags]          serves: each stream says what it wants in its first 9 bytes
//	kcppeer -connect 127.0.0.1:PORT [flags]      asks for -count streams of -size bytes each way, and checks what comes back
//
// A stream begins with 'e' (echo) or 's' (source) and a size of 8 bytes, little-endian.
package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/xtaci/kcp-go/v5"
	"github.com/xtaci/smux"
	"golang.org/x/crypto/pbkdf2"
)

var (
	listen    = flag.String("listen", "", "serve on `HOST:PORT`")
	connect   = flag.String("connect", "", "ask `HOST:PORT`")
	crypt     = flag.String("crypt", "null", "null, none, aes, aes-128, aes-192, aes-128-gcm, 3des, sm4, salsa20, xor")
	key       = flag.String("key", "it's a secrect", "passphrase")
	mode      = flag.String("mode", "fast", "profile of kcptun")
	mtu       = flag.Int("mtu", 1350, "bytes of a datagram")
	sndwnd    = flag.Int("sndwnd", 1024, "segments")
	rcvwnd    = flag.Int("rcvwnd", 1024, "segments")
	data      = flag.Int("datashard", 0, "data shards")
	parity    = flag.Int("parityshard", 0, "parity shards")
	version   = flag.Int("smuxver", 1, "smux protocol")
	count     = flag.Int("count", 1, "streams at once")
	size      = flag.Int64("size", 1<<20, "bytes of a stream, each way; with -source only back")
	source    = flag.Bool("source", false, "ask for bytes, not for an echo")
	streamBuf = flag.Int("streambuf", 2097152, "window of a stream, version 2")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "kcppeer:", err)
		os.Exit(1)
	}
}

func run() error {
	cipher, err := newCipher(*crypt, pbkdf2.Key([]byte(*key), []byte("kcp-go"), 4096, 32, sha1.New))
	if err != nil {
		return err
	}
	if *connect != "" {
		return ask(cipher)
	}
	listener, err := kcp.ListenWithOptions(*listen, cipher, *data, *parity)
	if err != nil {
		return err
	}
	listener.SetReadBuffer(4194304)
	listener.SetWriteBuffer(4194304)
	report(map[string]any{"event": "listening", "addr": listener.Addr().String()})
	go func() { // the server does not outlive whoever started it
		io.Copy(io.Discard, os.Stdin)
		report(map[string]any{"event": "stopped", "cpu": cpu()})
		os.Exit(0)
	}()
	for {
		conn, err := listener.AcceptKCP()
		if err != nil {
			return err
		}
		tune(conn)
		session, err := smux.Server(conn, config())
		if err != nil {
			return err
		}
		go serve(session)
	}
}

func serve(session *smux.Session) {
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		go func() {
			defer stream.Close()
			head := make([]byte, 9)
			if _, err := io.ReadFull(stream, head); err != nil {
				return
			}
			size := int64(binary.LittleEndian.Uint64(head[1:]))
			if head[0] == 's' {
				send(stream, size)
			} else {
				io.CopyN(stream, stream, size)
			}
			io.Copy(io.Discard, stream) // until the asker has read it all
		}()
	}
}

func ask(cipher kcp.BlockCrypt) error {
	begin := time.Now()
	conn, err := kcp.DialWithOptions(*connect, cipher, *data, *parity)
	if err != nil {
		return err
	}
	conn.SetReadBuffer(4194304)
	conn.SetWriteBuffer(4194304)
	tune(conn)
	session, err := smux.Client(conn, config())
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	failures := make(chan error, *count)
	for index := 0; index < *count; index++ {
		group.Add(1)
		go func() {
			defer group.Done()
			failures <- exchange(session)
		}()
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	report(map[string]any{"event": "done", "ms": float64(time.Since(begin).Microseconds()) / 1000, "cpu": cpu()})
	return nil
}

func exchange(session *smux.Session) error {
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	defer stream.Close()
	head := make([]byte, 9)
	head[0] = 'e'
	if *source {
		head[0] = 's'
	}
	binary.LittleEndian.PutUint64(head[1:], uint64(*size))
	if _, err := stream.Write(head); err != nil {
		return err
	}
	if !*source {
		go send(stream, *size)
	}
	return check(stream, *size)
}

// pattern is what all streams carry, again and again: it does not compress, and shows what is missing or out of place.
var pattern = func() []byte {
	bytes := make([]byte, 65521)
	state := uint32(1)
	for index := range bytes {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		bytes[index] = byte(state)
	}
	return bytes
}()

func send(stream io.Writer, size int64) {
	for size > 0 {
		part := pattern[:min(size, int64(len(pattern)))]
		if _, err := stream.Write(part); err != nil {
			return
		}
		size -= int64(len(part))
	}
}

func check(stream io.Reader, size int64) error {
	buffer := make([]byte, len(pattern))
	for size > 0 {
		part := buffer[:min(size, int64(len(pattern)))]
		if _, err := io.ReadFull(stream, part); err != nil {
			return err
		}
		if !bytes.Equal(part, pattern[:len(part)]) {
			return fmt.Errorf("wrong bytes, %d before the end", size)
		}
		size -= int64(len(part))
	}
	return nil
}

func tune(conn *kcp.UDPSession) {
	profiles := map[string][4]int{
		"normal": {0, 40, 2, 1}, "fast": {0, 30, 2, 1}, "fast2": {1, 20, 2, 1}, "fast3": {1, 10, 2, 1},
	}
	profile := profiles[*mode]
	conn.SetStreamMode(true)
	conn.SetWriteDelay(false)
	conn.SetNoDelay(profile[0], profile[1], profile[2], profile[3])
	conn.SetWindowSize(*sndwnd, *rcvwnd)
	conn.SetMtu(*mtu)
	conn.SetACKNoDelay(false)
}

func config() *smux.Config {
	config := smux.DefaultConfig()
	config.Version = *version
	config.MaxReceiveBuffer = 4194304
	config.MaxStreamBuffer = *streamBuf
	return config
}

func newCipher(name string, key []byte) (kcp.BlockCrypt, error) {
	switch name {
	case "null":
		return nil, nil
	case "none":
		return kcp.NewNoneBlockCrypt(key)
	case "aes":
		return kcp.NewAESBlockCrypt(key)
	case "aes-192":
		return kcp.NewAESBlockCrypt(key[:24])
	case "aes-128":
		return kcp.NewAESBlockCrypt(key[:16])
	case "aes-128-gcm":
		return kcp.NewAESGCMCrypt(key[:16])
	case "3des":
		return kcp.NewTripleDESBlockCrypt(key[:24])
	case "sm4":
		return kcp.NewSM4BlockCrypt(key[:16])
	case "salsa20":
		return kcp.NewSalsa20BlockCrypt(key)
	case "xor":
		return kcp.NewSimpleXORBlockCrypt(key)
	}
	return nil, fmt.Errorf("no such cipher: %s", name)
}

// cpu is the processor time so far, in milliseconds.
func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func report(event map[string]any) {
	line, _ := json.Marshal(event)
	fmt.Println(string(line))
}
