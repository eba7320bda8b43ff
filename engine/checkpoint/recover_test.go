package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/models/disk"
)

// stepAside leaves a new checkpoint 1 in its place and the old one moved aside, and calls f on the two.
func stepAside(t *testing.T, f func(place, old string) error) string {
	t.Helper()
	dir := t.TempDir()
	place, old := filepath.Join(dir, Folder, "000001"), filepath.Join(dir, Folder, oldPrefix+"000001")
	save(t, dir, 1, 0)
	if err := os.Rename(place, old); err != nil {
		t.Fatal(err)
	}
	if err := NewStore(disk.OS, dir).writeAll(place, map[string][]byte{"state.json": []byte("new")}); err != nil {
		t.Fatal(err)
	}
	if err := f(place, old); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestRecoverChooses: of a checkpoint and the one moved aside for it, the new one stays, unless only the old one
// is good. One of a newer program counts as good.
func TestRecoverChooses(t *testing.T) {
	spoil := func(dir string) error { return os.Truncate(filepath.Join(dir, "state.json"), 1) }
	for name, c := range map[string]struct {
		f       func(place, old string) error
		removed string
		state   string // the beginning of state.json in the one that stays
	}{
		"both good":    {func(place, old string) error { return nil }, oldPrefix + "000001", "new"},
		"new damaged":  {func(place, old string) error { return spoil(place) }, tmpPrefix + "000001", `{"epoch":1}`},
		"both damaged": {func(place, old string) error { return errors.Join(spoil(place), spoil(old)) }, oldPrefix + "000001", "n"},
		"newer version": {func(place, old string) error {
			return os.WriteFile(filepath.Join(place, manifestName), []byte(`{"version":2}`), 0o666)
		}, oldPrefix + "000001", "new"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := stepAside(t, c.f)
			removed, err := NewStore(disk.OS, dir).Recover()
			if err != nil || !slices.Equal(removed, []string{c.removed}) {
				t.Errorf("removed %q, %v; want %s", removed, err, c.removed)
			}
			if got := names(t, dir); !slices.Equal(got, []string{"000001", "last"}) {
				t.Errorf("folder holds %v", got)
			}
			if b, err := os.ReadFile(filepath.Join(dir, Folder, "000001", "state.json")); err != nil || string(b) != c.state {
				t.Errorf("state.json is %q, %v; want %q", b, err, c.state)
			}
		})
	}
}

// TestLatestFindsWhatSteppedAside: a reader finds a checkpoint that was moved aside, even before a writer has recovered it.
func TestLatestFindsWhatSteppedAside(t *testing.T) {
	dir := stepAside(t, func(place, _ string) error { return os.RemoveAll(place) })
	wantLatest(t, dir, oldPrefix+"000001", 0)
	dir = stepAside(t, func(place, _ string) error { return os.Remove(filepath.Join(place, manifestName)) })
	wantLatest(t, dir, oldPrefix+"000001", 1)
}

// refusing is a file system that refuses to rename to names with this ending.
type refusing struct {
	disk.FS
	target string
}

func (r refusing) Rename(from, to string) error {
	if filepath.Base(to) == r.target && !strings.HasPrefix(filepath.Base(from), oldPrefix) {
		return os.ErrPermission
	}
	return r.FS.Rename(from, to)
}

// TestRefusedRenamePutsBack: the old checkpoint is put back at once, for users of "last".
func TestRefusedRenamePutsBack(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 0)
	if err := NewStore(refusing{disk.OS, "000001"}, dir).Save(At{Epoch: 1}, content(1), 0); !errors.Is(err, os.ErrPermission) {
		t.Fatalf("error %v", err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"000001", "last"}) {
		t.Errorf("folder holds %v", got)
	}
}
