package tcp

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"udml-gpu/engine/dist"
)

// slot is one connection with one rank.
type slot struct {
	conn  net.Conn
	from  greeting // of who dialed
	ready bool     // the other side knows that it is accepted
}

// await returns when all ranks above this one have opened that connection.
func (s *start) await(ctx context.Context, channel uint8) error {
	for {
		missing := s.missing(channel)
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return s.late(missing)
		}
	}
}

// late is the error where ranks did not come.
func (s *start) late(missing []int) error {
	who := "it"
	if len(missing) > 1 {
		var names []string
		for _, r := range missing {
			names = append(names, fmt.Sprint(r))
		}
		who = clean("it and others ("+strings.Join(names, ", "), maxName) + ")"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := ""
	if s.stranger != "" {
		refused = "; " + s.stranger
	}
	return &dist.PeerError{
		Rank: missing[0], Host: s.c.hosts[missing[0]], Op: "start",
		Err: fmt.Errorf("%s did not come within %v%s", who, s.c.o.StartLimit, refused),
	}
}

// gone is the error of a rank that is lost during the start.
func (s *start) gone(rank int, err error) error {
	return &dist.PeerError{Rank: rank, Host: s.c.hosts[rank], Op: "start", Err: err}
}

// abandon tells who has come that this rank gives up, and closes everything.
func (s *start) abandon(err error) {
	s.mu.Lock()
	slots := slices.Clone(s.slots)
	s.mu.Unlock()
	for r := range slots {
		link := slots[r][control]
		if link.ready && !s.c.met(r) && link.conn.SetWriteDeadline(time.Now().Add(tellLimit)) == nil {
			_, _ = link.conn.Write(message(frameLeave, lastWords(err, s.c.o.Rank)))
		}
	}
	s.c.fail(err)
	s.c.Close()
	for r := range slots {
		for _, link := range slots[r] {
			closeIfOpen(link.conn)
		}
	}
}

// vanished frees the place of a rank whose connection has ended, if not all have come yet: it may be started again.
func (s *start) vanished(p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.complete {
		return false
	}
	s.slots[p.rank][control] = slot{}
	s.c.forget(p)
	s.note()
	return true
}

// missing are the ranks above this one whose connection is not there.
func (s *start) missing(channel uint8) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ranks []int
	for r := s.c.o.Rank + 1; r < s.c.o.Size; r++ {
		if !s.slots[r][channel].ready {
			ranks = append(ranks, r)
		}
	}
	s.complete = s.complete || len(ranks) == 0
	return ranks
}

// conn is a connection with a rank.
func (s *start) conn(rank int, channel uint8) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.slots[rank][channel].conn
}
