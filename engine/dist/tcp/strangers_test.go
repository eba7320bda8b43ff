package tcp

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestJoinAmongStrangers: garbage, silence, half greetings and early ends neither break nor delay the start.
func TestJoinAmongStrangers(t *testing.T) {
	all := group(t, 3)
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	real := greeting{Version: version, Rank: 1, Size: 3}
	for _, text := range []string{
		"", "GET / HTTP/1.1\r\n\r\n", magic, magic + "\xff\xff\xff\xff", string(real.bytes()[:30]), string(real.bytes()),
		string(real.bytes()) + strings.Repeat("x", 32), strings.Repeat("\x00", 1<<16),
	} {
		for i := range 6 {
			conn, err := net.Dial("tcp", all[0].Master)
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, conn)
			_, _ = io.WriteString(conn, text)
			if i == 5 {
				conn.Close()
			}
		}
	}
	begin := time.Now()
	started(t, all)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the start took %v", took)
	}
}

// TestJoinAgain: a rank that was started again before all had come takes the place of the one that is gone.
func TestJoinAgain(t *testing.T) {
	all := group(t, 3)
	first := make(chan *Carrier)
	go func() {
		c, err := Join(context.Background(), all[0])
		if err != nil {
			t.Error(err)
		}
		first <- c
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := &start{c: &Carrier{o: all[1], hosts: make([]string, 3)}, listener: l, slots: make([][channels]slot, 3)}
	if err := s.call(context.Background(), 0, control, all[0].Master); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	s.conn(0, control).Close() // as when it is killed
	carriers := started(t, all[1:])
	carriers = append(carriers, <-first)
	if carriers[2] == nil {
		t.FailNow()
	}
	defer carriers[2].Close()
	for _, err := range each(carriers, func(c *Carrier) error { return swap(c, 0, lengths["small"]) }) {
		if err != nil {
			t.Error(err)
		}
	}
}

func FuzzStart(f *testing.F) {
	g := greeting{Version: 1, Rank: 1, Size: 2, Host: "a", Listen: "b:1"}
	f.Add(g.bytes())
	f.Add(newVerdict("t", refused, "no", []byte("x")).bytes())
	f.Add(message(frameTable, tableBytes([]place{{"a", "b:1"}, {"c", "d:2"}})))
	f.Add(message(frameLeave, leaving(1, 75, "so")))
	f.Add(header{frameData, 1, 1 << 62}.bytes())
	c := &Carrier{o: Options{Size: 2}, hosts: make([]string, 2)}
	f.Fuzz(func(t *testing.T, in []byte) {
		if g, raw, err := readGreeting(bytes.NewReader(in)); err == nil {
			if again, _, err := readGreeting(bytes.NewReader(g.bytes())); err != nil || again != g || len(raw) > maxBody+len(magic)+4 {
				t.Errorf("%+v is read again as %+v, %v", g, again, err)
			}
		}
		if v, known, err := readVerdict(bytes.NewReader(in), "t"); err == nil && known && len(v.reason) > maxReason {
			t.Errorf("%d bytes of reason", len(v.reason))
		}
		kind, body, err := readMessage(bytes.NewReader(in), max(tableSize(2), maxLeaving))
		if err == nil && kind == frameTable {
			if places, err := parseTable(body, 2); err == nil && len(places) != 2 {
				t.Errorf("%d places", len(places))
			}
		}
		if left, err := c.parseLeaving(body); err == nil && (left.Rank > 1 || left.Code > 255) {
			t.Errorf("%+v", left)
		}
	})
}
