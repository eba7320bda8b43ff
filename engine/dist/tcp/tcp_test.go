package tcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"udml-gpu/engine/dist"
)

// group is the options of n ranks of one run on the loopback interface.
func group(t testing.TB, n int) []Options {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	all := make([]Options, n)
	for r := range all {
		all[r] = Options{
			Rank: r, Size: n, Master: l.Addr().String(), Token: "secret", Host: fmt.Sprintf("host%d", r), StartLimit: 20 * time.Second,
			Limit: func() time.Duration { return 20 * time.Second },
		}
	}
	all[0].Listener = l
	return all
}

// join joins all of them; the errors by rank.
func join(t testing.TB, all []Options) ([]*Carrier, []error) {
	t.Helper()
	carriers, errs := make([]*Carrier, len(all)), make([]error, len(all))
	var wg sync.WaitGroup
	for i, o := range all {
		wg.Go(func() { carriers[i], errs[i] = Join(context.Background(), o) })
	}
	wg.Wait()
	return carriers, errs
}

// started are n ranks that are connected; they are closed at the end of the test, and no goroutine may be left then.
func started(t testing.TB, all []Options) []*Carrier {
	t.Helper()
	carriers, errs := join(t, all)
	for r, err := range errs {
		if err != nil {
			t.Fatalf("rank %d: %v", r, err)
		}
	}
	t.Cleanup(func() {
		for _, c := range carriers {
			c.Close()
		}
		noneLeft(t)
	})
	return carriers
}

// noneLeft fails if a goroutine of this package is left.
func noneLeft(t testing.TB) {
	t.Helper()
	var stacks string
	for range 100 {
		buf := make([]byte, 1<<20)
		stacks = string(buf[:runtime.Stack(buf, true)])
		count := 0
		for g := range strings.SplitSeq(stacks, "\n\n") {
			if strings.Contains(g, "dist/tcp.(*") {
				count++
			}
		}
		if count == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("goroutines are left:\n%s", stacks)
}

// each calls do for all ranks at once; the errors by rank.
func each(carriers []*Carrier, do func(c *Carrier) error) []error {
	errs := make([]error, len(carriers))
	var wg sync.WaitGroup
	for i, c := range carriers {
		wg.Go(func() { errs[i] = do(c) })
	}
	wg.Wait()
	return errs
}

// pattern is the bytes that rank a sends to rank b in a round.
func pattern(a, b, round, length int) []byte {
	out := make([]byte, length)
	for i := range min(length, 251) {
		out[i] = byte(i*7 + a*31 + b*17 + round*101)
	}
	for n := 251; n < length; n *= 2 {
		copy(out[n:], out[:n])
	}
	return out
}

// swap exchanges by a table of lengths.
func swap(c *Carrier, round int, length func(a, b int) int) error {
	n := c.Size()
	to, from := make([][]byte, n), make([][]byte, n)
	for r := range n {
		to[r] = pattern(c.Rank(), r, round, length(c.Rank(), r))
		from[r] = make([]byte, length(r, c.Rank()))
	}
	to[c.Rank()], from[c.Rank()] = []byte("mine"), []byte("kept")
	if err := c.Exchange("swap", to, from); err != nil {
		return err
	}
	for r := range n {
		want := string(pattern(r, c.Rank(), round, length(r, c.Rank())))
		if r == c.Rank() {
			want = "kept"
		}
		if string(from[r]) != want {
			return fmt.Errorf("round %d: rank %d has got other bytes from %d", round, c.Rank(), r)
		}
	}
	return nil
}

// lengths are tables of how much each rank sends each.
var lengths = map[string]func(a, b int) int{
	"small":       func(a, b int) int { return 1 + a*3 + b },
	"nothing":     func(_, _ int) int { return 0 },
	"large":       func(a, b int) int { return 1<<20 + a*5 + b },
	"to one":      func(_, b int) int { return 1000 * (1 - min(b, 1)) },
	"from one":    func(a, _ int) int { return 1000 * (1 - min(a, 1)) },
	"ring":        func(a, b int) int { return 70000 * (1 - min(max(b-a-1, a+1-b), 1)) },
	"upper":       func(a, b int) int { return max(b-a, 0) * 5000 },
	"very uneven": func(a, b int) int { return a * b << 16 },
}

func TestExchange(t *testing.T) {
	for n := 1; n <= 5; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			carriers := started(t, group(t, n))
			for name, length := range lengths {
				for round := range 3 {
					for r, err := range each(carriers, func(c *Carrier) error { return swap(c, round, length) }) {
						if err != nil {
							t.Errorf("%s, rank %d: %v", name, r, err)
						}
					}
				}
			}
			for r, host := range carriers[n-1].Hosts() {
				if host != fmt.Sprintf("host%d", r) {
					t.Errorf("host of rank %d is %q", r, host)
				}
			}
		})
	}
}

