package shard

import (
	"encoding/binary"
	"fmt"
)

// maxCollected is how many bytes a rank may give to Collect, so that a wrong length takes no memory.
const maxCollected = 1 << 30

// Collect gives rank 0 what each rank brings, by rank; with all, every rank. The lengths may differ. Elsewhere, and after an error, it
// gives nil.
func (g *Group) Collect(op string, mine []byte, all bool) [][]byte {
	if g == nil || g.carrier == nil {
		return [][]byte{mine}
	}
	if len(mine) > maxCollected {
		panic(fmt.Sprintf("shard: %d bytes are more than a rank may bring", len(mine)))
	}
	lengths := make([][]byte, g.Ranks())
	for r := range lengths {
		lengths[r] = make([]byte, 4)
	}
	g.toSome(op, binary.LittleEndian.AppendUint32(nil, uint32(len(mine))), lengths, all)
	from := make([][]byte, g.Ranks())
	for r, b := range lengths {
		n := binary.LittleEndian.Uint32(b)
		if r == g.Rank() || g.err != nil {
			continue
		}
		if n > maxCollected {
			g.err = fmt.Errorf("%s: rank %d brings %d bytes, more than the %d that it may", op, r, n, maxCollected)
			return nil
		}
		from[r] = make([]byte, n)
	}
	if g.toSome(op, mine, from, all); g.err != nil || !all && g.Rank() > 0 {
		return nil
	}
	from[g.Rank()] = mine
	return from
}

// toSome is toAll, or sends to rank 0 alone.
func (g *Group) toSome(op string, mine []byte, from [][]byte, all bool) {
	if all {
		g.toAll(op, mine, from)
		return
	}
	to := make([][]byte, g.Ranks())
	if g.Rank() > 0 {
		to[0], from = mine, make([][]byte, g.Ranks())
	}
	g.exchange(op, to, from)
}
