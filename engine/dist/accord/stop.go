// Package accord has the ranks of a run agree on what they do: that they are alike, and when a signal stops them.
package accord

import (
	"context"
	"errors"

	"udml-gpu/models/shard"
)

// AskedToStop is the bit of Agree that stops the ranks.
const AskedToStop = 1

// Work is what ranks do together. Signals reach them at different times, so that they agree on them where all of them stand at the same
// place.
type Work struct {
	group  *shard.Group
	asked  context.Context // ends when this rank is asked to stop
	shared context.Context // ends by agreement
	cancel func()
}

// Under begins work that ends with ctx. Of a single rank the group may be nil.
func Under(ctx context.Context, g *shard.Group) *Work {
	w := &Work{group: g, asked: ctx, shared: ctx}
	if g.Ranks() > 1 {
		w.shared, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	return w
}

// Group are the ranks; nil for nil work.
func (w *Work) Group() *shard.Group {
	if w == nil {
		return nil
	}
	return w.group
}

// Context ends by agreement; that of a single rank is the one that the work began with.
func (w *Work) Context() context.Context { return w.shared }

// Asked ends when this rank alone is asked to stop: for work that the others take no part in.
func (w *Work) Asked() context.Context { return w.asked }

// Under has the work end with another context from now on.
func (w *Work) Under(ctx context.Context) { w.asked = ctx }

// Agree has all ranks know the bits that any of them brings, and whether one of them is asked to stop. They call it at the same places. The
// error is that of a rank that is gone.
func (w *Work) Agree(bits uint32) (uint32, error) {
	if w.Group().Ranks() == 1 {
		return bits, nil
	}
	if w.asked.Err() != nil {
		bits |= AskedToStop
	}
	if bits = w.group.Agree("agree on signals", bits); bits&AskedToStop != 0 {
		w.cancel()
	}
	return bits, w.group.Err()
}

// Poll is Agree on signals alone.
func (w *Work) Poll() error {
	_, err := w.Agree(0)
	return err
}

// Stopped marks err as one that all ranks end with, if they have agreed to stop.
func (w *Work) Stopped(err error) error {
	if w.Group().Ranks() == 1 || err == nil || w.shared.Err() == nil {
		return err
	}
	return &agreed{err}
}

type agreed struct{ error }

func (a *agreed) Unwrap() error { return a.error }

// Ends says whether all ranks end with err: with none, or because they have agreed to stop.
func Ends(err error) bool {
	var a *agreed
	return err == nil || errors.As(err, &a)
}
