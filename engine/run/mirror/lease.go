package mirror

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

// usualLease is how long a lease lasts that is not renewed, in seconds.
const usualLease = 60

// renewals is how often a lease is renewed in the time that it lasts.
const renewals = 4

// maxLock bounds the object in bytes.
const maxLock = 4096

// holder is the content of the lock object.
type holder struct {
	Host     string    `json:"host"` // these three are those of the lock of a run directory
	PID      int       `json:"pid"`
	Start    time.Time `json:"start"`
	Token    string    `json:"token"`    // tells processes apart
	System   string    `json:"system"`   // the running system and its numbering of processes
	Seconds  int       `json:"seconds"`  // that the lease lasts
	Renewed  int       `json:"renewed"`  // so that each renewal differs
	Released bool      `json:"released"` // nobody has it
}

// lease is the right of this process to write to a mirror.
type lease struct {
	client *store.Client
	at     store.Place
	log    zerolog.Logger
	stop   context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	me    holder
	etag  string
	until time.Time // when it ends unless it is renewed
	lost  error
}

// leaseSeconds is how long the lease of this process lasts.
func leaseSeconds() (int, error) {
	text := os.Getenv("UDML_MIRROR_LEASE")
	if text == "" {
		return usualLease, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 || n > 3600 {
		return 0, baddata.Errorf("UDML_MIRROR_LEASE is %q: expected 2 to 3600 seconds", text)
	}
	return n, nil
}

// claim takes the lease and renews it until release.
func claim(ctx context.Context, client *store.Client, at store.Place, log zerolog.Logger) (*lease, error) {
	seconds, err := leaseSeconds()
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "an unknown host"
	}
	l := &lease{client: client, at: at, log: log, done: make(chan struct{})}
	l.me = holder{
		Host: host, PID: os.Getpid(), Start: time.Now().UTC().Truncate(time.Second), Token: rand.Text(), System: system(), Seconds: seconds,
	}
	if err := l.take(ctx); err != nil {
		return nil, err
	}
	if err := l.wantConditions(ctx); err != nil {
		return nil, err
	}
	renewing, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.keep(renewing)
	return l, nil
}

// take writes the lock object once nobody else has the lease.
func (l *lease) take(ctx context.Context) error {
	for {
		was, etag, err := l.look(ctx)
		switch {
		case err != nil:
			return err
		case etag == "":
			err = l.put(ctx, store.IfMissing())
		case was.free() || l.expired(ctx, was, etag):
			err = l.put(ctx, store.If(etag))
		default:
			err = l.outlast(ctx, was, etag)
		}
		if !errors.Is(err, store.ErrChanged) { // otherwise another process was faster
			return err
		}
	}
}

// look reads the lock object; etag is "" where there is none. A damaged one is taken for one that lasts as long as ours.
func (l *lease) look(ctx context.Context) (h holder, etag string, err error) {
	o, err := l.client.Stat(ctx, l.at)
	if errors.Is(err, store.ErrMissing) {
		return h, "", nil
	}
	if err != nil {
		return h, "", err
	}
	b, err := l.client.Read(ctx, o, maxLock)
	if errors.Is(err, store.ErrMissing) || errors.Is(err, store.ErrChanged) {
		return l.look(ctx)
	}
	if err != nil {
		return h, "", err
	}
	if json.Unmarshal(b, &h) != nil || h.Seconds < 1 || h.Seconds > 3600 {
		h = holder{Seconds: l.me.Seconds}
	}
	return h, o.ETag, nil
}

// free tells whether the process that had the lease has given it back, or is dead for sure: it ran on this system.
func (h *holder) free() bool {
	if h.Released {
		return true
	}
	return h.System != "" && h.System == system() && h.PID > 0 && errors.Is(syscall.Kill(h.PID, 0), syscall.ESRCH)
}

// system names the running system and its numbering of processes; "" where it cannot be known.
func system() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + space
}

// expired tells whether the lock has not been renewed for longer than it lasts, by the clock of the store.
func (l *lease) expired(ctx context.Context, was holder, etag string) bool {
	o, err := l.client.Stat(ctx, l.at)
	if err != nil || o.ETag != etag || o.Modified.IsZero() {
		return false
	}
	return l.client.Now().Sub(o.Modified) > time.Duration(was.Seconds+was.Seconds/renewals)*time.Second
}

// outlast watches a lock that another process has: it returns store.ErrChanged once the lock can be tried again, and an error that names
// the process as soon as that renews its lease.
func (l *lease) outlast(ctx context.Context, was holder, etag string) error {
	b, _ := json.Marshal(was)
	who := checkpoint.HolderText(b)
	lasts := time.Duration(was.Seconds) * time.Second
	l.log.Info().Msgf("%s is in use by %s, unless that has ended: this takes up to %v to find out", l.mirror(), who, lasts)
	for end := time.Now().Add(lasts); time.Now().Before(end); {
		select {
		case <-time.After(lasts / (4 * renewals)):
		case <-ctx.Done():
			return ctx.Err()
		}
		now, changed, err := l.look(ctx)
		switch {
		case err != nil:
			return err
		case changed == "" || now.Released:
			return store.ErrChanged
		case changed != etag:
			b, _ := json.Marshal(now)
			return baddata.Errorf("%s is in use by %s", l.mirror(), checkpoint.HolderText(b))
		}
	}
	return l.put(ctx, store.If(etag))
}

func (l *lease) mirror() string { return strings.TrimSuffix(l.at.String(), "/"+checkpoint.LockFile) }

// put writes the lock object. Where the store has taken it although its answer was lost, it is ours all the same.
// wantConditions refuses a store that writes whatever the condition says: two runs could not be told apart there.
func (l *lease) wantConditions(ctx context.Context) error {
	_, err := l.client.PutText(ctx, l.at, "", store.IfMissing())
	if errors.Is(err, store.ErrChanged) {
		return nil
	}
	if err == nil {
		err = l.client.Remove(ctx, l.at)
		if err == nil {
			err = baddata.Errorf("%s cannot be used as a mirror: its store ignores If-None-Match, so that a second process could write to "+
				"the same run",
				l.mirror())
		}
	}
	return err
}

// keep renews the lease until ctx ends.
// renew renews the lease. Once another process has it the run cannot go on.
// valid is an error unless this process has the lease for a while to come.
// release gives the lease back, so that the next process need not wait.
