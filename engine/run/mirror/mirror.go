// Package mirror keeps a copy of a run in a store, for a machine that may vanish with its disk: the run directory's files and its last
// checkpoints, as they lie in the directory, and a lease that one process at a time has.
//
//	s3://bucket/runs/a/{config.yaml, metrics.jsonl, events.jsonl, report.html, classes.json, tensorboard/...}
//	s3://bucket/runs/a/checkpoints/000003/{files...} MANIFEST
//	s3://bucket/runs/a/checkpoints/last    the name of the newest
//	s3://bucket/runs/a/lock                who has the lease
package mirror

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

// mostFailed is how many checkpoints in a row may fail to be copied before the run ends.
const mostFailed = 3

// Mirror is the copy of one run, whose lease this process has.
type Mirror struct {
	client *store.Client
	at     store.Place
	log    zerolog.Logger
	lease  *lease
	ctx    context.Context //nolint:containedctx // of the copies in the background, until Close
	cancel context.CancelFunc

	pointer string // ETag of "last"; "": there is none

	mu     sync.Mutex
	idle   *sync.Cond
	next   *parcel // to be copied after the one that is being copied; nil: none
	busy   bool
	sent   bool // the last parcel has arrived
	failed int  // parcels in a row
	err    error
}

// Claim takes the lease of the mirror at s3://BUCKET/PREFIX. Where another process has it, the error names that process; one that
// has died is found out by waiting, at most as long as the lease lasts.
func Claim(ctx context.Context, address string, log zerolog.Logger) (*Mirror, error) {
	at, err := store.Parse(address)
	if err != nil {
		return nil, err
	}
	if at.Key = strings.TrimSuffix(at.Key, "/"); at.Key == "" {
		return nil, baddata.Errorf("%s names a whole bucket: expected s3://BUCKET/PREFIX for the mirror of a run", address)
	}
	client, err := store.Open()
	if err != nil {
		return nil, err
	}
	m := &Mirror{client: client, at: at, log: log, sent: true}
	m.idle = sync.NewCond(&m.mu)
	if m.lease, err = claim(ctx, client, at.In(checkpoint.LockFile), log); err != nil {
		return nil, err
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	last, err := client.Stat(ctx, m.pointerPlace())
	if err != nil && !errors.Is(err, store.ErrMissing) {
		m.Close()
		return nil, err
	}
	m.pointer = last.ETag
	return m, nil
}

// Address is the place of the mirror.
func (m *Mirror) Address() string { return m.at.String() }

// SameAddress tells whether two addresses name the same mirror.
func SameAddress(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

func (m *Mirror) pointerPlace() store.Place { return m.at.In(checkpoint.Folder + "/last") }

// Err is the reason why the run cannot go on: another process has taken the mirror over, or too many checkpoints could not be copied.
func (m *Mirror) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		m.err = m.lease.lostTo()
	}
	return m.err
}

// Close gives up the lease, and what has not been copied. Closing twice does nothing.
func (m *Mirror) Close() {
	if m.cancel != nil {
		m.cancel()
		m.wait()
	}
	m.lease.release()
}

func (m *Mirror) wait() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.busy {
		m.idle.Wait()
	}
}
