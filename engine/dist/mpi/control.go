package mpi

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"udml-gpu/cgo/mpi"
	"udml-gpu/engine/dist"
)

// A control message is a byte that says what it is, the exit code and the length of the reason (both little-endian, two bytes), and the
// reason. All have the same length.
const (
	controlBytes = 1024
	controlHead  = 5
)

// The kinds of control messages.
const (
	leaves byte = 1 + iota // the rank ends the run on purpose
	knows                  // it has read that the other one leaves
	closes                 // it sends nothing more, unless the run fails
	ends                   // it has failed, has said why, and is about to end
)

// peer is what a rank knows of another one.
type peer struct {
	in, out              [2]slot
	note                 slot // the control message that is waited for
	left                 *dist.LeftError
	knows, closed, ended bool // has sent these messages
	gone                 bool // it did not answer
}

// hearAgain is hear in a run that has failed. A rank that cannot be heard is gone.
func (c *Carrier) hearAgain() {
	c.failing = true
	for r, p := range c.peers {
		if p != nil && !p.gone && !p.note.busy && c.hearFrom(r, p) != nil {
			p.gone = true
		}
	}
}

// hear begins to wait for a control message of each rank.
func (c *Carrier) hear() error {
	for r, p := range c.peers {
		if p == nil {
			continue
		}
		if err := c.hearFrom(r, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *Carrier) hearFrom(r int, p *peer) (err error) {
	p.note.reserve(controlBytes)
	p.note.request, err = c.wire.Receive(p.note.memory[:controlBytes], r, tagControl)
	p.note.busy = err == nil
	return err
}

// tell sends a control message.
func (c *Carrier) tell(r int, kind byte, code int, reason string) error {
	b := mpi.Allocate(controlBytes)
	clear(b)
	reason = reason[:min(len(reason), controlBytes-controlHead)]
	b[0] = kind
	binary.LittleEndian.PutUint16(b[1:], uint16(code))
	binary.LittleEndian.PutUint16(b[3:], uint16(len(reason)))
	copy(b[controlHead:], reason)
	request, err := c.wire.Send(b, r, tagControl)
	if err == nil {
		c.outgoing = append(c.outgoing, outgoing{r, request})
	}
	return err
}

// look reads control messages that have come. It is the LeftError of the first rank that has left, if one has.
func (c *Carrier) look() error {
	c.push()
	var left error
	for r, p := range c.peers {
		if p == nil {
			continue
		}
		for p.note.busy {
			done, _, err := c.wire.Test(&p.note.request)
			if err != nil {
				p.note.busy = false
				p.gone = true
				return &dist.PeerError{Rank: r, Host: c.hosts[r], Op: "read a control message", Err: err}
			}
			if !done {
				break
			}
			if err := c.read(r, p); err != nil {
				return err
			}
		}
		if p.left != nil && left == nil {
			left = p.left
		}
	}
	return left
}

// outgoing is a control message that is being sent.
type outgoing struct {
	peer    int
	request mpi.Request
}

// push gets control messages on that are being sent. Those to ranks that are gone are forgotten.
func (c *Carrier) push() {
	c.outgoing = slices.DeleteFunc(c.outgoing, func(o outgoing) bool {
		done, _, err := c.wire.Test(&o.request)
		return done || err != nil || c.peers[o.peer].gone
	})
}

// read takes a control message, and waits for the next one.
func (c *Carrier) read(r int, p *peer) error {
	b := p.note.memory
	p.note.busy = false
	switch b[0] {
	case closes:
		p.closed = true
		if !c.failing {
			return nil // nothing may be waited for when MPI ends
		}
	case ends:
		p.ended = true
	case knows:
		p.knows = true
	case leaves:
		length := min(int(binary.LittleEndian.Uint16(b[3:])), controlBytes-controlHead)
		p.left = &dist.LeftError{
			Rank: r, Host: c.hosts[r], Code: int(binary.LittleEndian.Uint16(b[1:])),
			Reason: strings.ToValidUTF8(string(b[controlHead:controlHead+length]), ""),
		}
		if err := c.tell(r, knows, 0, ""); err != nil {
			return err
		}
	}
	return c.hearFrom(r, p)
}

// tellAll sends a control message to each rank, also to those that have closed: they listen until all have.
func (c *Carrier) tellAll(kind byte, code int, reason string) {
	for r, p := range c.peers {
		if p == nil {
			continue
		}
		if c.tell(r, kind, code, reason) != nil {
			p.gone = true
		}
	}
}

// await reads control messages until no rank is awaited any more, at most for the limit, and gives the ranks that still are.
func (c *Carrier) await(limit time.Duration, awaited func(p *peer) bool) []int {
	for p := newPace(); ; {
		_ = c.look() // a rank that has left, or is gone, is what this is about
		var ranks []int
		for r, q := range c.peers {
			if q != nil && awaited(q) {
				ranks = append(ranks, r)
			}
		}
		if len(ranks) == 0 && len(c.outgoing) == 0 {
			return nil
		}
		if waited, _ := p.next(); waited > limit {
			return ranks
		}
	}
}
