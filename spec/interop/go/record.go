package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"sync"
	"time"
)

// A recorder is a connection that remembers what was sent over it.
type recorder struct {
	net.Conn
	mutex sync.Mutex
	bytes []byte
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.Conn.Write(p)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.bytes = append(r.bytes, p[:n]...)
	return n, err
}

func (r *recorder) sent() []byte {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]byte{}, r.bytes...)
}

// waitFor returns once so many bytes were sent. Only NOPs, which come by the clock, need it.
func (r *recorder) waitFor(count int) {
	for len(r.sent()) < count {
		time.Sleep(time.Millisecond)
	}
}

// A frame as the fixtures show it. It is read here with nothing of smux, so that the fixtures check both.
type frame struct {
	Version       uint8   `json:"version"`
	Command       string  `json:"command"`
	StreamID      uint32  `json:"streamId"`
	Length        uint16  `json:"length"`
	Payload       string  `json:"payload,omitempty"` // hex; of long ones only the digest
	PayloadSHA256 string  `json:"payloadSha256,omitempty"`
	Consumed      *uint32 `json:"consumed,omitempty"` // of UPD, as is window
	Window        *uint32 `json:"window,omitempty"`
}

const (
	headerSize      = 8
	longestShownHex = 32 // bytes
)

var commands = []string{"SYN", "FIN", "PSH", "NOP", "UPD"}

func parseFrames(stream []byte) ([]frame, error) {
	frames := []frame{}
	for at := 0; at < len(stream); {
		if len(stream)-at < headerSize {
			return nil, fmt.Errorf("half a header at %d", at)
		}
		header := stream[at : at+headerSize]
		if int(header[1]) >= len(commands) {
			return nil, fmt.Errorf("unknown command %d at %d", header[1], at)
		}
		f := frame{
			Version:  header[0],
			Command:  commands[header[1]],
			Length:   binary.LittleEndian.Uint16(header[2:]),
			StreamID: binary.LittleEndian.Uint32(header[4:]),
		}
		at += headerSize
		if len(stream)-at < int(f.Length) {
			return nil, fmt.Errorf("half a payload at %d", at)
		}
		f.describe(stream[at : at+int(f.Length)])
		at += int(f.Length)
		frames = append(frames, f)
	}
	return frames, nil
}

func (f *frame) describe(payload []byte) {
	switch {
	case f.Command == "UPD" && len(payload) == 8:
		consumed, window := binary.LittleEndian.Uint32(payload), binary.LittleEndian.Uint32(payload[4:])
		f.Consumed, f.Window = &consumed, &window
	case len(payload) > longestShownHex:
		digest := sha256.Sum256(payload)
		f.PayloadSHA256 = hex.EncodeToString(digest[:])
	default:
		f.Payload = hex.EncodeToString(payload)
	}
}
