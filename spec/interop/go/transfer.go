package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xtaci/smux"
)

const chunkSize = 64 << 10

// A digest says how many bytes went by and what they were.
type digest struct {
	count  int
	sha256 string
}

// String is the receipt which "sink" and "exchange" answer with.
func (d digest) String() string { return fmt.Sprintf("%d %s\n", d.count, d.sha256) }

// writeRandom writes bytes of seed, so many per Write.
func writeRandom(w io.Writer, size int, seed uint32, perWrite int) (digest, error) {
	if perWrite <= 0 {
		perWrite = chunkSize
	}
	source, hash, buffer := newRandom(seed), sha256.New(), make([]byte, perWrite)
	count := 0
	for count < size {
		chunk := buffer[:min(perWrite, size-count)]
		source.Read(chunk)
		n, err := w.Write(chunk)
		hash.Write(chunk[:n])
		count += n
		if err != nil {
			return digest{count, hex.EncodeToString(hash.Sum(nil))}, err
		}
	}
	return digest{count, hex.EncodeToString(hash.Sum(nil))}, nil
}

// readBytes reads exactly size bytes, or to the end if size is negative, showing each chunk to look.
func readBytes(r io.Reader, size int, look func(chunk []byte) error) (digest, error) {
	hash, buffer := sha256.New(), make([]byte, chunkSize)
	count := 0
	var err error
	for err == nil && count != size {
		want := len(buffer)
		if size >= 0 {
			want = min(want, size-count)
		}
		var n int
		n, err = r.Read(buffer[:want])
		hash.Write(buffer[:n])
		if wrong := look(buffer[:n]); wrong != nil {
			err = fmt.Errorf("after byte %d: %w", count, wrong)
		}
		count += n
	}
	if count == size || size < 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return digest{count, hex.EncodeToString(hash.Sum(nil))}, err
}

// readRandom reads size bytes, which must be those of seed.
func readRandom(r io.Reader, size int, seed uint32) (digest, error) {
	source := newRandom(seed)
	wanted := make([]byte, chunkSize)
	return readBytes(r, size, func(chunk []byte) error {
		source.Read(wanted[:len(chunk)])
		if !bytes.Equal(chunk, wanted[:len(chunk)]) {
			return errors.New("wrong bytes")
		}
		return nil
	})
}

func readAny(r io.Reader, size int) (digest, error) {
	return readBytes(r, size, func([]byte) error { return nil })
}

// readLine reads byte by byte: what follows the line stays unread, as the flow control specs need.
func readLine(r io.Reader) (string, error) {
	var line strings.Builder
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(r, one); err != nil {
			return line.String(), err
		}
		if one[0] == '\n' {
			return line.String(), nil
		}
		line.WriteByte(one[0])
	}
}

// readEnd fails unless the stream is at its end. After both FINs smux picks EOF or ErrClosedPipe by chance.
func readEnd(r io.Reader) error {
	n, err := r.Read(make([]byte, 1))
	if n > 0 {
		return errors.New("bytes after the end")
	}
	if err == io.EOF || err == io.ErrClosedPipe {
		return nil
	}
	return err
}

// Half-closing came with smux 1.5.54; an assertion compiles with all versions.
type closeWriter interface{ CloseWrite() error }

var (
	_, canCloseWrite = any((*smux.Stream)(nil)).(closeWriter)
	errNoCloseWrite  = errors.New("no CloseWrite")
)

func closeWrite(stream *smux.Stream) error {
	if half, ok := any(stream).(closeWriter); ok {
		return half.CloseWrite()
	}
	return errNoCloseWrite
}
