package mirror

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
	"udml-gpu/models/disk"
)

// The run's own files are small, but for the history of a long run.
const maxRunFile = 1 << 30

// Holds tells whether there is a run in the mirror.
func (m *Mirror) Holds(ctx context.Context) (bool, error) {
	_, err := m.client.Stat(ctx, m.at.In("config.yaml"))
	if errors.Is(err, store.ErrMissing) {
		return false, nil
	}
	return err == nil, err
}

// Fetch brings the run directory dir, which exists and is locked by this process, to the newest checkpoint in the mirror that is whole,
// with the run's other files. Where dir is as far already, or the mirror holds no run, nothing changes.
func (m *Mirror) Fetch(ctx context.Context, dir string) error {
	there, err := m.Holds(ctx)
	if err != nil || !there {
		return err
	}
	list, err := m.list(ctx)
	if err != nil {
		return err
	}
	local, any := checkpoint.Newest(dir)
	got := false
	for _, c := range list {
		if c.manifest == nil {
			continue
		}
		if any && c.at.Compare(local) <= 0 {
			return nil
		}
		damage, err := m.fetchCheckpoint(ctx, dir, c)
		if err != nil {
			return err
		}
		if got = damage == nil; got {
			m.log.Info().Msgf("checkpoint %s was fetched from %s", c.at, m.at)
			break
		}
		m.log.Warn().Msgf("checkpoint %s in %s is damaged and was skipped: %v", c.at, m.at, damage)
	}
	if any && !got {
		return nil
	}
	return m.fetchRun(ctx, dir)
}

// fetchCheckpoint takes a checkpoint into the run directory.
func (m *Mirror) fetchCheckpoint(ctx context.Context, dir string, c remote) (damage, err error) {
	manifest, err := m.client.Read(ctx, *c.manifest, 1<<16)
	if err != nil {
		return nil, err
	}
	sizes, err := checkpoint.Sizes(manifest)
	if err != nil {
		return err, nil //nolint:nilerr // the damage is not an error of this call
	}
	var wanted []store.Object
	for _, o := range c.files {
		name := path.Base(o.Key)
		size, listed := sizes[name]
		if !listed {
			continue
		}
		if size != o.Size {
			return fmt.Errorf("%s has %d bytes instead of %d", name, o.Size, size), nil
		}
		wanted = append(wanted, o)
	}
	if len(wanted) != len(sizes) {
		return fmt.Errorf("%d of its %d files are missing", len(sizes)-len(wanted), len(sizes)), nil
	}
	return checkpoint.NewStore(disk.OS, dir).Import(c.at, func(folder string) error {
		for _, o := range append(wanted, *c.manifest) {
			if err := m.fetchTo(ctx, o, filepath.Join(folder, path.Base(o.Key))); err != nil {
				return err
			}
		}
		return nil
	})
}

// fetchTo writes an object to a new file.
func (m *Mirror) fetchTo(ctx context.Context, o store.Object, to string) error {
	f, err := disk.OS.Create(to)
	if err == nil {
		err = m.client.CopyTo(ctx, o, f)
		if err == nil {
			err = f.Sync()
		}
		err = errors.Join(err, f.Close())
	}
	if bad := (*baddata.Error)(nil); err == nil || errors.As(err, &bad) || ctx.Err() != nil {
		return err
	}
	return baddata.Errorf("%s cannot be written: %w", to, disk.Cause(err))
}

// fetchRun fetches the run's own files; the settings come last, since they make dir a run.
func (m *Mirror) fetchRun(ctx context.Context, dir string) error {
	for _, name := range runFiles {
		objects := []store.Object{}
		at := m.at.In(name)
		if name == "tensorboard" {
			list, err := m.client.List(ctx, m.at.In(name+"/"))
			if err != nil {
				return err
			}
			objects = list
			if err := disk.MakeDir(filepath.Join(dir, name)); err != nil {
				return err
			}
		} else if o, err := m.client.Stat(ctx, at); err == nil {
			objects = append(objects, o)
		} else if !errors.Is(err, store.ErrMissing) {
			return err
		}
		for _, o := range objects {
			below := strings.TrimPrefix(o.Key, m.at.Key+"/")
			if path.Dir(below) != path.Dir(name+"/x") && below != name || !store.IsFile(below) || strings.HasPrefix(path.Base(below), ".") {
				continue
			}
			b, err := m.client.Read(ctx, o, maxRunFile)
			if err != nil {
				return err
			}
			if err := disk.Replace(filepath.Join(dir, filepath.FromSlash(below)), b); err != nil {
				return baddata.Errorf("%s cannot be written: %w", filepath.Join(dir, below), disk.Cause(err))
			}
		}
	}
	return nil
}
