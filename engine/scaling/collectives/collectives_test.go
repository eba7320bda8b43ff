package collectives

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"udml-gpu/models/shard"
)

// carrier exchanges bytes between goroutines. It notes what was asked of it, and takes wait for each exchange.
type carrier struct {
	rank  int
	lines [][]chan []byte // lines[a][b] carries from rank a to rank b
	wait  time.Duration
	calls map[string][]int // by op, the bytes that came in, one number a call
	fail  string           // the op that fails
}

var _ shard.Carrier = (*carrier)(nil)

func (c *carrier) Rank() int { return c.rank }
func (c *carrier) Size() int { return len(c.lines) }

var errBroken = errors.New("the line is broken")

func (c *carrier) Exchange(op string, to, from [][]byte) error {
	if op == c.fail {
		return errBroken
	}
	time.Sleep(c.wait)
	for r, b := range to {
		if r != c.rank {
			c.lines[c.rank][r] <- b
		}
	}
	received := 0
	for r := range from {
		if r == c.rank {
			continue
		}
		b := <-c.lines[r][c.rank]
		if len(b) != len(from[r]) {
			return fmt.Errorf("rank %d sent %d bytes to rank %d, which expects %d", r, len(b), c.rank, len(from[r]))
		}
		received += copy(from[r], b)
	}
	c.calls[op] = append(c.calls[op], received)
	return nil
}

// together measures on so many ranks at once.
func together(ranks int, sizes []int, change func(*carrier)) ([]*carrier, []Result, []error) {
	lines := make([][]chan []byte, ranks)
	for a := range lines {
		for range ranks {
			lines[a] = append(lines[a], make(chan []byte, 1))
		}
	}
	var wait sync.WaitGroup
	carriers, results, errs := make([]*carrier, ranks), make([]Result, ranks), make([]error, ranks)
	for r := range ranks {
		carriers[r] = &carrier{rank: r, lines: lines, calls: map[string][]int{}}
		change(carriers[r])
		wait.Go(func() { results[r], errs[r] = Measure(carriers[r], sizes) })
	}
	wait.Wait()
	return carriers, results, errs
}

func TestMeasure(t *testing.T) {
	const slow = 2 * time.Millisecond
	sizes := []int{7, 32 << 20} // 7 bytes are no whole number of bytes for each of three ranks
	carriers, results, errs := together(3, sizes, func(c *carrier) { c.wait = slow })
	for r, result := range results {
		if errs[r] != nil {
			t.Fatal(errs[r])
		}
		if result.Ranks != 3 || result.Latency < slow.Seconds() {
			t.Errorf("rank %d: %d ranks with a latency of %g s, want at least %v", r, result.Ranks, result.Latency, slow)
		}
		if len(result.Rows) != 2*len(sizes) {
			t.Fatalf("%d rows", len(result.Rows))
		}
		for i, row := range result.Rows {
			if row.Bytes != sizes[i%2] || (row.Pattern == AllGather) != (i < 2) {
				t.Errorf("row %d is of %s with %d bytes", i, row.Pattern, row.Bytes)
			}
			received := 2 * row.Bytes
			if row.Pattern == AllToAll {
				received = 2 * ((r+1)*row.Bytes/3 - r*row.Bytes/3)
			}
			if got := row.BytesPerSecond * row.Seconds; !(got > float64(received)-0.5 && got < float64(received)+0.5) {
				t.Errorf("rank %d, %s of %d bytes: %g bytes came in, want %d", r, row.Pattern, row.Bytes, got, received)
			}
			calls := carriers[r].calls[fmt.Sprintf("measure %s of %d bytes", row.Pattern, row.Bytes)]
			if want := warmUps + map[int]int{7: mostTimes, 32 << 20: leastTimes}[row.Bytes]; len(calls) != want || calls[0] != received {
				t.Errorf("rank %d, %s of %d bytes: %d calls with %v bytes, want %d", r, row.Pattern, row.Bytes, len(calls), calls[:1], want)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	_, _, errs := together(1, nil, func(*carrier) {})
	if errs[0] == nil {
		t.Error("one rank is accepted")
	}
	_, _, errs = together(3, []int{2}, func(*carrier) {})
	if errs[0] == nil || errs[1] == nil || errs[2] == nil {
		t.Error("2 bytes for 3 ranks are accepted")
	}
	for _, op := range []string{"measure all-gather of 4 bytes", "measure all-to-all of 64 bytes"} {
		_, _, errs = together(2, []int{64}, func(c *carrier) { c.fail = op })
		for _, err := range errs {
			if !errors.Is(err, errBroken) {
				t.Errorf("%s fails: %v", op, err)
			}
		}
	}
}
