package shard

import "encoding/binary"

// maxShared is the largest text that Share sends, in bytes.
const maxShared = 1 << 20

// Share is the text of rank 0 on every rank; after an error, the own one. Only the first MiB of it is sent.
func (g *Group) Share(op, text string) string {
	if g == nil || g.carrier == nil {
		return text
	}
	text = text[:min(len(text), maxShared)]
	length := make([]byte, 4)
	binary.LittleEndian.PutUint32(length, uint32(len(text)))
	g.FromFirst(op, length)
	if n := binary.LittleEndian.Uint32(length); g.err == nil && n <= maxShared {
		b := make([]byte, n)
		copy(b, text)
		if g.FromFirst(op, b); g.err == nil {
			return string(b)
		}
	}
	return text
}

// FromFirst overwrites b with that of rank 0, of the same length, on every rank; after an error its content is not to be used.
func (g *Group) FromFirst(op string, b []byte) {
	if g == nil || g.carrier == nil {
		return
	}
	to, from := make([][]byte, g.Ranks()), make([][]byte, g.Ranks())
	if g.Rank() > 0 {
		from[0] = b
	}
	for r := 1; g.Rank() == 0 && r < len(to); r++ {
		to[r] = b
	}
	g.exchange(op, to, from)
}
