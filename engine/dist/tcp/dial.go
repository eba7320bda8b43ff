package tcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/setting"
)

// helloLimit is how long one side waits for the next message of the other at the start of a connection.
const helloLimit = 10 * time.Second

// dial connects with a rank, however often that has to be tried, until ctx ends.
func (s *start) dial(ctx context.Context, rank int, channel uint8, addr string) error {
	var last error
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := s.call(ctx, rank, channel, addr)
		var usage *setting.UsageError
		if err == nil || errors.As(err, &usage) {
			return err
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return &dist.PeerError{
				Rank: rank, Host: s.c.hosts[rank], Op: "start",
				Err: fmt.Errorf("it could not be reached at %s within %v: %w", addr, s.c.o.StartLimit, last),
			}
		}
	}
}

// call tries to connect with a rank once.
func (s *start) call(ctx context.Context, rank int, channel uint8, addr string) error {
	d := net.Dialer{Timeout: helloLimit}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	from, err := s.introduce(conn, rank, channel)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots[rank][channel] = slot{conn: conn, from: from, ready: true}
	if channel == control {
		s.c.hosts[rank] = from.Host
	}
	return nil
}

// introduce is the dialer's half of the start of a connection.
func (s *start) introduce(conn net.Conn, rank int, channel uint8) (greeting, error) {
	o := s.c.o
	mine := s.greeting(channel, rank)
	mine.Listen = reachable(s.listener.Addr(), conn)
	said := mine.bytes()
	if err := conn.SetDeadline(time.Now().Add(helloLimit)); err != nil {
		return greeting{}, err
	}
	if _, err := conn.Write(said); err != nil {
		return greeting{}, err
	}
	theirs, answer, err := readGreeting(conn)
	if err != nil {
		return greeting{}, err
	}
	if _, err := conn.Write(proof(o.Token, "dialer", said, answer)); err != nil {
		return greeting{}, err
	}
	v, known, err := readVerdict(conn, o.Token, said, answer)
	switch {
	case err != nil:
		return greeting{}, err
	case !known:
		return greeting{}, setting.Usage("rank %d on %s and what listens at %s (it says: %s) have different tokens: "+
			"set UDML_TOKEN to the same text on all ranks", o.Rank, o.Host, conn.RemoteAddr(), theirs.String())
	case v.status != welcome:
		return greeting{}, setting.Usage("%s", v.reason)
	case int(theirs.Rank) != rank:
		return greeting{}, fmt.Errorf("it is not rank %d that listens there", rank)
	}
	return theirs, conn.SetDeadline(time.Time{})
}

// greeting is what this rank says of itself to another.
func (s *start) greeting(channel uint8, to int) greeting {
	o := s.c.o
	return greeting{
		Version: version, Channel: channel, Rank: uint32(o.Rank), Size: uint32(o.Size), To: uint32(to), Nonce: newNonce(), Host: o.Host,
	}
}

// reachable is where others reach a listener: at the address that a connection to rank 0 has, unless it listens at one address only.
func reachable(listener net.Addr, conn net.Conn) string {
	at, ok := listener.(*net.TCPAddr)
	here, same := conn.LocalAddr().(*net.TCPAddr)
	if !ok || !same || !at.IP.IsUnspecified() {
		return listener.String()
	}
	return (&net.TCPAddr{IP: here.IP, Port: at.Port}).String()
}

// seenFrom is the address of a rank for the one at the other end of conn.
func seenFrom(conn net.Conn, addr string) string {
	here, ok := conn.LocalAddr().(*net.TCPAddr)
	host, port, err := net.SplitHostPort(addr)
	if !ok || err != nil || here.IP.IsLoopback() || !loopback(host) {
		return addr
	}
	return net.JoinHostPort(here.IP.String(), port)
}
