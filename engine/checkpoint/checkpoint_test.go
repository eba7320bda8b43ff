package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/models/disk"
)

// content is the content saved for an epoch.
func content(epoch int) map[string][]byte {
	return map[string][]byte{
		"model.safetensors": []byte(strings.Repeat(fmt.Sprintf("model of epoch %d. ", epoch), 1000)),
		"state.json":        []byte(fmt.Sprintf(`{"epoch":%d}`, epoch)),
	}
}

func saveAt(dir string, at At, files map[string][]byte, keep int) error {
	return NewStore(disk.OS, dir).Save(at, files, keep)
}

func save(t *testing.T, dir string, epoch, keep int) {
	t.Helper()
	if err := saveAt(dir, At{Epoch: epoch}, content(epoch), keep); err != nil {
		t.Fatal(err)
	}
}

// wantLatest checks the epoch that Latest finds, and the number of damaged checkpoints that it skips.
func wantLatest(t *testing.T, dir, epoch string, warnings int) {
	t.Helper()
	got, warned, err := Latest(dir)
	if err != nil || filepath.Base(got) != epoch || len(warned) != warnings {
		t.Fatalf("latest is %q, %q, %v; want %s and %d warnings", got, warned, err, epoch, warnings)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, Folder))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestSaveKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Latest(dir); !errors.Is(err, ErrNone) {
		t.Errorf("an empty run: %v", err)
	}
	for epoch := 1; epoch <= 4; epoch++ {
		save(t, dir, epoch, 2)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"000003", "000004", "last"}) {
		t.Errorf("folder holds %v", got)
	}
	if link, err := os.Readlink(filepath.Join(dir, Folder, "last")); err != nil || link != "000004" {
		t.Errorf("last is %q, %v", link, err)
	}
	wantLatest(t, dir, "000004", 0)
	if b, err := os.ReadFile(filepath.Join(dir, Folder, "last", "state.json")); err != nil || string(b) != `{"epoch":4}` {
		t.Errorf("state.json is %q, %v", b, err)
	}
	save(t, dir, 1234567, 0)
	wantLatest(t, dir, "1234567", 0)
}

func TestSaveReplacesTheSameEpoch(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 3)
	if err := saveAt(dir, At{Epoch: 1}, map[string][]byte{"state.json": []byte("again")}, 3); err != nil {
		t.Fatal(err)
	}
	wantLatest(t, dir, "000001", 0)
	if got := names(t, dir); !slices.Equal(got, []string{"000001", "last"}) {
		t.Errorf("folder holds %v", got)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, Folder, "000001", "state.json")); string(b) != "again" {
		t.Errorf("state.json is %q", b)
	}
}

// TestKeep: steps within an epoch are counted, and removed with the next checkpoint, whatever keep is.
func TestKeep(t *testing.T) {
	for _, c := range []struct {
		keep int
		want []string
	}{
		{0, []string{"000001", "000001 000001-000010", "000001 000001-000020", "000001 000002", "000001 000002 000003"}},
		{2, []string{"000001", "000001 000001-000010", "000001 000001-000020", "000001 000002", "000002 000003"}},
		{1, []string{"000001", "000001-000010", "000001-000020", "000002", "000003"}},
	} {
		dir := t.TempDir()
		for i, at := range []At{{1, 0}, {1, 10}, {1, 20}, {2, 0}, {3, 0}} {
			if err := saveAt(dir, at, content(i), c.keep); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(names(t, dir), " "); got != c.want[i]+" last" {
				t.Errorf("keep %d: after %v there are %s, want %s", c.keep, at, got, c.want[i])
			}
			wantLatest(t, dir, at.String(), 0)
		}
	}
}

// A damaged later checkpoint must not cause the removal of the good one just written.
func TestPruneSparesWhatWasJustWritten(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 5, 1)
	if err := os.Remove(filepath.Join(dir, Folder, "000005", manifestName)); err != nil {
		t.Fatal(err)
	}
	save(t, dir, 3, 1)
	wantLatest(t, dir, "000003", 1)
	for _, at := range []At{{3, 20}, {3, 10}} {
		if err := saveAt(dir, at, content(3), 1); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"000003-000010", "000003-000020", "000005", "last"}) {
		t.Errorf("folder holds %v", got)
	}
}

func TestFailedSaveLosesNothing(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 1)
	for _, at := range []At{{-1, 0}, {0, -1}} {
		if err := saveAt(dir, at, content(1), 1); err == nil {
			t.Errorf("%+v was saved", at)
		}
	}
	for _, name := range []string{"no/folder", manifestName, ".hidden", ".."} {
		if err := saveAt(dir, At{Epoch: 2}, map[string][]byte{"a": nil, name: nil}, 1); err == nil {
			t.Errorf("%q was saved", name)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"000001", "last"}) {
		t.Errorf("folder holds %v", got)
	}
	wantLatest(t, dir, "000001", 0)
}

// LatestFile reads the newest intact copy of one file, whatever has happened to the others.
func TestLatestFile(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 0)
	save(t, dir, 2, 0)
	path := func(epoch, name string) string { return filepath.Join(dir, Folder, epoch, name) }
	want := func(epoch string, limit int64, warned string) {
		t.Helper()
		got, warnings, err := LatestFile(dir, "state.json", limit)
		if epoch == "" && err == nil || epoch != "" && (err != nil || got != path(epoch, "state.json")) ||
			!strings.Contains(strings.Join(warnings, ";"), warned) {
			t.Errorf("%s, %q, %v; want that of %s", got, warnings, err, epoch)
		}
	}
	if err := os.Remove(path("000002", "model.safetensors")); err != nil {
		t.Fatal(err)
	}
	want("000002", 1000, "")
	want("", 3, "expected at most 3")
	if err := os.WriteFile(path("000002", "state.json"), []byte(`{"epoch":7}`), 0o666); err != nil {
		t.Fatal(err)
	}
	want("000001", 1000, "another SHA-256")
	if _, _, err := LatestFile(dir, "nothing", 1000); err == nil {
		t.Error("a file that no manifest lists was found")
	}
}
