package tcp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/setting"
)

// TestJoinRefuses: contradictions end the start with a sentence that names the ranks, on both sides.
func TestJoinRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(all []Options)
		want   []string // in the errors of rank 0 and of the rank that contradicts
	}{
		"the same number": {func(all []Options) { all[2].Rank = 1 }, []string{"two processes are", "rank 1 of 3 on host1", "rank 1 of 3 on host2"}},
		"another size":    {func(all []Options) { all[2].Size = 4 }, []string{"rank 2 of 4 on host2", "rank 0 of 3 on host0", "number of ranks"}},
		"another master":  {func(all []Options) { all[2].Master = other(all) }, []string{"looks for rank 0 where", "UDML_MASTER"}},
	} {
		t.Run(name, func(t *testing.T) {
			all := group(t, 3)
			c.change(all)
			errs := make([]error, 3)
			var wg sync.WaitGroup
			for i, o := range all {
				wg.Go(func() {
					time.Sleep(time.Duration(i/2) * 200 * time.Millisecond) // the others have met before
					_, errs[i] = Join(context.Background(), o)
				})
			}
			wg.Wait()
			usages := 0
			for r, err := range errs {
				var left *dist.LeftError
				switch {
				case errors.As(err, new(*setting.UsageError)):
					usages++
				case !errors.As(err, &left) || left.Code != 2:
					t.Errorf("process %d: %v", r, err)
					continue
				}
				for _, part := range c.want {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("process %d: %q lacks %q", r, err, part)
					}
				}
			}
			if usages < 2 {
				t.Errorf("%d usage errors: %v", usages, errs)
			}
			noneLeft(t)
		})
	}
}

// other opens a listener for rank 1 and returns its address.
func other(all []Options) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	all[1].Listener = l
	return l.Addr().String()
}

func TestJoinRefusesOptions(t *testing.T) {
	for want, o := range map[string]Options{
		"rank 2 of 2 ranks cannot be":       {Rank: 2, Size: 2, Master: "127.0.0.1:1"},
		"rank -1 of 2":                      {Rank: -1, Size: 2, Master: "127.0.0.1:1"},
		"rank 0 of 0":                       {},
		"too many":                          {Size: 1 << 30, Master: "127.0.0.1:1"},
		"UDML_MASTER=HOST:PORT":             {Rank: 1, Size: 2},
		`address of rank 0, "host", is not`: {Rank: 1, Size: 2, Master: "host"},
		`address of rank 0, ":90", is not`:  {Rank: 1, Size: 2, Master: ":90"},
		"set UDML_TOKEN":                    {Rank: 1, Size: 2, Master: "host:90"},
	} {
		_, err := Join(context.Background(), o)
		if !errors.As(err, new(*setting.UsageError)) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// TestJoinOtherToken: who has another token is told so at once; rank 0 goes on waiting, and says at the end whom it has refused.
func TestJoinOtherToken(t *testing.T) {
	all := group(t, 2)
	all[0].StartLimit = time.Second
	all[1].Token = "another"
	_, errs := join(t, all)
	if !errors.As(errs[1], new(*setting.UsageError)) || !strings.Contains(errs[1].Error(), "different tokens") {
		t.Error(errs[1])
	}
	var gone *dist.PeerError
	if !errors.As(errs[0], &gone) || gone.Rank != 1 || !strings.Contains(errs[0].Error(), "it did not come within 1s; a connection from 127.0.0.1") ||
		!strings.Contains(errs[0].Error(), "rank 1 of 2 on host1") {
		t.Error(errs[0])
	}
}

// TestJoinOtherVersion: both sides name the versions.
func TestJoinOtherVersion(t *testing.T) {
	all := group(t, 2)[:1]
	told := make(chan string, 1)
	go func() {
		conn, err := net.Dial("tcp", all[0].Master)
		if err != nil {
			told <- err.Error()
			return
		}
		defer conn.Close()
		mine := greeting{Version: 9, Rank: 1, Size: 2, Host: "host1"}
		said := append(mine.bytes(), "what comes later"...)
		said[10] += byte(len("what comes later"))
		_, _ = conn.Write(said)
		_, answer, _ := readGreeting(conn)
		_, _ = conn.Write(proof("secret", "dialer", said, answer))
		v, known, err := readVerdict(conn, "secret", said, answer)
		if err != nil || !known || v.status != refused {
			v.reason = "no proper verdict"
		}
		told <- v.reason
	}()
	_, err := Join(context.Background(), all[0])
	const want = "rank 1 of 2 on host1 and rank 0 of 2 on host0 run different versions of udml-gpu (protocols 9 and 1)"
	if reason := <-told; !strings.Contains(reason, want) || err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("listener: %v; dialer: %s", err, reason)
	}
}

// TestJoinPortInUse names the port and what to set.
func TestJoinPortInUse(t *testing.T) {
	o := group(t, 2)[0]
	defer o.Listener.Close()
	o.Listener = nil
	_, err := Join(context.Background(), o)
	if !errors.As(err, new(*setting.UsageError)) || !strings.Contains(err.Error(), o.Master) || !strings.Contains(err.Error(), "UDML_MASTER") {
		t.Error(err)
	}
}

// TestJoinLate: rank 0 may start later than the others, and a rank that comes never is named.
func TestJoinLate(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	all := group(t, 3)
	all[0].Listener.Close()
	all[0].Listener = nil
	l.Close()
	for r := range all {
		all[r].Master = l.Addr().String()
	}
	later := make(chan error)
	go func() {
		time.Sleep(300 * time.Millisecond)
		c, err := Join(context.Background(), all[0])
		if err == nil {
			_, err = c, c.Exchange("x", [][]byte{nil, {1}, {1}}, make([][]byte, 3))
			defer c.Close()
		}
		later <- err
	}()
	for _, c := range started(t, all[1:]) {
		if err := c.Exchange("x", make([][]byte, 3), [][]byte{make([]byte, 1), nil, nil}); err != nil {
			t.Error(err)
		}
	}
	if err := <-later; err != nil {
		t.Error(err)
	}
	all = group(t, 3)
	for r := range all {
		all[r].StartLimit = 700 * time.Millisecond
	}
	_, errs := join(t, all[:2])
	if !errors.As(errs[0], new(*dist.PeerError)) || !strings.Contains(errs[0].Error(), "rank 2: it did not come within 700ms") {
		t.Error(errs[0])
	}
	if errs[1] == nil {
		t.Error("rank 1 has joined without rank 2")
	}
	all[1].Master = "127.0.0.1:1"
	_, err = Join(context.Background(), all[1])
	if !errors.As(err, new(*dist.PeerError)) || !strings.Contains(err.Error(), "could not be reached at 127.0.0.1:1 within 700ms") {
		t.Error(err)
	}
}

// TestJoinCancelled: a signal ends the start on all ranks.
func TestJoinCancelled(t *testing.T) {
	all := group(t, 3)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(300*time.Millisecond, cancel)
	other := make(chan error)
	go func() { _, err := Join(context.Background(), all[1]); other <- err }()
	if _, err := Join(ctx, all[0]); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	var left *dist.LeftError
	if err := <-other; !errors.As(err, &left) || left.Code != 75 {
		t.Error(err)
	}
	noneLeft(t)
}

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
