package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store/storetest"
)

// quick is a client of the test's store that does not wait long.
func quick(t *testing.T) *Client {
	t.Helper()
	o, err := fromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	o.patience = 100 * time.Millisecond
	c, err := newClient(o, credentialsOf(o))
	if err != nil {
		t.Fatal(err)
	}
	c.wait = time.Millisecond
	return c
}

func at(key string) Place { return Place{"bucket", key} }

// long is more than a read-ahead and than a block.
var long = func() string {
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, "%07d ", i)
	}
	return b.String()
}()

// TestTriesAgain: a request that fails in passing a few times succeeds, and one that always fails is one sentence that names the object
// and the cause.
func TestTriesAgain(t *testing.T) {
	for how, says := range map[string]string{
		"503": "503 Spoiled: said the store", "500": "500", "429": "429", "cut": "cut off", "stall": "stalled", "reset": "cut off",
	} {
		for _, fails := range []int{3, attempts} {
			t.Run(fmt.Sprintf("%s %d times", how, fails), func(t *testing.T) {
				s := storetest.New(t)
				s.Put("bucket/a", long)
				s.Spoil = func(_ *http.Request, n int) string {
					if n <= fails {
						return how
					}
					return ""
				}
				b := make([]byte, 20000)
				err := quick(t).ReadAt(context.Background(), Object{Place: at("a"), Size: int64(len(long))}, b, 64)
				if fails < attempts {
					if err != nil || string(b) != long[64:64+len(b)] {
						t.Errorf("read %.20q, error %v", b, err)
					}
					return
				}
				bad := (*baddata.Error)(nil)
				if !errors.As(err, &bad) {
					t.Fatalf("the error is %v", err)
				}
				for _, part := range []string{"s3://bucket/a cannot be read: ", says, "tried 6 times"} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not contain %q", err, part)
					}
				}
				if strings.ContainsAny(err.Error(), "\x1b\u009b\n") {
					t.Errorf("%q can control a terminal", err)
				}
				if n := len(s.Asked()); n != attempts {
					t.Errorf("it asked %d times", n)
				}
			})
		}
	}
}

// TestDoesNotTryAgain: what will fail again is asked for once.
func TestDoesNotTryAgain(t *testing.T) {
	for status, says := range map[string]string{
		"403": "AWS_ACCESS_KEY_ID", "401": "AWS_PROFILE", "404": "check the bucket and the key", "412": "changed", "400": "AWS_REGION",
		"501": "501",
	} {
		s := storetest.New(t)
		s.Spoil = func(*http.Request, int) string { return status }
		err := quick(t).ReadAt(context.Background(), Object{Place: at("a"), Size: 10}, make([]byte, 1), 0)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "s3://bucket/a") {
			t.Errorf("%s: %v", status, err)
		}
		if n := len(s.Asked()); n != 1 {
			t.Errorf("%s: it asked %d times", status, n)
		}
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%v holds a secret", err)
		}
	}
}

