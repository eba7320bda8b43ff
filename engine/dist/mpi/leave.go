package mpi

import (
	"cmp"
	"os"
	"time"

	"udml-gpu/cgo/mpi"
	"udml-gpu/engine/dist"
)

// Leave ends the run on purpose: the other ranks' Exchange is a LeftError with the code and the reason. It waits until all of them have seen
// it; where one does not answer in Options.Farewell, or has not answered before, Leave has MPI end all processes with this code, and does
// not return. So write all messages first. Afterwards call Close, and then Exit with the code.
func (c *Carrier) Leave(code int, reason string) {
	c.err = cmp.Or(c.err, errLeft)
	if c.closed {
		return
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

// Close ends MPI, once all ranks have called it. Where one does not within Options.Farewell, Close is a PeerError; where one has left, or an
// Exchange has failed, it is that error. MPI is then not ended: that would wait for messages which never come. End the program with Exit.
func (c *Carrier) Close() error {
	if c.closed {
		return c.err
	}
	c.closed = true
	err, in := within(c.owner, 2*c.o.Farewell, c.close)
	if !in {
		err = &dist.PeerError{Rank: -1, Op: "end MPI", Err: noAnswer(2 * c.o.Farewell)}
	}
	c.err = cmp.Or(err, errClosed)
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
	if c.err == nil {
		c.err = c.wire.Finalize()
		c.finalized = true
	}
	return c.err
}

// exitLimit is how long what libraries do at the end of a program may take.
const exitLimit = 2 * time.Second

// Exit ends the program with this code. It is for all programs that have called Join, in place of os.Exit (see mpi.Exit). After an error
// mpiexec of MPICH would kill the other ranks as soon as the first one ends, and give the code of a process that was killed, unless told the
// code. Open MPI's gives the code of the first rank that ends, which is the better one: other launchers too understand it.
func (c *Carrier) Exit(code int) {
	within(c.owner, exitLimit, func() error {
		if code != 0 && c.abort && !c.finalized {
			_ = c.wire.Abort(code) // where that fails, the program ends all the same
		}
		mpi.Exit(code)
		return nil
	})
	os.Exit(code)
}
