package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// errStalled is the cause of a request that was given up because it did not move on.
var errStalled = errors.New("the transfer stalled")

// leastBytes is what a request has to move in watched.limit; so slow a store is as good as none.
const leastBytes = 16 << 10

// watched ends requests that do not move on, and notes the clock of the store.
type watched struct {
	next  http.RoundTripper
	limit time.Duration
	ahead atomic.Int64 // of this machine's clock, in ns; 0 before the first answer
}

// Now is the time of the store, by its last answer.
func (w *watched) Now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// RoundTrip is http.RoundTripper.
func (w *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	g := &guard{limit: w.limit, left: w.limit, cancel: cancel}
	req = req.WithContext(ctx)
	if req.Body != nil {
		req.Body = guardedUpload{req.Body, g}
	}
	if req.Header.Get("If-Match")+req.Header.Get("If-None-Match") != "" && req.Method == http.MethodPut {
		req.Close = true // some stores answer that the condition fails, and then take the body for a next request
	}
	g.wait()
	resp, err := w.next.RoundTrip(req)
	g.rest(0)
	if err != nil {
		err = g.explain(ctx, err)
		cancel(nil)
		return nil, err
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		w.ahead.Store(int64(time.Until(at)))
	}
	resp.Body = &guardedBody{resp.Body, g, ctx}
	return resp, nil
}

// guard counts the time that a request waits for the store.
type guard struct {
	limit  time.Duration
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	left  time.Duration // until it is given up, unless leastBytes move
	moved int64
	since time.Time
	timer *time.Timer // nil: the request does not wait
}

// wait begins a time of waiting, which rest ends.
func (g *guard) wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.since = time.Now()
	g.timer = time.AfterFunc(g.left, func() { g.cancel(errStalled) })
}

// move notes bytes that moved.
func (g *guard) move(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.moved += int64(n); g.moved >= leastBytes && g.timer != nil {
		g.moved, g.left, g.since = 0, g.limit, time.Now()
		g.timer.Reset(g.limit)
	}
}

func (g *guard) rest(n int) {
	g.move(n)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timer.Stop()
	g.timer = nil
	g.left = max(g.left-time.Since(g.since), time.Millisecond)
}

// explain gives the reason in place of "context canceled".
func (g *guard) explain(ctx context.Context, err error) error {
	if err != io.EOF && errors.Is(context.Cause(ctx), errStalled) {
		return fmt.Errorf("%w: fewer than %d bytes in %v", errStalled, leastBytes, g.limit)
	}
	return err
}

// guardedUpload is the body of a request: its reading shows that the store takes it.
type guardedUpload struct {
	io.ReadCloser
	g *guard
}

func (u guardedUpload) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	u.g.move(n)
	return n, err
}

// guardedBody is the body of an answer.
type guardedBody struct {
	io.ReadCloser
	g   *guard
	ctx context.Context //nolint:containedctx // of the request, whose end is its reader's
}

func (b *guardedBody) Read(p []byte) (int, error) {
	b.g.wait()
	n, err := b.ReadCloser.Read(p)
	b.g.rest(n)
	if err != nil {
		err = b.g.explain(b.ctx, err)
	}
	return n, err
}

func (b *guardedBody) Close() error {
	err := b.ReadCloser.Close()
	b.g.cancel(nil)
	return err
}
