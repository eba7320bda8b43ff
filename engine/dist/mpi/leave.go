package mpi

import (
	"cmp"
	"os"
	"slices"
	"time"

	"udml-gpu/cgo/mpi"
	"udml-gpu/engine/dist"
)

// Leave ends the run on purpose: the other ranks' Exchange and Close are a LeftError with the code and the reason. It waits at most
// Options.Farewell until all of them have seen it. Then end the program with Exit.
func (c *Carrier) Leave(code int, reason string) {
	if c.finalized {
		return
	}
	c.err = cmp.Or(c.err, errLeft)
	_, _ = within(c.owner, 2*c.o.Farewell, func() error {
		c.hearAgain()
		c.tellAll(leaves, code, reason)
		for _, r := range c.await(c.o.Farewell, func(p *peer) bool { return !p.gone && !p.knows && p.left == nil }) {
			c.peers[r].gone = true
		}
		return nil
	})
}

// Close ends MPI, once all ranks have called it. Where one does not within Options.Farewell, Close is a PeerError; where one has left, or
// an Exchange has failed, it is that error. MPI is then not ended: that would wait for messages which never come. End the program with
// Exit.
func (c *Carrier) Close() error {
	if c.err != nil {
		return c.err
	}
	var in bool
	if c.err, in = within(c.owner, 2*c.o.Farewell, c.close); !in {
		c.err = &dist.PeerError{Rank: -1, Op: "end MPI", Err: noAnswer(2 * c.o.Farewell)}
	}
	if c.err != nil {
		return c.err
	}
	c.err, c.finalized = errClosed, true
	return nil
}

func (c *Carrier) close() error {
	c.tellAll(closes, 0, "")
	missing := c.await(c.o.Farewell, func(p *peer) bool { return !p.gone && !p.closed && !c.someLeft() })
	for _, p := range c.peers {
		if p != nil && p.left != nil {
			return p.left
		}
	}
	if len(missing) > 0 {
		return c.absent("end the run", c.o.Farewell, missing)
	}
	return c.wire.Finalize()
}

func (c *Carrier) someLeft() bool {
	return slices.ContainsFunc(c.peers, func(p *peer) bool { return p != nil && p.left != nil })
}

const (
	lastWords = 5 * time.Second // how long a rank waits at the end of a run that has failed, for others to say why
	exitLimit = 2 * time.Second // how long what libraries do at the end of a program may take
)

// Exit ends the program with this code. It is for all programs that have called Join, in place of os.Exit. After an error it first lets the
// other ranks come so far too, since launchers kill all ranks when the first one ends: so write all messages before. If one of them did
// not answer, or was late here, all processes of the launcher are ended with this code.
func (c *Carrier) Exit(code int) {
	_, _ = within(c.owner, lastWords+exitLimit, func() error {
		if !c.finalized && code != 0 {
			c.endTogether(code)
		}
		if c.mpich {
			mpi.Exit(code)
		}
		return nil
	})
	os.Exit(code)
}

// endTogether waits for the other ranks, and has MPI end those that are still there. mpiexec of MPICH needs that always: it kills all ranks
// when the first one ends, and its code is then that of a process which was killed. Open MPI's gives the code of the first one.
func (c *Carrier) endTogether(code int) {
	c.hearAgain()
	c.tellAll(ends, 0, "")
	late := c.await(lastWords, func(p *peer) bool { return !p.gone && !p.ended })
	gone := slices.ContainsFunc(c.peers, func(p *peer) bool { return p != nil && p.gone })
	if c.mpich || gone || len(late) > 0 {
		_ = c.wire.Abort(code) // where that fails, the program ends all the same
	}
}