// TestExchangeOfAHundredMegabytes: both ways at once, more than what sockets hold.
func TestExchangeOfAHundredMegabytes(t *testing.T) {
	carriers := started(t, group(t, 2))
	for _, err := range each(carriers, func(c *Carrier) error { return swap(c, 0, func(a, b int) int { return 100_000_000 + a }) }) {
		if err != nil {
			t.Error(err)
		}
	}
}

// TestExchangeAhead: a rank that is several exchanges ahead, and then finishes, does not disturb a slow one.
func TestExchangeAhead(t *testing.T) {
	all := group(t, 2)
	all[1].Lost = func(err error) { t.Errorf("rank 0 has finished, but: %v", err) }
	carriers := started(t, all)
	oneWay := func(a, _ int) int { return 1000 * (1 - a) }
	for round := range 5 {
		if err := swap(carriers[0], round, oneWay); err != nil {
			t.Fatal(err)
		}
	}
	carriers[0].Close()
	time.Sleep(50 * time.Millisecond)
	for round := range 5 {
		if err := swap(carriers[1], round, oneWay); err != nil {
			t.Fatal(err)
		}
	}
	err := swap(carriers[1], 5, oneWay)
	var gone *dist.PeerError
	if !errors.As(err, &gone) || gone.Rank != 0 || !strings.Contains(err.Error(), "it has finished") {
		t.Errorf("after the end of rank 0: %v", err)
	}
	if again := swap(carriers[1], 6, oneWay); again != err {
		t.Errorf("the first error is not final: %v", again)
	}
}

// TestExchangeOfOtherLengths: the error names both lengths, and is not that of a lost peer; the other rank ends too.
func TestExchangeOfOtherLengths(t *testing.T) {
	carriers := started(t, group(t, 2))
	errs := each(carriers, func(c *Carrier) error {
		to, from := [][]byte{make([]byte, 8), make([]byte, 8)}, [][]byte{make([]byte, 8), make([]byte, 8)}
		if c.Rank() == 1 {
			from[0] = make([]byte, 12)
		}
		if err := c.Exchange("gather", to, from); err != nil {
			return err
		}
		return c.Exchange("gather", to, from)
	})
	var gone *dist.PeerError
	if errs[1] == nil || errors.As(errs[1], &gone) || !strings.Contains(errs[1].Error(), "8 bytes, where this rank expects 12") ||
		!strings.Contains(errs[1].Error(), "rank 0 on host0") || !strings.Contains(errs[1].Error(), "gather") {
		t.Errorf("rank 1: %v", errs[1])
	}
	var left *dist.LeftError
	if !errors.As(errs[0], &left) || left.Code != 1 || left.Rank != 1 {
		t.Errorf("rank 0: %v", errs[0])
	}
}

// TestExchangeOutOfStep: a rank that has skipped an exchange is noticed although the lengths fit.
func TestExchangeOutOfStep(t *testing.T) {
	carriers := started(t, group(t, 2))
	errs := each(carriers, func(c *Carrier) error {
		if c.Rank() == 1 {
			if err := swap(c, 0, lengths["nothing"]); err != nil {
				return err
			}
		}
		return swap(c, 0, lengths["small"])
	})
	if text := fmt.Sprint(errs); !strings.Contains(text, "at exchange") {
		t.Error(text)
	}
}
