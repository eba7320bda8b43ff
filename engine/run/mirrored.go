package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/run/mirror"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// Fetch claims the mirror at an address and brings dir, a run directory or one to be, to the newest checkpoint in it. Where the mirror
// holds no run, dir stays what it is.
func Fetch(ctx context.Context, address, dir string, log zerolog.Logger) (*mirror.Mirror, error) {
	if err := wantFree(dir); err != nil && !Holds(dir) {
		return nil, err
	}
	if err := disk.MakeDir(dir); err != nil {
		return nil, baddata.Errorf("--out %s cannot be created: %v", dir, err)
	}
	r := At(dir)
	if err := r.Lock(); err != nil {
		return nil, err
	}
	defer r.Close()
	r.WarnRemoved(log)
	m, err := mirror.Claim(ctx, address, log)
	if err != nil {
		return nil, err
	}
	if err := m.Fetch(ctx, dir); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// wantFree is an error unless a new run may be made in the folder out.
func wantFree(out string) error {
	entries, err := os.ReadDir(out)
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { // left by a killed process
		return e.Name() == checkpoint.LockFile || checkpoint.IsLeftover(e.Name())
	})
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return baddata.Errorf("--out %s cannot be used: %v", out, err)
	case len(entries) > 0:
		if Holds(out) {
			return setting.Usage("--out %s already holds a run; continue it with --resume %s, or name another folder", out, out)
		}
		return setting.Usage("--out %s is not empty and is not a run; name a new or empty folder", out)
	}
	return nil
}

// UseMirror has checkpoints copied to m, or to the mirror at an address, which it claims; both empty: to none.
func (r *Dir) UseMirror(ctx context.Context, m *mirror.Mirror, address string, log zerolog.Logger) (err error) {
	if m == nil && address != "" {
		if m, err = mirror.Claim(ctx, address, log); err != nil {
			return err
		}
	}
	r.mirror = m
	return nil
}

// UseNewMirror is UseMirror of a new run, of which the mirror must not hold another.
func (r *Dir) UseNewMirror(ctx context.Context, m *mirror.Mirror, address string, log zerolog.Logger) error {
	if err := r.UseMirror(ctx, m, address, log); err != nil || r.mirror == nil {
		return err
	}
	holds, err := r.mirror.Holds(ctx)
	if err == nil && holds {
		at := r.mirror.Address()
		err = setting.Usage("--mirror %s already holds a run; continue it with --resume %s, or name another place", at, at)
	}
	return err
}

// MirrorErr is the reason why the run cannot go on because of its mirror.
func (r *Dir) MirrorErr() error {
	if r.mirror == nil {
		return nil
	}
	return r.mirror.Err()
}

// FinishMirror returns when the mirror holds all of the run whose last checkpoint is that of position at; any: there is one.
func (r *Dir) FinishMirror(at checkpoint.At, any bool, keep int) error {
	if r.mirror == nil || !any {
		return nil
	}
	err := r.mirror.Finish(r.Name, func() error { return r.mirror.Push(r.Name, at, keep) })
	if err != nil {
		return fmt.Errorf("the mirror %s lacks its end: %w", r.mirror.Address(), err)
	}
	return nil
}
