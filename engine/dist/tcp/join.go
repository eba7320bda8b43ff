package tcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/setting"
)

// Join connects this rank with all others and returns when all are connected. Rank 0 listens at o.Master, the others call it until it is
// there. A contradiction, such as two ranks with the same number, is a UsageError on both sides; a rank that does not come in time a
// *dist.PeerError; a rank that gives up tells the others, which get a *dist.LeftError. ctx ends the start; it has no effect later.
func Join(ctx context.Context, o Options) (*Carrier, error) {
	o, err := o.completed()
	if err != nil {
		return nil, err
	}
	c := &Carrier{o: o, peers: make([]*peer, o.Size), hosts: make([]string, o.Size)}
	c.hosts[o.Rank] = o.Host
	if o.Size == 1 {
		return c, nil
	}
	l, err := o.open()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	deadline := time.Now().Add(o.StartLimit)
	limited, stop := context.WithDeadline(ctx, deadline)
	defer stop()
	s := &start{c: c, listener: l, deadline: deadline, fail: cancel, slots: make([][channels]slot, o.Size), changed: make(chan struct{}, 1)}
	c.cancel = cancel
	if o.Rank == 0 {
		c.vanished = s.vanished
	}
	if err = s.run(limited); err == nil {
		err = c.joined()
	}
	if err != nil {
		s.abandon(err)
		return nil, err
	}
	return c, nil
}

// joined ends the start: from now on Options.Lost is called.
func (c *Carrier) joined() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started = true
	return c.failed
}

// open listens where o says.
func (o Options) open() (net.Listener, error) {
	if o.Listener != nil {
		return o.Listener, nil
	}
	l, err := net.Listen("tcp", o.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && o.Rank == 0:
		return nil, setting.Usage("rank 0 cannot listen at %s on %s: another program, or another rank 0, uses that port; "+
			"set UDML_MASTER=HOST:PORT (or MASTER_PORT) to a free one on all ranks", o.Listen, o.Host)
	case err != nil:
		return nil, setting.Usage("rank %d cannot listen at %s on %s: %v; set UDML_MASTER to the address of rank 0 on all ranks",
			o.Rank, o.Listen, o.Host, err)
	}
	return l, nil
}

// start is what exists only while the ranks find each other.
type start struct {
	c        *Carrier
	listener net.Listener
	deadline time.Time
	places   []place                 // of all ranks, as rank 0 says; nil there
	fail     context.CancelCauseFunc // ends the start with an error
	calls    sync.WaitGroup          // goroutines that answer connections

	mu       sync.Mutex
	slots    [][channels]slot // by rank
	complete bool             // all ranks have come to rank 0, or have called this one
	stranger string           // what was refused last without proof of the token
	changed  chan struct{}    // gets an element when slots have changed
}

func (s *start) run(ctx context.Context) error {
	accepting, stop := context.WithCancel(ctx)
	s.calls.Go(func() { s.accept(accepting) })
	defer s.calls.Wait()
	defer stop() // also ends calls of strangers that say nothing
	defer s.listener.Close()
	err := s.meet(ctx)
	if err == nil {
		err = s.connect(ctx)
	}
	if err == nil {
		err = s.together(ctx)
	}
	if err != nil {
		s.fail(err) // ends the calls that are under way
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
			err = cause
		}
	}
	return err
}

// meet connects each rank with rank 0, which tells everybody where all are.
func (s *start) meet(ctx context.Context) error {
	c := s.c
	if c.o.Rank == 0 {
		if err := s.await(ctx, control); err != nil {
			return err
		}
		return s.sendTables()
	}
	if err := s.dial(ctx, 0, control, c.o.Master); err != nil {
		return err
	}
	conn := s.conn(0, control)
	stop := context.AfterFunc(ctx, func() {
		end := time.Unix(1, 0) // the connection is not closed, so that rank 0 can be told why
		if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			end = time.Now().Add(tellLimit) // the limit of rank 0 ends too, and it knows who is missing
		}
		_ = conn.SetReadDeadline(end)
	})
	defer stop()
	kind, body, err := readMessage(conn, max(tableSize(c.o.Size), maxLeaving))
	switch {
	case err == nil && kind == frameLeave:
		if left, err := c.parseLeaving(body); err == nil {
			return left
		}
	case err == nil && kind == frameTable:
		places, err := parseTable(body, c.o.Size)
		if err == nil {
			s.know(places)
			return nil
		}
	case ctx.Err() != nil:
		return &dist.PeerError{Rank: 0, Host: c.hosts[0], Op: "start", Err: fmt.Errorf("not all ranks have come within %v", c.o.StartLimit)}
	}
	return &dist.PeerError{Rank: 0, Host: c.hosts[0], Op: "start", Err: errClosed}
}

// sendTables tells every rank where all are. A rank that came over the loopback interface is on this machine: others reach it where they
// reach this rank.
func (s *start) sendTables() error {
	c := s.c
	places := make([]place, c.o.Size)
	for r := range places {
		places[r] = place{c.hosts[r], s.slots[r][control].from.Listen}
	}
	places[0].host = c.o.Host
	for r := 1; r < c.o.Size; r++ {
		conn := s.conn(r, control)
		theirs := slices.Clone(places)
		for i := range theirs {
			theirs[i].addr = seenFrom(conn, theirs[i].addr)
		}
		if err := conn.SetWriteDeadline(s.deadline); err != nil {
			return s.gone(r, err)
		}
		if _, err := conn.Write(message(frameTable, tableBytes(theirs))); err != nil {
			return s.gone(r, err)
		}
	}
	return nil
}

// know keeps what rank 0 has said.
func (s *start) know(places []place) {
	for r, p := range places {
		if r != s.c.o.Rank {
			s.c.hosts[r] = p.host
		}
	}
	s.places = places
	s.c.meet(0, s.conn(0, control))
}

// connect opens the connections of all pairs: each rank calls those below it.
func (s *start) connect(ctx context.Context) error {
	c := s.c
	var calls sync.WaitGroup
	for r := range c.o.Rank {
		addr := c.o.Master
		if r > 0 {
			addr = s.places[r].addr
			calls.Go(func() { s.dialOrFail(ctx, r, control, addr) })
		}
		calls.Go(func() { s.dialOrFail(ctx, r, data, addr) })
	}
	calls.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, channel := range []uint8{control, data} {
		if err := s.await(ctx, channel); err != nil {
			return err
		}
	}
	for r := range c.peers {
		if r != c.o.Rank {
			c.meet(r, s.conn(r, control))
			c.attach(r, s.conn(r, data))
		}
	}
	return c.err()
}

func (s *start) dialOrFail(ctx context.Context, rank int, channel uint8, addr string) {
	if err := s.dial(ctx, rank, channel, addr); err != nil {
		s.fail(err)
	}
}

// together returns when all ranks are connected with all: each sends each one byte.
func (s *start) together(ctx context.Context) error {
	c := s.c
	to, from := make([][]byte, c.o.Size), make([][]byte, c.o.Size)
	for r := range to {
		to[r], from[r] = []byte{1}, make([]byte, 1)
	}
	stop := context.AfterFunc(ctx, func() { c.fail(context.Cause(ctx)) })
	defer stop()
	return c.exchange("start", to, from, max(time.Until(s.deadline), time.Millisecond))
}
