package tcp

import (
	"context"
	"errors"
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
		"the same number": {
			func(all []Options) { all[2].Rank = 1 },
			[]string{"two processes are", "rank 1 of 3 on host1", "rank 1 of 3 on host2"},
		},
		"another size": {
			func(all []Options) { all[2].Size = 4 },
			[]string{"rank 2 of 4 on host2", "rank 0 of 3 on host0", "number of ranks"},
		},
		"another master": {func(all []Options) { all[2].Master = other(all) }, []string{"looks for rank 0 where", "UDML_MASTER"}},
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
	if !errors.As(errs[0], &gone) || gone.Rank != 1 ||
		!strings.Contains(errs[0].Error(), "it did not come within 1s; a connection from 127.0.0.1") ||
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
	if !errors.As(err, new(*setting.UsageError)) || !strings.Contains(err.Error(), o.Master) ||
		!strings.Contains(err.Error(), "UDML_MASTER") {
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
