package tcp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"udml-gpu/engine/dist"
)

// errClosed is what is seen of a process that has ended.
var errClosed = errors.New("the connection was closed")

// How a machine that is gone without a word is noticed while this rank computes: within about a minute.
const (
	keepIdle     = 20 * time.Second
	keepInterval = 10 * time.Second
	keepCount    = 4
)

// peer is another rank. Its data connection is used by Exchange alone.
type peer struct {
	rank     int
	host     string
	control  net.Conn
	data     net.Conn
	in       *bufio.Reader // of data: small frames take one read, large ones go past its buffer
	finished atomic.Bool   // it has said goodbye
	over     chan struct{} // closed when nothing more comes over control
}

// meet takes the control connection of a rank and begins to read it; a second call does nothing.
func (c *Carrier) meet(rank int, conn net.Conn) {
	if c.met(rank) {
		return
	}
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: keepIdle, Interval: keepInterval, Count: keepCount})
		limitUnacknowledged(t)
	}
	p := &peer{rank: rank, host: c.hosts[rank], control: conn, over: make(chan struct{})}
	c.mu.Lock()
	c.peers[rank] = p
	c.mu.Unlock()
	c.watch.Go(func() { c.read(p) })
}

// limitUnacknowledged ends a connection whose other end does not acknowledge. Not on a data connection: there a peer that computes and
// reads nothing for a while would be cut off. Where it cannot be set, the limit of Exchange is left.
func limitUnacknowledged(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	const limit = keepIdle + keepCount*keepInterval
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.Milliseconds()))
	})
}

// met says whether the control connection of a rank is read.
func (c *Carrier) met(rank int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peers[rank] != nil
}

// forget undoes meet.
func (c *Carrier) forget(p *peer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peers[p.rank] = nil
	p.control.Close()
}

// attach takes the data connection of a rank that is met.
func (c *Carrier) attach(rank int, conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.peers[rank]
	p.data, p.in = conn, bufio.NewReaderSize(conn, 4096)
	if c.failed != nil {
		conn.Close()
	}
}

// read reads the control connection until it ends.
func (c *Carrier) read(p *peer) {
	defer close(p.over)
	for {
		kind, body, err := readMessage(p.control, maxLeaving)
		if err == nil && kind == frameGoodbye {
			p.finished.Store(true)
			continue
		}
		if err == nil && kind == frameLeave {
			var left *dist.LeftError
			if left, err = c.parseLeaving(body); err == nil {
				c.lost(left)
				return
			}
		}
		if c.vanished != nil && c.vanished(p) {
			return
		}
		if !p.finished.Load() {
			c.lost(&dist.PeerError{Rank: p.rank, Host: p.host, Op: "noticed in the background", Err: seen(err)})
		}
		return
	}
}

// seen is an error of a connection in words.
func seen(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE):
		return errClosed
	case err == nil, errors.Is(err, errStranger):
		return errors.New("it has sent what no rank sends: the network or that process is broken")
	}
	return err
}

// receive fills dst with the frame of that number. limit is how long it may take until something comes; 0: for ever.
func (p *peer) receive(seq uint32, dst []byte, limit time.Duration) error {
	b := make([]byte, headerSize)
	if err := p.fill(b, limit); err != nil {
		return err
	}
	h, err := parseHeader(b)
	switch {
	case err != nil || h.kind != frameData:
		return &differsError{"what no rank sends"}
	case h.seq != seq:
		return &differsError{fmt.Sprintf("exchange %d, where this rank is at exchange %d", h.seq, seq)}
	case h.length != uint64(len(dst)):
		return &differsError{fmt.Sprintf("%d bytes, where this rank expects %d", h.length, len(dst))}
	}
	return p.fill(dst, limit)
}

// differsError says that two ranks do not do the same, which is a mistake of the program.
type differsError struct{ sent string }

func (e *differsError) Error() string {
	return "it sends " + e.sent + ": the ranks do not compute the same"
}

// fill reads until dst is full.
func (p *peer) fill(dst []byte, limit time.Duration) error {
	for len(dst) > 0 {
		end := until(limit)
		if err := p.data.SetReadDeadline(end); err != nil {
			return err
		}
		n, err := p.in.Read(dst)
		dst = dst[n:]
		if err != nil && len(dst) > 0 && !asleep(err, end) {
			return err
		}
	}
	return nil
}

// chunk is how much is written at once: progress is noticed that often.
const chunk = 1 << 20

// send writes a frame.
func (p *peer) send(seq uint32, src []byte, limit time.Duration) error {
	head := header{frameData, seq, uint64(len(src))}.bytes()
	first := src[:min(len(src), chunk)]
	parts := net.Buffers{head, first}
	for rest := src[len(first):]; ; {
		for len(parts) > 0 {
			end := until(limit)
			if err := p.data.SetWriteDeadline(end); err != nil {
				return err
			}
			n, err := parts.WriteTo(p.data) // what was written is gone from parts, also if only some was
			goesOn := n > 0 && errors.Is(err, os.ErrDeadlineExceeded)
			if err != nil && !goesOn && !asleep(err, end) {
				return err
			}
		}
		if len(rest) == 0 {
			return nil
		}
		n := min(len(rest), chunk)
		parts, rest = net.Buffers{rest[:n]}, rest[n:]
	}
}

// until is the time limit from now; the zero time for 0.
func until(limit time.Duration) time.Time {
	if limit <= 0 {
		return time.Time{}
	}
	return time.Now().Add(limit)
}

// asleep says whether an expired limit says nothing, since this process itself was stopped meanwhile and could not see what came.
func asleep(err error, end time.Time) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && time.Since(end) > 2*time.Second
}
