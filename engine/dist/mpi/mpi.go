// Package mpi carries bytes between the ranks of a run by MPI, for processes that mpirun or srun has started. It works with Open MPI,
// MPICH and their relatives, whichever the machine has; see package cgo/mpi.
//
// MPI tells nobody that a rank is gone. A carrier notices it when it waits in Exchange: then a rank that does not answer in time is an
// error, and so is one that has left. While a rank computes it notices nothing, and nothing tells it.
package mpi

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"udml-gpu/cgo/mpi"
	"udml-gpu/engine/dist"
	"udml-gpu/engine/setting"
)

// Options are what Join needs.
type Options struct {
	// Limit is how long a rank waits for another that does not answer. It is asked again while waiting, on another goroutine.
	Limit func() time.Duration
	// Size is the number of ranks that the launcher says it has started, 0 where it says nothing. A library that belongs to another
	// launcher sees one alone.
	Size int
	// Farewell is how long Leave and Close wait for ranks that are busy; 0: 10 seconds.
	Farewell time.Duration
}

// wire is what a carrier needs of MPI; all calls come from one thread.
type wire interface {
	Send(b []byte, peer, tag int) (mpi.Request, error)
	Receive(b []byte, peer, tag int) (mpi.Request, error)
	Add(in, out []byte, wide bool) (mpi.Request, error)
	Test(r *mpi.Request) (done bool, count int, err error)
	Abort(code int) error
	Finalize() error
}

// Carrier is a shard.Carrier. Its methods have to be called one after another.
type Carrier struct {
	o                 Options
	wire              wire
	owner             owner
	rank, size, local int
	peers             []*peer // nil for this rank
	hosts             []string
	outgoing          []outgoing
	sums              [2]sumSlot
	err               error // the first one, which is final
	failing           bool  // MPI will not be ended in good order: go on to listen
	finalized         bool
	library           string
	mpich             bool // or a library like it, whose mpiexec needs more care at the end
}

// Join begins MPI and meets all other ranks; it can be done once in a process. A UsageError says that there is no library that can be used,
// or another one than the launcher's. Where another rank has left or does not answer by now, the carrier comes with the error, for
// Leave and Exit.
func Join(o Options) (*Carrier, error) {
	library, err := mpi.Open()
	if err != nil {
		return nil, setting.Usage("the processes of this run need MPI: %v", err)
	}
	c := &Carrier{o: o, wire: library, owner: newOwner(), library: library.Name, mpich: library.ABI != mpi.OpenMPI}
	began, in := within(c.owner, o.Limit(), func() error { return c.begin(library) })
	if !in {
		return nil, &dist.PeerError{Rank: -1, Op: "start MPI", Err: noAnswer(o.Limit())}
	}
	if began != nil {
		return nil, began
	}
	return c, c.meet()
}

// begin starts MPI and learns the numbers of ranks.
func (c *Carrier) begin(library *mpi.Library) error {
	err := library.Init()
	if err != nil {
		return err
	}
	if c.rank, c.size, err = library.Rank(); err != nil {
		return err
	}
	if c.o.Size != 0 && c.o.Size != c.size {
		return setting.Usage("the launcher has started %d processes, but %s (%s) sees %d: set %s to the library that belongs to "+
			"the launcher", c.o.Size, library.File, library.Name, c.size, mpi.FileVariable)
	}
	c.local, _, err = library.Local()
	return err
}

// hostBytes is the room for the name of a machine: Linux allows 64 bytes.
const hostBytes = 256

// meet makes the way for control messages and exchanges the names of the machines.
func (c *Carrier) meet() error {
	if c.o.Farewell == 0 {
		c.o.Farewell = 10 * time.Second
	}
	c.peers, c.hosts = make([]*peer, c.size), make([]string, c.size)
	name, err := os.Hostname()
	if err != nil {
		name = ""
	}
	c.hosts[c.rank] = name
	to, from := make([][]byte, c.size), make([][]byte, c.size)
	for r := range c.size {
		if r == c.rank {
			continue
		}
		c.peers[r] = &peer{}
		to[r], from[r] = make([]byte, hostBytes), make([]byte, hostBytes)
		copy(to[r], name)
	}
	if err := onThread(c.owner, c.hear); err != nil {
		return err
	}
	if err := c.Exchange("learn the names of the machines", to, from); err != nil {
		return err
	}
	for r := range c.size {
		if r != c.rank {
			c.hosts[r] = strings.TrimRight(string(from[r]), "\x00")
		}
	}
	return nil
}

// Rank is the number of this process.
func (c *Carrier) Rank() int { return c.rank }

// Size is the number of processes.
func (c *Carrier) Size() int { return c.size }

// LocalRank is the number of this process among those on its machine.
func (c *Carrier) LocalRank() int { return c.local }

// Hosts are the names of the machines of all ranks.
func (c *Carrier) Hosts() []string { return c.hosts }

// Exchange is that of shard.Carrier. It is a PeerError if a rank does not answer in Options.Limit, and a LeftError if one has left.
func (c *Carrier) Exchange(op string, to, from [][]byte) error {
	if len(to) != c.size || len(from) != c.size {
		panic(fmt.Sprintf("mpi: messages to %d and from %d ranks where there are %d", len(to), len(from), c.size))
	}
	if c.err == nil {
		c.err = onThread(c.owner, func() error { return c.carry(op, c.flowsOf(to, from)) })
	}
	return c.err
}

// The final errors of a rank that has ended its part itself.
var (
	errLeft   = errors.New("this rank has left the run")
	errClosed = errors.New("this rank has ended MPI")
)

// noAnswer is the fault of a rank that was waited for.
func noAnswer(limit time.Duration) error { return fmt.Errorf("no answer in %.4g s", limit.Seconds()) }

// absent is the error of ranks that did not answer.
func (c *Carrier) absent(op string, limit time.Duration, ranks []int) error {
	fault := noAnswer(limit)
	for _, r := range ranks {
		if r >= 0 {
			c.peers[r].gone = true
		}
	}
	if len(ranks) > 1 {
		others := make([]string, 0, len(ranks)-1)
		for _, r := range ranks[1:] {
			others = append(others, fmt.Sprintf("rank %d on %s", r, c.hosts[r]))
		}
		fault = fmt.Errorf("%w, nor from %s", fault, strings.Join(others, ", "))
	}
	return &dist.PeerError{Rank: ranks[0], Host: c.host(ranks[0]), Op: op, Err: fault}
}
