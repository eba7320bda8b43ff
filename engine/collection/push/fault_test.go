package push

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/data/baddata"
)

// many are more images than one transaction takes, of dim dimensions: too many for an index, which takes most of the time.
const many, dim = 1000, maxHalf + 1

// undisturbed is what the table holds after a push without faults.
func undisturbed(t *testing.T, path, url string) []string {
	t.Helper()
	run(t, path, url, Options{Table: "undisturbed"})
	return dump(t, url, "undisturbed")
}

// TestPushTerminated: a connection that the server ends in the middle is one sentence; the rows before it are kept, the second push sends
// the rest, and the table is that of a push without faults.
func TestPushTerminated(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	collectiontest.Make(t, path, dim, collectiontest.Items(many))
	kill := func(done, total int) {
		if done < total {
			query(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'udml-gpu'")
		}
	}
	_, err := Run(context.Background(), path, url, Options{Table: "c", Progress: kill})
	var bad *baddata.Error
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "the connection was lost") || strings.Contains(err.Error(), "\n") ||
		!strings.Contains(err.Error(), "of 1000 rows are sent and kept: the same command goes on") {
		t.Fatalf("error %v", err)
	}
	kept := len(dump(t, url, "c"))
	if kept == 0 || kept == many {
		t.Fatalf("%d rows are kept", kept)
	}
	if r := run(t, path, url, Options{Table: "c"}); r.Unchanged != kept || r.Sent != many-kept {
		t.Errorf("%d rows were kept: %+v", kept, r)
	}
	if !slices.Equal(dump(t, url, "c"), undisturbed(t, path, url)) {
		t.Error("the table is not that of a push without faults")
	}
}

// TestPushStopped: a signal is an error of its own, and rows are kept.
func TestPushStopped(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	collectiontest.Make(t, path, dim, collectiontest.Items(many))
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Run(ctx, path, url, Options{Progress: func(int, int) { cancel() }})
	if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "goes on") {
		t.Fatalf("error %v", err)
	}
	if r := run(t, path, url, Options{}); r.Unchanged == 0 || r.Rows != many {
		t.Errorf("%+v", r)
	}
}

// TestPushThroughCuts cuts the network after more and more bytes, wherever that is: in the sign-on, in a COPY, in a commit. Each push is
// one sentence and nothing is lost; the last one, undisturbed, gives the same table.
func TestPushThroughCuts(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	collectiontest.Make(t, path, dim, collectiontest.Items(many))
	before := 0
	for _, after := range []int64{10, 400, 3000, 20_000, 1 << 20, 5 << 20, 5 << 20} {
		port := cutting(t, after)
		_, err := Run(context.Background(), path, atPort("testpushthroughcuts", port), Options{Table: "c"})
		var bad *baddata.Error
		if err != nil && (!errors.As(err, &bad) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), password)) {
			t.Errorf("cut after %d bytes: %v", after, err)
		}
		if after < 20_000 {
			continue // the table may not be there yet
		}
		if n := len(dump(t, url, "c")); n < before {
			t.Errorf("cut after %d bytes: %d rows, before %d", after, n, before)
		} else {
			before = n
		}
	}
	if before == 0 || before == many {
		t.Errorf("the cuts are not in the middle: %d rows", before)
	}
	run(t, path, url, Options{Table: "c"})
	if !slices.Equal(dump(t, url, "c"), undisturbed(t, path, url)) {
		t.Error("the table is not that of a push without faults")
	}
}

// cutting is the port of a proxy to the server that cuts a connection after that many bytes to the server.
func cutting(t *testing.T, after int64) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, to, _ := strings.Cut(at(""), "@")
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", strings.TrimSuffix(to, "/"))
			if err != nil {
				_ = client.Close()
				return
			}
			go func() {
				_, _ = io.CopyN(upstream, client, after)
				_ = errors.Join(client.Close(), upstream.Close())
			}()
			go func() { _, _ = io.Copy(client, upstream) }()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// TestTwoPushes: a second one at the same time is refused.
func TestTwoPushes(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	collectiontest.Make(t, path, 8, collectiontest.Items(20))
	var second error
	run(t, path, url, Options{Progress: func(int, int) { _, second = Run(context.Background(), path, url, Options{}) }})
	if second == nil || !strings.Contains(second.Error(), "another push is writing the table c") {
		t.Errorf("the second push: %v", second)
	}
}

// TestUnreachable: what is no database, a wrong password, a server that does not answer: one sentence, without the password.
func TestUnreachable(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "c.udml")
	collectiontest.Make(t, path, 8, collectiontest.Items(2))
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	port := silent.Addr().(*net.TCPAddr).Port
	began := time.Now()
	for url, want := range map[string]string{
		strings.Replace(url, "s3cret", "wr0ng", 1):       "password authentication failed",
		strings.Replace(url, "testunreach", "nosuch", 1): "does not exist",
		atPort("x", port) + "?connect_timeout=1":         "does not answer",
		atPort("x", 1):                                   "connection refused",
		url + "?sslmode=require":                         "TLS",
		"mysql://x":                                      "must be given as postgres://",
		"postgres://u:s3cret@[::1":                       "cannot be read",
	} {
		_, err := Run(context.Background(), path, url, Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, want)
		}
		for _, secret := range []string{"s3cret", "wr0ng", "p@ss", "p%40ss"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error holds a password: %v", err)
			}
		}
	}
	if time.Since(began) > 20*time.Second {
		t.Error("waited too long")
	}
}
