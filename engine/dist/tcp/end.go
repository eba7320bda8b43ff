package tcp

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/setting"
)

// tellLimit is how long the last words of a rank may take.
const tellLimit = time.Second

// Leave tells all other ranks that this one ends the run on purpose, with that exit code: they get a *dist.LeftError. Later calls of
// Exchange return one too. It may be called from any goroutine, also during an Exchange, which it ends.
func (c *Carrier) Leave(code int, reason string) {
	c.fail(&dist.LeftError{Rank: c.o.Rank, Host: c.o.Host, Code: code, Reason: reason})
}

// Close ends the connections, after the last Exchange or an error. Others do not take this rank for lost. No goroutine is left, but for
// a call of Options.Lost that has not returned.
func (c *Carrier) Close() {
	c.mu.Lock()
	first, failed := !c.closing, c.failed
	c.closing = true
	if failed == nil {
		c.failed = errors.New("the connections of this rank are closed")
	}
	c.mu.Unlock()
	if first {
		if failed == nil {
			c.tell(message(frameGoodbye, nil))
		}
		c.telling.Wait()
		c.cut(true)
	}
	c.watch.Wait()
}

// lost ends the run for what the background has seen.
func (c *Carrier) lost(err error) {
	c.mu.Lock()
	quiet := c.closing || c.notified
	c.notified = true
	started := c.started
	c.mu.Unlock()
	if quiet {
		return
	}
	c.fail(err)
	if started && c.o.Lost != nil {
		go c.o.Lost(err)
	}
}

// fail keeps the first error, tells the others, and has an Exchange that is under way return.
func (c *Carrier) fail(err error) {
	c.mu.Lock()
	first := c.failed == nil
	if first {
		c.failed = err
		c.telling.Add(1)
	}
	c.mu.Unlock()
	if !first {
		return
	}
	defer c.telling.Done()
	c.tell(message(frameLeave, lastWords(err, c.o.Rank)))
	c.cut(false)
	if c.cancel != nil {
		c.cancel(err)
	}
}

// lastWords are what the others are told of an error.
func lastWords(err error, rank int) []byte {
	var left *dist.LeftError
	var gone *dist.PeerError
	var usage *setting.UsageError
	switch {
	case errors.As(err, &left):
		return leaving(left.Rank, left.Code, left.Reason)
	case errors.As(err, &gone):
		return leaving(rank, dist.ExitPeer, err.Error())
	case errors.As(err, &usage):
		return leaving(rank, 2, err.Error())
	case errors.Is(err, context.Canceled):
		return leaving(rank, dist.ExitStopped, "it was stopped during the start")
	}
	return leaving(rank, 1, err.Error())
}

// tell sends a message to all that are met, and waits until the system has taken it.
func (c *Carrier) tell(text []byte) {
	var calls sync.WaitGroup
	for _, p := range c.all() {
		calls.Go(func() {
			if p.control.SetWriteDeadline(time.Now().Add(tellLimit)) == nil {
				_, _ = p.control.Write(text)
			}
		})
	}
	calls.Wait()
}

// all are the peers that are met.
func (c *Carrier) all() []*peer {
	c.mu.Lock()
	defer c.mu.Unlock()
	var met []*peer
	for _, p := range c.peers {
		if p != nil {
			met = append(met, p)
		}
	}
	return met
}

// cut closes the data connections, and with everything the control connections too.
func (c *Carrier) cut(everything bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.peers {
		if p == nil {
			continue
		}
		closeIfOpen(p.data)
		if everything {
			closeIfOpen(p.control)
		}
	}
}

func closeIfOpen(conn net.Conn) {
	if conn != nil {
		conn.Close()
	}
}
