package accord

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/dist/tcp"
	"udml-gpu/models/shard"
)

// joined calls do for two ranks over TCP that wait for one another no longer than limit.
func joined(t *testing.T, limit time.Duration, do func(g *shard.Group)) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ended := make(chan struct{})
	run := func(rank int) {
		defer func() { ended <- struct{}{} }()
		o := tcp.Options{Rank: rank, Size: 2, Master: l.Addr().String(), Token: "t", Limit: func() time.Duration { return limit }}
		if rank == 0 {
			o.Listener = l
		}
		c, err := tcp.Join(context.Background(), o)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		do(shard.New(2, c))
	}
	go run(0)
	go run(1)
	<-ended
	<-ended
}

// TestWhile: what rank 0 does may take several times as long as ranks wait for one another; its error is its own, and all go on together.
func TestWhile(t *testing.T) {
	defer func(d time.Duration) { beat = d }(beat)
	const limit = 2 * time.Second
	failed := errors.New("failed")
	for _, want := range []error{nil, failed} {
		beat = limit / 20
		joined(t, limit, func(g *shard.Group) {
			start := time.Now()
			err := While(g, "wait", func() error {
				time.Sleep(2 * limit)
				return want
			})
			if g.Rank() == 0 && !errors.Is(err, want) || g.Rank() == 1 && err != nil {
				t.Errorf("rank %d: %v, want %v", g.Rank(), err, want)
			}
			if time.Since(start) < 2*limit || g.Agree("go on", 4) != 4 || g.Err() != nil {
				t.Errorf("rank %d does not wait, or does not go on: %v", g.Rank(), g.Err())
			}
		})
	}
	beat = time.Hour // as if rank 0 were silent
	joined(t, limit/4, func(g *shard.Group) {
		var gone *dist.PeerError
		err := While(g, "wait", func() error {
			time.Sleep(limit)
			return nil
		})
		if g.Rank() == 1 && !errors.As(err, &gone) || g.Rank() == 0 && err != nil {
			t.Errorf("rank %d: %v", g.Rank(), err)
		}
	})
	if err := While(nil, "wait", func() error { return failed }); !errors.Is(err, failed) {
		t.Errorf("alone: %v", err)
	}
}