// TestReadsWhatWasListed: an object that has changed since is not taken for the old one.
func TestReadsWhatWasListed(t *testing.T) {
	s := storetest.New(t)
	s.Put("bucket/p/a", "before")
	c := quick(t)
	list, err := c.List(context.Background(), at("p/"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if b, err := c.Read(context.Background(), list[0], 10); err != nil || string(b) != "before" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := c.Read(context.Background(), list[0], 5); err == nil {
		t.Error("a longer object than allowed is read")
	}
	s.Put("bucket/p/a", "after!")
	if b, err := c.Read(context.Background(), list[0], 10); !errors.Is(err, ErrChanged) {
		t.Errorf("%q, %v", b, err)
	}
	s.Remove("bucket/p/a")
	if b, err := c.Read(context.Background(), list[0], 10); !errors.Is(err, ErrMissing) {
		t.Errorf("%q, %v", b, err)
	}
}

// TestList: pages are joined, also where some fail, and keys come in byte order.
func TestList(t *testing.T) {
	s := storetest.New(t)
	for i := range 25 {
		s.Put(fmt.Sprintf("bucket/p/%02d", i), strings.Repeat("x", i))
	}
	s.Put("bucket/q", "")
	s.Page = 4
	s.Spoil = func(_ *http.Request, n int) string {
		if n%3 == 0 {
			return "cut"
		}
		return ""
	}
	list, err := quick(t).List(context.Background(), at("p/"))
	if err != nil || len(list) != 25 {
		t.Fatalf("%d objects, error %v", len(list), err)
	}
	for i, o := range list {
		if o.Key != fmt.Sprintf("p/%02d", i) || o.Size != int64(i) || o.ETag == "" || o.Modified.IsZero() {
			t.Errorf("object %d is %+v", i, o)
		}
	}
}

// TestReaders: both readers give an object's bytes, wherever one reads, through requests that are cut off.
func TestReaders(t *testing.T) {
	s := storetest.New(t)
	s.Put("bucket/a", long)
	s.Spoil = func(_ *http.Request, n int) string {
		if n%2 == 1 {
			return "cut"
		}
		return ""
	}
	c := quick(t)
	o, err := c.Stat(context.Background(), at("a"))
	if err != nil {
		t.Fatal(err)
	}
	blocks, front := c.Blocks(context.Background(), o), c.Front(context.Background(), o)
	defer func() { _ = front.Close() }()
	want := strings.NewReader(long)
	for _, step := range []struct{ from, n int64 }{
		{0, 10}, {5, 700}, {blockBytes - 3, 7}, {300_000, 10}, {0, blockBytes + 5}, {int64(len(long)) - 4, 4}, {int64(len(long)) - 4, 40},
	} {
		a, b, d := make([]byte, step.n), make([]byte, step.n), make([]byte, step.n)
		n, err := want.ReadAt(a, step.from)
		m, err2 := blocks.ReadAt(b, step.from)
		if m != n || (err == nil) != (err2 == nil) || string(b) != string(a) {
			t.Errorf("blocks at %v: %d bytes, error %v", step, m, err2)
		}
		if _, err := front.Seek(step.from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if m, err = io.ReadFull(front, d); m != n || string(d) != string(a) || err != nil && err != io.ErrUnexpectedEOF {
			t.Errorf("front at %v: %d bytes, error %v", step, m, err)
		}
	}
	if all, err := io.ReadAll(c.Front(context.Background(), o)); err != nil || string(all) != long {
		t.Errorf("%d bytes, error %v", len(all), err)
	}
}

// TestConditions: a put with a condition that does not hold changes nothing.
func TestConditions(t *testing.T) {
	s := storetest.New(t)
	c, ctx := quick(t), context.Background()
	first, err := c.PutText(ctx, at("a"), "1", IfMissing())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutText(ctx, at("a"), "2", IfMissing()); !errors.Is(err, ErrChanged) {
		t.Errorf("a second put where there was none: %v", err)
	}
	if _, err := c.PutText(ctx, at("a"), "3", If(first)); err != nil {
		t.Error(err)
	}
	if _, err := c.PutText(ctx, at("a"), "4", If(first)); !errors.Is(err, ErrChanged) {
		t.Errorf("a put in the place of what is gone: %v", err)
	}
	if got, _ := s.Get("bucket/a"); got != "3" {
		t.Errorf("the object is %q", got)
	}
	if err := errors.Join(c.Remove(ctx, at("a")), c.Remove(ctx, at("a"))); err != nil || len(s.Places()) != 0 {
		t.Errorf("%v, %v", s.Places(), err)
	}
}

// TestStops: a request ends with its context, and is not tried again.
func TestStops(t *testing.T) {
	s := storetest.New(t)
	s.Spoil = func(*http.Request, int) string { return "503" }
	c := quick(t)
	c.wait = time.Hour
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Stat(ctx, at("a")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
