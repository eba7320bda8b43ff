package mpi

import (
	"fmt"
	"slices"

	"udml-gpu/cgo/mpi"
	"udml-gpu/engine/dist"
)

// The tags of messages. Those of one tag between two ranks arrive in the order in which they were sent.
const (
	tagBytes   = 1
	tagControl = 2
)

// piece is the largest part of an exchange that is one message. Two are on their way at a time for each rank and direction: while one is
// copied between the memory of the caller and that of the message, the other one travels. It also bounds the memory of messages.
const piece = 4 << 20

// slot is the memory of a message, and what it holds: bytes [at, at+n) of an exchange.
type slot struct {
	memory  []byte
	busy    bool
	at, n   int
	request mpi.Request
}

// reserve makes room for n bytes. Memory that was outgrown is lost, but for one slot all of that is less than a piece.
func (s *slot) reserve(n int) {
	if len(s.memory) < n {
		room := 4096
		for room < n {
			room *= 2
		}
		s.memory = mpi.Allocate(room)
	}
}

// flow is the bytes of an exchange that go to a rank, or come from one.
type flow struct {
	peer        int
	receive     bool
	bytes       []byte
	begun, done int // how many of them
	slots       *[2]slot
}

func (f *flow) finished() bool { return f.done == len(f.bytes) }

func (f *flow) with() int { return f.peer }

// transfer is what goes on piece by piece.
type transfer interface {
	step(w wire) (moved bool, err error) // finishes what has come, and begins what can be begun
	finished() bool
	with() int // the rank that it waits for, -1: any
}

// step finishes what has arrived and begins what can be begun. moved says whether anything was.
func (f *flow) step(w wire) (moved bool, err error) {
	for i := range f.slots {
		s := &f.slots[i]
		if s.busy {
			done, count, err := w.Test(&s.request)
			if err != nil {
				return moved, err
			}
			if !done {
				continue
			}
			if err := f.finish(s, count); err != nil {
				return moved, err
			}
			moved = true
		}
		if f.begun < len(f.bytes) {
			if err := f.begin(w, s); err != nil {
				return moved, err
			}
			moved = true
		}
	}
	return moved, nil
}

func (f *flow) begin(w wire, s *slot) (err error) {
	s.at, s.n = f.begun, min(piece, len(f.bytes)-f.begun)
	s.reserve(s.n)
	if f.receive {
		s.request, err = w.Receive(s.memory[:s.n], f.peer, tagBytes)
	} else {
		copy(s.memory, f.bytes[s.at:s.at+s.n])
		s.request, err = w.Send(s.memory[:s.n], f.peer, tagBytes)
	}
	s.busy = err == nil
	f.begun += s.n
	return err
}

func (f *flow) finish(s *slot, count int) error {
	if f.receive {
		if count != s.n {
			return fmt.Errorf("%d bytes came where %d were expected", count, s.n)
		}
		copy(f.bytes[s.at:], s.memory[:s.n])
	}
	s.busy = false
	f.done += s.n
	return nil
}

// flowsOf are the flows of an exchange, those that receive first, so that messages find their place when they come.
func (c *Carrier) flowsOf(to, from [][]byte) []transfer {
	var flows []transfer
	for r, b := range from {
		if r != c.rank && len(b) > 0 {
			flows = append(flows, &flow{peer: r, receive: true, bytes: b, slots: &c.peers[r].in})
		}
	}
	for r, b := range to {
		if r != c.rank && len(b) > 0 {
			flows = append(flows, &flow{peer: r, bytes: b, slots: &c.peers[r].out})
		}
	}
	return flows
}

// carry brings transfers to their end, on the owner's thread.
func (c *Carrier) carry(op string, list []transfer) error {
	for p := newPace(); ; {
		moved, left := false, 0
		for _, f := range list {
			if f.finished() {
				continue
			}
			m, err := f.step(c.wire)
			if err != nil {
				return c.broken(op, f.with(), err)
			}
			moved = moved || m
			if !f.finished() {
				left++
			}
		}
		if left == 0 {
			return nil
		}
		if moved {
			p = newPace()
			continue
		}
		waited, look := p.next()
		if !look {
			continue
		}
		if err := c.look(); err != nil {
			return err
		}
		if limit := c.o.Limit(); waited > limit {
			return c.absent(op, limit, unanswered(list))
		}
	}
}

// broken is the error of a message that could not be sent or received; if a rank has left, that is the reason.
func (c *Carrier) broken(op string, peer int, fault error) error {
	if err := c.look(); err != nil {
		return err
	}
	return &dist.PeerError{Rank: peer, Host: c.host(peer), Op: op, Err: fault}
}

// host is the machine of a rank; "" of -1.
func (c *Carrier) host(rank int) string {
	if rank < 0 {
		return ""
	}
	return c.hosts[rank]
}

// unanswered are the ranks of transfers that have not come to their end, in ascending order.
func unanswered(list []transfer) []int {
	var ranks []int
	for _, f := range list {
		if !f.finished() {
			ranks = append(ranks, f.with())
		}
	}
	slices.Sort(ranks)
	return slices.Compact(ranks)
}
