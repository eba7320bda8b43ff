package accord

import (
	"context"
	"errors"
	"strings"
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// TestSame: a rank whose facts differ names itself and the first line that does, and the others end too.
func TestSame(t *testing.T) {
	shardtest.Run(t, 3, func(c shard.Carrier) {
		g := shard.New(3, c)
		if err := Same(g, Program(), Fact{"settings", "a\nb"}); err != nil {
			t.Errorf("rank %d: %v", c.Rank(), err)
		}
		own := "a\nb"
		if c.Rank() == 2 {
			own = "a\nc"
		}
		err := Same(g, Fact{"settings", own}, Fact{"images", "x"})
		var usage *setting.UsageError
		says := "another one says how it differs"
		if c.Rank() == 2 {
			says = `other settings than rank 0: "c", and there "b"`
		}
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), says) {
			t.Errorf("rank %d: %v", c.Rank(), err)
		}
	})
}

// TestWork: what one rank is asked for all know, and a rank that is asked to stop ends the context of all at the same place, not before.
func TestWork(t *testing.T) {
	shardtest.Run(t, 3, func(c shard.Carrier) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		w := Under(ctx, shard.New(3, c))
		bits := uint32(0)
		if c.Rank() == 1 {
			bits = 4
		}
		if got, err := w.Agree(bits); err != nil || got != 4 || w.Context().Err() != nil {
			t.Errorf("rank %d: %b, %v", c.Rank(), got, err)
		}
		if c.Rank() == 2 {
			cancel()
		}
		if w.Context().Err() != nil || Ends(w.Stopped(context.Canceled)) {
			t.Errorf("rank %d has ended without the others", c.Rank())
		}
		if err := w.Poll(); err != nil || w.Context().Err() == nil || !Ends(w.Stopped(context.Canceled)) {
			t.Errorf("rank %d goes on (%v)", c.Rank(), err)
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	w := Under(ctx, nil)
	cancel()
	if w.Context() != ctx || w.Poll() != nil || !errors.Is(w.Stopped(ctx.Err()), context.Canceled) || (*Work)(nil).Poll() != nil {
		t.Error("a process alone is changed")
	}
	if !Ends(nil) || Ends(errors.New("other")) {
		t.Error("Ends")
	}
}
