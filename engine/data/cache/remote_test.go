package cache

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store/storetest"
)

// remoteSet is a set of images in a store, whose content is not that of images.
func remoteSet(t *testing.T) (*storetest.Server, *data.Set) {
	t.Helper()
	s := storetest.New(t)
	for i := range 20 {
		s.Put(fmt.Sprintf("bucket/p/%02d.jpg", i), "no image")
	}
	src, err := data.Open("s3://bucket/p/", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = src.Close() })
	return s, src.Split("all")
}

// built decodes the set in both ways.
func built(ctx context.Context, set *data.Set) map[string]error {
	o := Options{Size: 8, Channels: 1, MaxBad: 5, Workers: 2}
	_, err := Build(ctx, set, o)
	failed := map[string]error{"build": err}
	s, err := NewStream(set, o, 4)
	if err == nil {
		for range s.All(ctx) { //nolint:revive // only its end matters
		}
		err = s.Err()
	}
	failed["stream"] = err
	return failed
}

// TestStoreFaultIsFatal: an image that the store does not deliver is not skipped, one that is damaged is.
func TestStoreFaultIsFatal(t *testing.T) {
	s, set := remoteSet(t)
	s.Spoil = func(r *http.Request, _ int) string {
		if strings.HasSuffix(r.URL.Path, "/03.jpg") {
			return "403"
		}
		return ""
	}
	for how, err := range built(context.Background(), set) {
		if bad := (*baddata.Error)(nil); !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), "s3://bucket/p/03.jpg cannot be read") {
			t.Errorf("%s: %v", how, err)
		}
	}
	s.Spoil = nil
	for how, err := range built(context.Background(), set) {
		if err == nil || !strings.Contains(err.Error(), "--max-bad") && !strings.Contains(err.Error(), "more than 5 of 20 images") {
			t.Errorf("%s: %v", how, err)
		}
	}
}

// TestStopsWaiting: a store that does not answer does not hold up who wants to stop.
func TestStopsWaiting(t *testing.T) {
	s, set := remoteSet(t)
	s.Spoil = func(*http.Request, int) string { return "stall" }
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	for how, err := range built(ctx, set) {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", how, err)
		}
	}
	if took := time.Since(began); took > 5*time.Second { // a request is given up after 30
		t.Errorf("it took %v", took)
	}
}
