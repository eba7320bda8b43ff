// Package shardtest runs several ranks in one process, for tests.
package shardtest

import (
	"fmt"
	"sync"
	"testing"

	"udml-gpu/models/shard"
)

// carrier is a shard.Carrier whose ranks are goroutines: a channel for each pair.
type carrier struct {
	rank  int
	pairs [][]chan []byte // from rank to rank
}

func (c *carrier) Rank() int { return c.rank }
func (c *carrier) Size() int { return len(c.pairs) }

// Exchange is Carrier.Exchange. A length that differs from what the other side expects is an error.
func (c *carrier) Exchange(op string, to, from [][]byte) error {
	for r, b := range to {
		if r != c.rank && len(b) > 0 {
			c.pairs[c.rank][r] <- append([]byte(nil), b...)
		}
	}
	for r, b := range from {
		if r == c.rank || len(b) == 0 {
			continue
		}
		got := <-c.pairs[r][c.rank]
		if len(got) != len(b) {
			return fmt.Errorf("%s: rank %d has sent %d bytes, want %d", op, r, len(got), len(b))
		}
		copy(b, got)
	}
	return nil
}

// Run calls f for each of so many ranks, each in a goroutine of its own with its carrier, and waits for all.
func Run(t testing.TB, ranks int, f func(c shard.Carrier)) {
	t.Helper()
	pairs := make([][]chan []byte, ranks)
	for i := range pairs {
		for range ranks {
			pairs[i] = append(pairs[i], make(chan []byte, 64))
		}
	}
	var wait sync.WaitGroup
	for r := range ranks {
		wait.Go(func() { f(&carrier{r, pairs}) })
	}
	wait.Wait()
}
