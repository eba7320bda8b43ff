package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/dist"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
)

// TestExitCodes: each kind of error has its exit code, also wrapped in another error. Scripts test all codes except 1 too.
func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func() error
		want int
	}{
		{"done", func() error { return nil }, 0},
		{"a panic", func() error { panic("a broken invariant") }, 1},
		{"a run-time panic", func() error { var none []int; _ = none[len(t.Name())]; return nil }, 1},
		{"an error of no kind", func() error { return errors.New("unforeseen") }, 1},
		{"a context ended without a signal", func() error { return context.Canceled }, 1},
		{"usage", func() error { return setting.Usage("--size what?") }, 2},
		{"data", func() error { return fmt.Errorf("while testing: %w", baddata.Errorf("a.png is damaged")) }, 3},
		{"diverged", func() error { return fmt.Errorf("%w: NaN", network.ErrDiverged) }, 4},
		{"device", func() error { return &machine.DeviceError{} }, 5},
		{"no memory for a file", func() error { return baddata.Errorf("the image cache cannot be mapped: %w", syscall.ENOMEM) }, 5},
		{"a peer is gone", func() error {
			return fmt.Errorf("step 3: %w", &dist.PeerError{Rank: 1, Err: errors.New("no answer in 60 s")})
		}, 6},
		{"a peer has left, stopped", func() error { return fmt.Errorf("step 3: %w", &dist.LeftError{Rank: 1, Code: 75}) }, 75},
		{"a peer has left for wrong flags", func() error { return &dist.LeftError{Rank: 1, Code: 2} }, 2},
		{"a peer has left without a failure", func() error { return &dist.LeftError{Rank: 1} }, 6},
		{"stopped", func() error { return fmt.Errorf("%w; epoch 1 is saved", train.ErrStopped) }, 75},
	} {
		if got := guarded(c.do); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
}
