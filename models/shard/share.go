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

// Texts are the texts of all ranks, by rank, on every rank; after an error only the own one is there. Only the first MiB of each is sent.
func (g *Group) Texts(op, text string) []string {
	all := make([]string, g.Ranks())
	text = text[:min(len(text), maxShared)]
	if all[g.Rank()] = text; len(all) == 1 {
		return all
	}
	from := make([][]byte, len(all))
	for r := range from {
		if r != g.Rank() {
			from[r] = make([]byte, 4)
		}
	}
	g.toAll(op, little(uint32(len(text))), from)
	if g.err != nil {
		return all
	}
	for r, b := range from {
		if r != g.Rank() {
			from[r] = make([]byte, min(binary.LittleEndian.Uint32(b), maxShared))
		}
	}
	g.toAll(op, []byte(text), from)
	for r, b := range from {
		if r != g.Rank() && g.err == nil {
			all[r] = string(b)
		}
	}
	return all
}
