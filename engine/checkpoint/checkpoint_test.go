package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// content is what the tests save for an epoch.
func content(epoch int) map[string][]byte {
	return map[string][]byte{
		"model.safetensors": []byte(strings.Repeat(fmt.Sprintf("model of epoch %d. ", epoch), 1000)),
		"state.json":        []byte(fmt.Sprintf(`{"epoch":%d}`, epoch)),
	}
}

func save(t *testing.T, dir string, epoch, keep int) {
	t.Helper()
	if err := Save(dir, epoch, content(epoch), keep); err != nil {
		t.Fatal(err)
	}
}

// wantLatest checks which epoch Latest finds, and how many damaged ones it passes over.
func wantLatest(t *testing.T, dir, epoch string, warnings int) {
	t.Helper()
	got, warned, err := Latest(dir)
	if err != nil || filepath.Base(got) != epoch || len(warned) != warnings {
		t.Fatalf("latest is %q, %q, %v; want %s and %d warnings", got, warned, err, epoch, warnings)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, folder))
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
	if link, err := os.Readlink(filepath.Join(dir, folder, "last")); err != nil || link != "000004" {
		t.Errorf("last is %q, %v", link, err)
	}
	wantLatest(t, dir, "000004", 0)
	if b, err := os.ReadFile(filepath.Join(dir, folder, "last", "state.json")); err != nil || string(b) != `{"epoch":4}` {
		t.Errorf("state.json is %q, %v", b, err)
	}
	save(t, dir, 1234567, 0)
	wantLatest(t, dir, "1234567", 0)
}

func TestSaveReplacesTheSameEpoch(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 3)
	if err := Save(dir, 1, map[string][]byte{"state.json": []byte("again")}, 3); err != nil {
		t.Fatal(err)
	}
	wantLatest(t, dir, "000001", 0)
	if got := names(t, dir); !slices.Equal(got, []string{"000001", "last"}) {
		t.Errorf("folder holds %v", got)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, folder, "000001", "state.json")); string(b) != "again" {
		t.Errorf("state.json is %q", b)
	}
}

func TestDamagedCheckpointsArePassedOver(t *testing.T) {
	damage := map[string]func(dir string) error{
		"missing file":     func(d string) error { return os.Remove(filepath.Join(d, "state.json")) },
		"missing manifest": func(d string) error { return os.Remove(filepath.Join(d, manifestName)) },
		"truncated file":   func(d string) error { return os.Truncate(filepath.Join(d, "model.safetensors"), 10) },
		"truncated manifest": func(d string) error {
			return os.Truncate(filepath.Join(d, manifestName), 30)
		},
		"flipped byte": func(d string) error {
			return os.WriteFile(filepath.Join(d, "state.json"), []byte(`{"epoch":3}`), 0o666)
		},
		"folder instead of file": func(d string) error {
			os.Remove(filepath.Join(d, "state.json"))
			return os.Mkdir(filepath.Join(d, "state.json"), 0o777)
		},
	}
	for name, f := range damage {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			save(t, dir, 1, 0)
			save(t, dir, 2, 0)
			if err := f(filepath.Join(dir, folder, "000002")); err != nil {
				t.Fatal(err)
			}
			wantLatest(t, dir, "000001", 1)
			save(t, dir, 2, 0)
			wantLatest(t, dir, "000002", 0)
		})
	}
}

// A damaged later checkpoint must not push out the good one that has just been written.
func TestPruneSparesWhatWasJustWritten(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 5, 1)
	if err := os.Remove(filepath.Join(dir, folder, "000005", manifestName)); err != nil {
		t.Fatal(err)
	}
	save(t, dir, 3, 1)
	wantLatest(t, dir, "000003", 1)
}

func TestFailedSaveLosesNothing(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 1)
	for _, name := range []string{"no/folder", manifestName, ".hidden", ".."} {
		if err := Save(dir, 2, map[string][]byte{"a": nil, name: nil}, 1); err == nil {
			t.Errorf("%q was saved", name)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"000001", "last"}) {
		t.Errorf("folder holds %v", got)
	}
	wantLatest(t, dir, "000001", 0)
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	for _, want := range []string{"one", "two"} {
		if err := WriteFile(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Fatalf("%q, %v", b, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
}

// FuzzManifest: no manifest may panic or name a file outside its folder.
func FuzzManifest(f *testing.F) {
	good, _ := newManifest(content(1)).marshal()
	f.Add(good)
	f.Add([]byte(`{"version":1,"files":{"../x":{"size":1,"sha256":""}}}`))
	f.Add([]byte(`{"version":1,"files":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil {
			return
		}
		for name, mark := range m.Files {
			if filepath.Dir(filepath.Join("dir", name)) != "dir" || mark.Size < 0 {
				t.Fatalf("accepted %q of size %d", name, mark.Size)
			}
		}
		if _, err := m.marshal(); err != nil {
			t.Fatal(err)
		}
	})
}
