package tcp

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"udml-gpu/engine/dist"
)

// watched adds to all options a channel that gets what Lost is called with.
func watched(all []Options) []chan error {
	seen := make([]chan error, len(all))
	for r := range all {
		seen[r] = make(chan error, 10)
		all[r].Lost = func(err error) { seen[r] <- err }
	}
	return seen
}

// within is what comes within two seconds.
func within(t *testing.T, from chan error) error {
	t.Helper()
	select {
	case err := <-from:
		return err
	case <-time.After(2 * time.Second):
		t.Fatal("nothing was noticed in two seconds")
	}
	return nil
}

// TestLeave: all others learn the code and the reason, while they wait and while they compute.
func TestLeave(t *testing.T) {
	all := group(t, 4)
	seen := watched(all)
	carriers := started(t, all)
	errs := each(carriers, func(c *Carrier) error {
		switch c.Rank() {
		case 2:
			time.Sleep(50 * time.Millisecond)
			c.Leave(75, "stopped by\x1b[31m a signal")
			c.Close()
			return nil
		case 3:
			return <-seen[3] // computes
		}
		return swap(c, 0, lengths["small"])
	})
	for r, err := range errs {
		var left *dist.LeftError
		if r == 2 {
			continue
		}
		if !errors.As(err, &left) || left.Rank != 2 || left.Code != 75 || left.Host != "host2" ||
			left.Reason != "stopped by?[31m a signal" {
			t.Errorf("rank %d: %v", r, err)
		}
	}
	for _, r := range []int{0, 1} {
		if err := within(t, seen[r]); !errors.As(err, new(*dist.LeftError)) {
			t.Errorf("Lost of rank %d: %v", r, err)
		}
	}
	if err := swap(carriers[2], 0, lengths["small"]); !errors.As(err, new(*dist.LeftError)) {
		t.Errorf("Exchange after Leave: %v", err)
	}
}

// TestGone: when the connections of a rank break, all others know at once, also one with unread bytes, and Lost is called once.
func TestGone(t *testing.T) {
	all := group(t, 3)
	seen := watched(all)
	carriers := started(t, all)
	go func() { _ = swap(carriers[2], 0, func(a, b int) int { return 50 << 20 }) }()
	time.Sleep(100 * time.Millisecond)
	carriers[2].cut(true) // what the system does with the connections of a killed process
	for _, r := range []int{0, 1} {
		err := within(t, seen[r])
		var gone *dist.PeerError
		var left *dist.LeftError
		known := errors.As(err, &gone) && gone.Rank == 2 && gone.Host == "host2"
		told := errors.As(err, &left) && left.Code == dist.ExitPeer && strings.Contains(left.Reason, "rank 2 on host2")
		if !known && !told {
			t.Errorf("rank %d: %v", r, err)
		}
		if again := swap(carriers[r], 0, lengths["small"]); again == nil {
			t.Errorf("rank %d: an exchange after that succeeds", r)
		}
	}
	time.Sleep(50 * time.Millisecond)
	if len(seen[0]) > 0 || len(seen[1]) > 0 {
		t.Error("Lost was called again")
	}
}

// TestGoneInExchange: a rank that closes in the middle of a large frame.
func TestGoneInExchange(t *testing.T) {
	carriers := started(t, group(t, 2))
	errs := each(carriers, func(c *Carrier) error {
		if c.Rank() == 1 {
			time.AfterFunc(50*time.Millisecond, func() { c.cut(true) })
			head := header{frameData, c.seq + 1, 1 << 30}.bytes()
			_, _ = c.peers[0].data.Write(append(head, make([]byte, 1000)...))
			return nil
		}
		return c.Exchange("gather", make([][]byte, 2), [][]byte{nil, make([]byte, 1<<30)})
	})
	var gone *dist.PeerError
	if !errors.As(errs[0], &gone) || gone.Rank != 1 || gone.Host != "host1" {
		t.Error(errs[0])
	}
}

// TestSilent: a peer of which nothing comes is an error after the limit; one that is slow but goes on is none.
func TestSilent(t *testing.T) {
	all := group(t, 2)
	for r := range all {
		all[r].Limit = func() time.Duration { return 400 * time.Millisecond }
	}
	carriers := started(t, all)
	slow := func(c *Carrier) error {
		if c.Rank() == 0 {
			return c.Exchange("slow", make([][]byte, 2), [][]byte{nil, make([]byte, 10)})
		}
		c.seq++
		parts := header{frameData, c.seq, 10}.bytes()
		parts = append(parts, "0123456789"...)
		for i := range parts {
			if i%4 == 0 {
				time.Sleep(150 * time.Millisecond)
			}
			if _, err := c.peers[0].data.Write(parts[i : i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	for r, err := range each(carriers, slow) {
		if err != nil {
			t.Fatalf("slow, rank %d: %v", r, err)
		}
	}
	begin := time.Now()
	err := swap(carriers[0], 0, lengths["small"])
	var gone *dist.PeerError
	if !errors.As(err, &gone) || gone.Rank != 1 || !strings.Contains(err.Error(), "rank 1 on host1: no answer in 400ms (swap)") {
		t.Error(err)
	}
	if took := time.Since(begin); took < 400*time.Millisecond || took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	// The silent one is told; what rank 0 sent before that may still reach it.
	_ = swap(carriers[1], 0, lengths["small"])
	var left *dist.LeftError
	if err := swap(carriers[1], 0, lengths["small"]); !errors.As(err, &left) || left.Code != dist.ExitPeer {
		t.Error(err)
	}
}

// TestSilentWhileSending: the limit also holds for who only sends, more than the system buffers.
func TestSilentWhileSending(t *testing.T) {
	all := group(t, 2)
	all[0].Limit = func() time.Duration { return 300 * time.Millisecond }
	carriers := started(t, all)
	err := carriers[0].Exchange("broadcast", [][]byte{nil, make([]byte, 64<<20)}, make([][]byte, 2))
	if !errors.As(err, new(*dist.PeerError)) || !strings.Contains(err.Error(), "no answer in 300ms (broadcast)") {
		t.Error(err)
	}
}

// TestCloseTwice, from several goroutines.
func TestCloseTwice(t *testing.T) {
	carriers := started(t, group(t, 2))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(carriers[0].Close)
	}
	wg.Wait()
	if err := swap(carriers[0], 0, lengths["small"]); err == nil || !strings.Contains(fmt.Sprint(err), "closed") {
		t.Error(err)
	}
}
