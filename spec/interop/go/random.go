package main

// A random is a reader of endless pseudo-random bytes: xorshift32, the low byte of each state.
// Both ends of a spec know the bytes of a seed, so a comparison finds the first wrong one.
type random struct{ state uint32 }

func newRandom(seed uint32) *random {
	if seed == 0 {
		seed = 1 // xorshift never leaves zero
	}
	return &random{seed}
}

func (r *random) next() uint32 {
	r.state ^= r.state << 13
	r.state ^= r.state >> 17
	r.state ^= r.state << 5
	return r.state
}

func (r *random) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.next())
	}
	return len(p), nil
}
