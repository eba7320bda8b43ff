package survey

import (
	"encoding/binary"
	"time"

	"udml-gpu/models/shard"
)

// rounds is how often clocks are asked; the fastest round counts.
const rounds = 7

// clocks compares the clocks of all ranks with that of rank 0: how many seconds each is ahead, and by how much that may be wrong. Only on
// rank 0 the result means anything.
func clocks(c shard.Carrier) (skew []float64, inexact float64) {
	skew = make([]float64, c.Size())
	ask, stamp := make([][]byte, c.Size()), make([][]byte, c.Size())
	none := make([][]byte, c.Size())
	for round := range rounds {
		for r := range ask {
			ask[r], stamp[r] = nil, nil
			if (c.Rank() == 0) != (r == 0) { // between rank 0 and the others
				ask[r], stamp[r] = make([]byte, 1), make([]byte, 8)
			}
		}
		before := time.Now()
		if c.Rank() == 0 {
			if c.Exchange("ask for the time", ask, none) != nil || c.Exchange("tell the time", none, stamp) != nil {
				return skew, 0
			}
		} else {
			if c.Exchange("ask for the time", none, ask) != nil {
				return skew, 0
			}
			binary.LittleEndian.PutUint64(stamp[0], uint64(time.Now().UnixNano()))
			if c.Exchange("tell the time", stamp, none) != nil {
				return skew, 0
			}
			continue
		}
		took := time.Since(before)
		if half := took.Seconds() / 2; round > 0 && half >= inexact {
			continue
		}
		inexact = took.Seconds() / 2
		for r := 1; r < len(stamp); r++ {
			theirs := time.Unix(0, int64(binary.LittleEndian.Uint64(stamp[r])))
			skew[r] = theirs.Sub(before.Add(took / 2)).Seconds()
		}
	}
	return skew, inexact
}
