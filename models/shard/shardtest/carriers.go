// Package shardtest runs several ranks in one process, for tests.
package shardtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"udml-gpu/models/shard"
)

// carrier is a shard.Carrier whose ranks are goroutines: a channel for each pair.
type carrier struct {
	rank  int
	pairs [][]chan []byte // from rank to rank
	ended []chan struct{} // by rank
}

// placed is a carrier whose ranks are on hosts.
type placed struct {
	*carrier
	hosts   []string // by rank
	crossed *atomic.Int64
}

func (p *placed) Hosts() []string { return p.hosts }

// Exchange is Carrier.Exchange, and counts what goes from host to host.
func (p *placed) Exchange(op string, to, from [][]byte) error {
	for r, b := range to {
		if p.hosts[r] != p.hosts[p.rank] {
			p.crossed.Add(int64(len(b)))
		}
	}
	return p.carrier.Exchange(op, to, from)
}

func (c *carrier) Rank() int { return c.rank }
func (c *carrier) Size() int { return len(c.pairs) }

// Exchange is Carrier.Exchange. A length that differs from what the other side expects is an error, and a rank that has ended.
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
		got, err := c.receive(r)
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		if len(got) != len(b) {
			return fmt.Errorf("%s: rank %d has sent %d bytes, want %d", op, r, len(got), len(b))
		}
		copy(b, got)
	}
	return nil
}

func (c *carrier) receive(from int) ([]byte, error) {
	select {
	case b := <-c.pairs[from][c.rank]:
		return b, nil
	case <-c.ended[from]:
	}
	select {
	case b := <-c.pairs[from][c.rank]: // that it sent before it ended
		return b, nil
	default:
		return nil, fmt.Errorf("rank %d has ended", from)
	}
}

// Run calls f for each of so many ranks, each in a goroutine of its own with its carrier, and waits for all. A rank ends when f returns.
func Run(t testing.TB, ranks int, f func(c shard.Carrier)) {
	t.Helper()
	run(ranks, func(c *carrier) { f(c) })
}

// RunOn is Run of a rank on each of these hosts, by name; the carriers are shard.Placed. It returns how many bytes have crossed from one
// host to another.
func RunOn(t testing.TB, hosts []string, f func(c shard.Carrier)) int {
	t.Helper()
	var crossed atomic.Int64
	run(len(hosts), func(c *carrier) { f(&placed{c, hosts, &crossed}) })
	return int(crossed.Load())
}

func run(ranks int, f func(c *carrier)) {
	pairs, ended := make([][]chan []byte, ranks), make([]chan struct{}, ranks)
	for i := range pairs {
		ended[i] = make(chan struct{})
		for range ranks {
			pairs[i] = append(pairs[i], make(chan []byte, 64))
		}
	}
	var wait sync.WaitGroup
	for r := range ranks {
		wait.Go(func() {
			defer close(ended[r])
			f(&carrier{r, pairs, ended})
		})
	}
	wait.Wait()
}
