package mirror

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

// Push begins to copy the run in dir with its checkpoint of position at, which is complete, and returns. A copy that has not begun yet is
// replaced by it. At most keep checkpoints stay in the mirror, but two at least: while one is replaced the other is there.
func (m *Mirror) Push(dir string, at checkpoint.At, keep int) error {
	if err := m.Err(); err != nil {
		return err
	}
	p, err := pack(dir, at, max(keep, 2))
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.next != nil {
		m.next.close()
	}
	m.next, m.sent = p, false
	if !m.busy {
		m.busy = true
		go m.work()
	}
	return nil
}

// work copies parcels until there is none.
func (m *Mirror) work() {
	for {
		m.mu.Lock()
		p := m.next
		m.next = nil
		if p == nil {
			m.busy = false
			m.idle.Broadcast()
			m.mu.Unlock()
			return
		}
		m.mu.Unlock()
		err := m.send(m.ctx, p)
		p.close()
		m.note(p, err)
	}
}

// note records the outcome of a copy.
func (m *Mirror) note(p *parcel, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err == nil:
		m.failed, m.sent = 0, m.next == nil
		return
	case m.ctx.Err() != nil:
		return
	}
	if m.failed++; m.failed >= mostFailed && m.err == nil {
		m.err = baddata.Errorf("%d checkpoints in a row cannot be copied to %s, the last because of: %w", m.failed, m.at, err)
	}
	m.log.Warn().Err(err).Msgf("checkpoint %s cannot be copied to %s; the next one is tried again: %v", p.at, m.at, err)
}

// send copies a parcel: files, the manifest, the pointer. Then it removes what the checkpoint makes superfluous.
func (m *Mirror) send(ctx context.Context, p *parcel) error {
	if err := m.lease.valid(ctx); err != nil {
		return err
	}
	last := len(p.files) - 1
	same, err := m.holds(ctx, p.files[last])
	if err != nil {
		return err
	}
	for i, f := range p.files {
		if same && strings.HasPrefix(f.name, checkpoint.Folder+"/") {
			continue
		}
		if i == last {
			if err := m.lease.valid(ctx); err != nil {
				return err
			}
		}
		if _, err := m.client.Put(ctx, m.at.In(f.name), f.file, f.size, store.Always()); err != nil {
			return err
		}
	}
	if err := m.point(ctx, p.at.String()); err != nil {
		return err
	}
	return m.prune(ctx, p.at, p.keep)
}

// holds tells whether the mirror has this manifest. Another one in its place is removed first: its files are about to be replaced.
func (m *Mirror) holds(ctx context.Context, manifest content) (bool, error) {
	at := m.at.In(manifest.name)
	o, err := m.client.Stat(ctx, at)
	if errors.Is(err, store.ErrMissing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if o.Size == manifest.size {
		there, err := m.client.Read(ctx, o, manifest.size)
		if err != nil {
			return false, err
		}
		here := make([]byte, manifest.size)
		if _, err := manifest.file.ReadAt(here, 0); err != nil && err != io.EOF {
			return false, err
		}
		if string(there) == string(here) {
			return true, nil
		}
	}
	return false, m.client.Remove(ctx, at)
}

// point makes "last" name the checkpoint. Only the holder of the lease does so; the condition is for one whose lease ended unnoticed.
func (m *Mirror) point(ctx context.Context, name string) error {
	when := store.If(m.pointer)
	if m.pointer == "" {
		when = store.IfMissing()
	}
	etag, err := m.client.PutText(ctx, m.pointerPlace(), name+"\n", when)
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrMissing) {
		o, err2 := m.client.Stat(ctx, m.pointerPlace())
		if err2 != nil {
			return err2
		}
		b, err2 := m.client.Read(ctx, o, maxLock)
		if err2 != nil {
			return err2
		}
		if string(b) != name+"\n" { // otherwise it is ours, and the answer was lost
			return err
		}
		etag, err = o.ETag, nil
	}
	if err == nil {
		m.pointer = etag
	}
	return err
}

// prune removes checkpoints that the one of position at makes superfluous, and parts of ones that were never finished; manifests first, so
// that a checkpoint of which something is missing is none.
// remote is a checkpoint in the mirror.
// list are the checkpoints in the mirror, from the newest on.
// Finish waits until the last checkpoint that was pushed is in the mirror, which it tries again, and then copies the run's own files once
// more, to which the end of training has added.
func (m *Mirror) Finish(dir string, again func() error) error {
	m.wait()
	for n := 1; ; n++ {
		err := m.Err()
		m.mu.Lock()
		sent := m.sent
		m.mu.Unlock()
		if sent {
			break
		}
		if err != nil {
			return err
		}
		m.log.Info().Msgf("the last checkpoint is copied to %s once more", m.at)
		time.Sleep(time.Second)
		if err := again(); err != nil {
			return err
		}
		m.wait()
	}
	p := &parcel{}
	defer p.close()
	if err := p.addRun(dir); err != nil {
		return err
	}
	for _, f := range p.files {
		if _, err := m.client.Put(m.ctx, m.at.In(f.name), f.file, f.size, store.Always()); err != nil {
			return err
		}
	}
	return nil
}
