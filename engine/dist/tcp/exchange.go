package tcp

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/models/shard"
)

var _ shard.Carrier = (*Carrier)(nil)

// Exchange is that of shard.Carrier. A peer that is gone, or of which nothing comes for the limit, is a *dist.PeerError, one that has left
// a *dist.LeftError; a length that differs from what the peer sends is an error that names both. The others learn of the error at once.
func (c *Carrier) Exchange(op string, to, from [][]byte) error {
	limit := time.Duration(0)
	if c.o.Limit != nil {
		limit = c.o.Limit()
	}
	return c.exchange(op, to, from, limit)
}

func (c *Carrier) exchange(op string, to, from [][]byte, limit time.Duration) error {
	if len(to) != c.o.Size || len(from) != c.o.Size {
		panic(fmt.Sprintf("tcp: Exchange of %d and %d elements among %d ranks", len(to), len(from), c.o.Size))
	}
	if err := c.err(); err != nil {
		return err
	}
	c.seq++
	var jobs []func()
	for r, p := range c.peers {
		if p == nil {
			continue
		}
		if len(to[r]) > 0 {
			jobs = append(jobs, func() { c.check(p, op, limit, p.send(c.seq, to[r], limit)) })
		}
		if len(from[r]) > 0 {
			jobs = append(jobs, func() { c.check(p, op, limit, p.receive(c.seq, from[r], limit)) })
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	var others sync.WaitGroup
	last := len(jobs) - 1
	for _, job := range jobs[:last] {
		others.Go(job)
	}
	jobs[last]()
	others.Wait()
	return c.err()
}

// check ends the run for this rank if err is not nil.
func (c *Carrier) check(p *peer, op string, limit time.Duration, err error) {
	if err == nil || c.err() != nil {
		return
	}
	var differs *differsError
	switch {
	case errors.As(err, &differs):
		c.fail(fmt.Errorf("rank %d on %s and rank %d on %s (%s): %w", c.o.Rank, c.o.Host, p.rank, p.host, op, err))
		return
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("no answer in %v", limit)
	default:
		err = c.why(p, err)
	}
	c.fail(&dist.PeerError{Rank: p.rank, Host: p.host, Op: op, Err: err})
}

// why is the error of a data connection that has broken, once the control connection, where a reason may stand, has been read.
func (c *Carrier) why(p *peer, err error) error {
	select {
	case <-p.over:
	case <-time.After(time.Second):
	}
	if p.finished.Load() {
		return errors.New("it has finished, while this rank still waits for it")
	}
	return seen(err)
}

// err is the first error.
func (c *Carrier) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}
