package report

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
		defer func() { _ = e.Close() }()
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
	_, _ = f.WriteString(`{"time":"2024-02-03T04:05:07Z","eve`)
	f.Close()
	add("resume", nil)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`{"time":"2024-02-03T04:05:06.007Z","event":"start","about":{"images":3}}`,
		`{"time":"2024-02-03T04:05:06.007Z","event":"resume"}`, "",
	}, "\n")
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
	defer func() { _ = e.Close() }()
	if err := e.Add("odd", func() {}); err == nil {
		t.Error("a function was written as JSON")
	}
	if b, _ := os.ReadFile(path); len(b) > 0 {
		t.Errorf("half a line was written: %q", b)
	}
}

// brokenFile is an event log on a failing disk: a write stores what fits, and truncating may fail.
type brokenFile struct {
	*os.File
	room    int
	refuses int // how often truncating still fails
}

func (f *brokenFile) WriteAt(p []byte, at int64) (int, error) {
	if f.room >= len(p) {
		return f.File.WriteAt(p, at)
	}
	n, err := f.File.WriteAt(p[:f.room], at)
	return n, errors.Join(err, syscall.ENOSPC)
}

func (f *brokenFile) Truncate(size int64) error {
	if f.refuses > 0 {
		f.refuses--
		return syscall.EIO
	}
	return f.File.Truncate(size)
}

// TestEventsAfterAShortWrite: wherever a line breaks off, and however late it can be removed, the next line
// follows a complete one, also when another process writes it.
func TestEventsAfterAShortWrite(t *testing.T) {
	long := strings.Repeat("x", 10000) // more than one read from the end
	for _, room := range []int{0, 1, 40, 5000} {
		for refuses := range 4 {
			for _, again := range []bool{false, true} {
				got := brokenLog(t, room, refuses, again, long)
				if len(got) != 2 || !strings.HasSuffix(got[0], `"start"}`) || !strings.HasSuffix(got[1], `"end"}`) {
					t.Errorf("room %d, %d refused, reopened %t: %q", room, refuses, again, got)
				}
			}
		}
	}
}

// brokenLog writes a line, fails to write a long one, and writes another once it can, optionally after opening the
// log again. It returns the resulting lines.
func brokenLog(t *testing.T, room, refuses int, again bool, long string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	e, err := OpenEvents(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Add("start", nil); err != nil {
		t.Fatal(err)
	}
	e.file = &brokenFile{e.file.(*os.File), room, refuses}
	if err := e.Add("long", long); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("error %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || refuses == 0 && !strings.HasSuffix(string(b), "\"start\"}\n") {
		t.Errorf("after the failure the event log is %q, %v", b, err)
	}
	e.file.(*brokenFile).room = 1 << 20
	if again {
		_ = e.Close()
		if e, err = OpenEvents(path); err != nil {
			t.Fatal(err)
		}
	}
	for e.Add("end", nil) != nil {
	}
	_ = e.Close()
	b, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(string(b), "\n") {
		t.Fatalf("%q, %v", b, err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}
