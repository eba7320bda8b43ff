package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEventsGoOnAfterACutLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	add := func(kind string, about any) {
		t.Helper()
		e, err := OpenEvents(path)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		e.now = func() time.Time { return time.Date(2024, 2, 3, 4, 5, 6, 7_800_000, time.UTC) }
		if err := e.Add(kind, about); err != nil {
			t.Fatal(err)
		}
	}
	add("start", map[string]int{"images": 3})
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"time":"2024-02-03T04:05:07Z","eve`)
	f.Close()
	add("resume", nil)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`{"time":"2024-02-03T04:05:06.007Z","event":"start","about":{"images":3}}`,
		`{"time":"2024-02-03T04:05:06.007Z","event":"resume"}`, ""}, "\n")
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestEventsRefuseWhatJSONCannotHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	e, err := OpenEvents(path)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Add("odd", func() {}); err == nil {
		t.Error("a function was written as JSON")
	}
	if b, _ := os.ReadFile(path); len(b) > 0 {
		t.Errorf("half a line was written: %q", b)
	}
}
