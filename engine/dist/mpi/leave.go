package mpi

import (
	"time"

	"udml-gpu/engine/dist"
)

// Leave ends the run on purpose: the other ranks' Exchange is a LeftError with the code and the reason. It waits until all of them have seen
// it; where one does not answer in Options.Farewell, or has not answered before, Leave has MPI end all processes with this code, and does
// not return. So write all messages first. Afterwards call Close, and end the program with the code.
func (c *Carrier) Leave(code int, reason string) {
	if c.err == nil {
		c.err = errLeft
	}
	within(c.owner, 2*c.o.Farewell+lastWords, func() error { return c.leave(code, reason) })
}

// lastWords is how long a rank that aborts all others lets them write why they end.
const lastWords = time.Second

func (c *Carrier) leave(code int, reason string) error {
	c.tellAll(leaves, code, reason)
	silent := c.await(c.o.Farewell, func(p *peer) bool { return !p.gone && !p.knows && !p.closed && p.left == nil })
	gone := len(silent) > 0
	for _, p := range c.peers {
		gone = gone || p != nil && p.gone
	}
	if !gone {
		return nil
	}
	c.await(lastWords, func(p *peer) bool { return p.knows && !p.closed })
	return c.wire.Abort(code)
}

// Close ends MPI, once all ranks have called it. Where one does not within Options.Farewell, Close is a PeerError; where one has left, or
// an Exchange has failed, it is that error. MPI is then not ended in good order, for that would wait for messages which never come: the
// program has to end with another code than 0, and its launcher ends the processes that are left.
func (c *Carrier) Close() error {
	err, in := within(c.owner, 2*c.o.Farewell, c.close)
	if !in {
		return &dist.PeerError{Rank: -1, Op: "end MPI", Err: noAnswer(2 * c.o.Farewell)}
	}
	return err
}

func (c *Carrier) close() error {
	c.tellAll(closes, 0, "")
	missing := c.await(c.o.Farewell, func(p *peer) bool { return !p.gone && !p.closed })
	for _, p := range c.peers {
		if p != nil && p.left != nil && c.err == nil {
			c.err = p.left
		}
	}
	if c.err == nil && len(missing) > 0 {
		c.err = c.absent("end the run", c.o.Farewell, missing)
	}
	if c.err != nil {
		return c.err
	}
	c.err = errClosed
	return c.wire.Finalize()
}
