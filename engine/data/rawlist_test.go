package data

import (
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// TestListsOfRawNames: a list names files that are no UTF-8 by their bytes, or as JSON shows them; a file of that very name goes first, and
// nothing leads out of the folder.
func TestListsOfRawNames(t *testing.T) {
	dir := datatest.Tree(t, map[string][]byte{
		"caf\xe9.png": nil, "b\xff.png": nil, "bytes:c%41.png": nil, "cA.png": nil,
		"a.csv":   []byte("path\ncaf\xe9.png\nbytes:b%FF.png\nbytes:c%41.png\n"),
		"b.jsonl": []byte(`{"path": "bytes:caf%E9.png"}` + "\n" + `{"path": "bytes:b%FF.png"}`),
		"c.jsonl": []byte(`{"path": "bytes:x/%2E%2E/%2E%2E/etc/passwd"}`), "d.csv": []byte("path\nbytes:%2Fetc/passwd\n"),
	})
	for list, want := range map[string]string{
		"csv:a.csv":     "bytes:c%41.png=-1 b\xff.png=-1 caf\xe9.png=-1",
		"jsonl:b.jsonl": "b\xff.png=-1 caf\xe9.png=-1",
	} {
		scheme, name, _ := strings.Cut(list, ":")
		s := openAs(t, scheme+":"+filepath.Join(dir, name), Options{})
		if got := describe(s.Split("all")); got != want {
			t.Errorf("%s: %q, want %q", list, got, want)
		}
	}
	for list, says := range map[string]string{"jsonl:c.jsonl": "leads out by ..", "csv:d.csv": "is absolute"} {
		scheme, name, _ := strings.Cut(list, ":")
		if _, err := Open(scheme+":"+filepath.Join(dir, name), Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", list, err)
		}
	}
}
