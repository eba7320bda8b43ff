package tcp

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"udml-gpu/engine/setting"
)

// accept answers connections until ctx ends or the listener is closed.
func (s *start) accept(ctx context.Context) {
	room := make(chan struct{}, 64+channels*s.c.o.Size) // how many can be answered at once, so that strangers cannot take all memory
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return
		}
		if err != nil { // as when there are too many open files
			time.Sleep(20 * time.Millisecond)
			continue
		}
		select {
		case room <- struct{}{}:
			s.calls.Go(func() {
				defer func() { <-room }()
				if !s.answer(conn, context.AfterFunc(ctx, func() { conn.Close() })) {
					conn.Close()
				}
			})
		default:
			conn.Close()
		}
	}
}

// answer is the listener's half of the start of a connection. It says whether the connection is now that of a rank. keep stops what closes
// the connection at the end of the start.
func (s *start) answer(conn net.Conn, keep func() bool) bool {
	if conn.SetDeadline(time.Now().Add(helloLimit)) != nil {
		return false
	}
	theirs, said, err := readGreeting(conn)
	if err != nil {
		return false
	}
	mine := s.greeting(theirs.Channel, int(theirs.Rank))
	answer := mine.bytes()
	if _, err := conn.Write(answer); err != nil {
		return false
	}
	got := make([]byte, sha256.Size)
	if _, err := io.ReadFull(conn, got); err != nil {
		return false
	}
	token := s.c.o.Token
	if !hmac.Equal(got, proof(token, "dialer", said, answer)) {
		s.refuseStranger(conn, theirs)
		_, _ = conn.Write(newVerdict(token, wrongToken, "", said, answer).bytes())
		return false
	}
	if err := s.reserve(theirs, conn); err != nil {
		_, _ = conn.Write(newVerdict(token, refused, err.Error(), said, answer).bytes())
		s.fail(err)
		return false
	}
	_, err = conn.Write(newVerdict(token, welcome, "", said, answer).bytes())
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	kept := keep() && err == nil
	s.settle(theirs, conn, kept)
	return kept
}

// refuseStranger notes who was refused without proof, for the message if ranks do not come.
func (s *start) refuseStranger(conn net.Conn, who greeting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stranger = fmt.Sprintf("a connection from %s, which says that it is %s, was refused since it has another token (UDML_TOKEN)",
		conn.RemoteAddr(), who.String())
}

// reserve keeps a place for a rank that has proved that it knows the token, or says why it contradicts this one.
func (s *start) reserve(g greeting, conn net.Conn) error {
	o := s.c.o
	me := s.greeting(0, 0)
	switch {
	case g.Version != version:
		return setting.Usage("%s and %s run different versions of udml-gpu (protocols %d and %d): use the same program on all ranks",
			g.String(), me.String(), g.Version, version)
	case g.Size != uint32(o.Size):
		return setting.Usage("%s and %s disagree on the number of ranks: start all with the same number", g.String(), me.String())
	case g.Rank >= g.Size:
		return setting.Usage("%s cannot be: ranks are numbered from 0", g.String())
	case g.To != uint32(o.Rank):
		return setting.Usage("%s looks for rank %d where %s listens: set UDML_MASTER to the address of rank 0 on all ranks",
			g.String(), g.To, me.String())
	case g.Rank == uint32(o.Rank):
		return twins(g, me)
	case g.Rank < uint32(o.Rank) || g.Channel >= channels:
		return setting.Usage("%s calls %s, which it never should: use the same program on all ranks", g.String(), me.String())
	}
	for tries := 0; ; tries++ {
		before, free := s.take(g, conn)
		if free {
			return nil
		}
		if tries == 20 {
			return twins(g, before)
		}
		time.Sleep(10 * time.Millisecond) // it may have been started again, before the end of the first connection was noticed
	}
}

// take takes the place of a rank if that is free, and otherwise says who has it.
func (s *start) take(g greeting, conn net.Conn) (greeting, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := &s.slots[g.Rank][g.Channel]
	if place.conn != nil {
		return place.from, false
	}
	*place = slot{conn: conn, from: g}
	return g, true
}

// twins is the error of two processes with the same number.
func twins(a, b greeting) error {
	return setting.Usage("two processes are %s and %s: give each rank its own number", a.String(), b.String())
}

// settle makes a reserved place that of a rank, or free again.
func (s *start) settle(g greeting, conn net.Conn, welcome bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := &s.slots[g.Rank][g.Channel]
	if place.conn != conn {
		return
	}
	if !welcome {
		*place = slot{}
		return
	}
	place.ready = true
	if g.Channel == control && s.c.o.Rank == 0 {
		s.c.hosts[g.Rank] = g.Host
		s.c.meet(int(g.Rank), conn)
	}
	s.note()
}

// note says that slots have changed.
func (s *start) note() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}
