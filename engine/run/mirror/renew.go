package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

func (l *lease) put(ctx context.Context, when store.When) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.me.Renewed++
	b, err := json.Marshal(l.me)
	if err != nil {
		return err
	}
	at := time.Now()
	etag, err := l.client.PutText(ctx, l.at, string(b)+"\n", when)
	if errors.Is(err, store.ErrChanged) {
		now, there, err2 := l.look(ctx)
		if err2 != nil {
			return err2
		}
		if now.Token != l.me.Token {
			return err
		}
		etag, err = there, nil
	}
	if err == nil {
		l.etag, l.until = etag, at.Add(time.Duration(l.me.Seconds)*time.Second)
	}
	return err
}

func (l *lease) keep(ctx context.Context) {
	defer close(l.done)
	every := time.Duration(l.me.Seconds) * time.Second / renewals
	for {
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return
		}
		if err := l.renew(ctx); err != nil && ctx.Err() == nil {
			l.log.Warn().Err(err).Msgf("the lease of %s cannot be renewed: %v", l.mirror(), err)
		}
	}
}

func (l *lease) renew(ctx context.Context) error {
	if err := l.lostTo(); err != nil {
		return err
	}
	l.mu.Lock()
	etag := l.etag
	l.mu.Unlock()
	err := l.put(ctx, store.If(etag))
	if !errors.Is(err, store.ErrChanged) && !errors.Is(err, store.ErrMissing) {
		return err
	}
	err = baddata.Errorf("another process has taken over %s, after this one had not renewed its lease in time", l.mirror())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = err
	return err
}

func (l *lease) valid(ctx context.Context) error {
	l.mu.Lock()
	left := time.Until(l.until)
	l.mu.Unlock()
	if left > time.Duration(l.me.Seconds)*time.Second/2 {
		return l.lostTo()
	}
	return l.renew(ctx)
}

func (l *lease) lostTo() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

func (l *lease) release() {
	if l.stop == nil {
		return
	}
	l.stop()
	<-l.done
	l.stop = nil
	if l.lostTo() != nil {
		return
	}
	l.me.Released = true
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := l.put(ctx, store.If(l.etag)); err != nil {
		l.log.Warn().Err(err).Msgf("%s could not be released, and stays locked for %d seconds: %v", l.mirror(), l.me.Seconds, err)
	}
}
