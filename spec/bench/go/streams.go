package main

import "github.com/xtaci/smux"

// acceptEach serves so many streams, or, with a negative count, all that come, each in a goroutine.
func acceptEach(session *smux.Session, count int, serve func(index int, stream *smux.Stream)) {
	for index := 0; index != count; index++ {
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		go serve(index, stream)
	}
}

// readAll tells the size of each read, until the stream ends.
func readAll(stream *smux.Stream, bufferSize int, read func(count int)) {
	buffer := make([]byte, bufferSize)
	for {
		count, err := stream.Read(buffer)
		if err != nil {
			return
		}
		read(count)
	}
}

// openEach opens so many streams; on each a goroutine writes one chunk after the other.
func openEach(session *smux.Session, count int, chunk []byte, written func()) error {
	for index := 0; index < count; index++ {
		stream, err := session.OpenStream()
		if err != nil {
			return err
		}
		go func() {
			for {
				if _, err := stream.Write(chunk); err != nil {
					return
				}
				written()
			}
		}()
	}
	return nil
}
