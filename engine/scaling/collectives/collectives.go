// Package collectives measures how fast the ranks of a run exchange bytes, for the inputs of package scaling.
package collectives

import (
	"fmt"
	"slices"
	"time"

	"udml-gpu/models/shard"
)

// Pattern is who gets what.
type Pattern string

// The patterns of a step: features are gathered, gradients go out in pieces and are gathered.
const (
	AllGather Pattern = "all-gather" // each rank sends the same bytes to every other
	AllToAll  Pattern = "all-to-all" // each rank sends a piece of its bytes to every other
	// What a step calls, with copies and additions: of shard.Group, with float32 on the CPU.
	Gather Pattern = "gather"
	Sum    Pattern = "sum"   // of arrays of so many bytes
	Agree  Pattern = "agree" // on 4 bytes
)

// Row is the speed of one pattern with so many bytes of each rank.
type Row struct {
	Pattern        Pattern `json:"pattern"`
	Bytes          int     `json:"bytes"`            // of each rank
	Seconds        float64 `json:"seconds"`          // of one exchange as this rank saw it, median
	BytesPerSecond float64 `json:"bytes_per_second"` // that this rank received; of a sum, that were summed
}

// Result is what one rank measured.
type Result struct {
	Ranks   int     `json:"ranks"`
	Latency float64 `json:"latency"` // seconds of an all-gather of 4 bytes
	Rows    []Row   `json:"rows"`
	Within  *Link   `json:"within_host,omitempty"`
	Between *Link   `json:"between_hosts,omitempty"`
}

const (
	smallest   = 4 // bytes, a number
	warmUps    = 3
	leastTimes = 5
	mostTimes  = 100
	totalBytes = 64 << 20 // that a rank sends to another for one row, where that is between leastTimes and mostTimes exchanges
)

// Measure times exchanges of sizes bytes. All ranks call it with the same sizes, each at least as many bytes as there are ranks.
func Measure(c shard.Carrier, sizes []int) (Result, error) {
	ranks := c.Size()
	if ranks < 2 {
		return Result{}, fmt.Errorf("one rank alone has nothing to exchange: start at least two")
	}
	for _, size := range sizes {
		if size < ranks {
			return Result{}, fmt.Errorf("%d bytes cannot be cut into pieces for %d ranks", size, ranks)
		}
	}
	latency, err := measure(c, AllGather, smallest)
	if err != nil {
		return Result{}, err
	}
	result := Result{Ranks: ranks, Latency: latency.Seconds}
	for _, pattern := range []Pattern{AllGather, AllToAll} {
		for _, size := range sizes {
			row, err := measure(c, pattern, size)
			if err != nil {
				return Result{}, err
			}
			result.Rows = append(result.Rows, row)
		}
	}
	return result, nil
}

// measure is the row of one pattern and size. How often it exchanges follows from the size alone, so that all ranks do the same.
func measure(c shard.Carrier, pattern Pattern, size int) (Row, error) {
	to, from, received := buffers(c, pattern, size)
	op := fmt.Sprintf("measure %s of %d bytes", pattern, size)
	median, err := timed(size, func() error { return c.Exchange(op, to, from) })
	return Row{pattern, size, median, float64(received) / median}, err
}

// timed is the median of the times, in seconds, that do takes, which moves so many bytes.
func timed(bytes int, do func() error) (float64, error) {
	times := min(mostTimes, max(leastTimes, totalBytes/bytes))
	seconds := make([]float64, 0, times)
	for i := range warmUps + times {
		began := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		if i >= warmUps {
			seconds = append(seconds, time.Since(began).Seconds())
		}
	}
	slices.Sort(seconds)
	return (seconds[(times-1)/2] + seconds[times/2]) / 2, nil
}

// buffers are the arguments of Exchange, and how many bytes come in.
func buffers(c shard.Carrier, pattern Pattern, size int) (to, from [][]byte, received int) {
	ranks, rank := c.Size(), c.Rank()
	own := make([]byte, size)
	to, from = make([][]byte, ranks), make([][]byte, ranks)
	for r := range ranks {
		if r == rank {
			continue
		}
		begin, end := piece(pattern, r, ranks, size)
		to[r] = own[begin:end]
		begin, end = piece(pattern, rank, ranks, size)
		from[r] = make([]byte, end-begin)
		received += end - begin
	}
	return to, from, received
}

// piece is where the bytes for that rank lie in those of another.
func piece(pattern Pattern, rank, ranks, size int) (begin, end int) {
	if pattern == AllGather {
		return 0, size
	}
	return rank * size / ranks, (rank + 1) * size / ranks
}
