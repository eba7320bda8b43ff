package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// damages are ways to damage a checkpoint in the folder d, with the expected messages.
var damages = []struct {
	name string
	do   func(d string) error
	says string
}{
	{"missing file", func(d string) error { return os.Remove(filepath.Join(d, "state.json")) }, "state.json is missing"},
	{"missing manifest", func(d string) error { return os.Remove(filepath.Join(d, manifestName)) }, "MANIFEST is missing"},
	{
		"truncated file",
		func(d string) error { return os.Truncate(filepath.Join(d, "model.safetensors"), 10) },
		"model.safetensors has 10 bytes instead of 18000",
	},
	{"truncated manifest", func(d string) error { return os.Truncate(filepath.Join(d, manifestName), 30) }, "its MANIFEST is damaged"},
	{
		"huge manifest",
		func(d string) error { return os.Truncate(filepath.Join(d, manifestName), 1<<40) },
		"its MANIFEST has 1099511627776 bytes",
	},
	{"flipped byte", func(d string) error {
		return os.WriteFile(filepath.Join(d, "state.json"), []byte(`{"epoch":3}`), 0o666)
	}, "state.json has another SHA-256"},
	{"longer file", func(d string) error {
		return os.WriteFile(filepath.Join(d, "state.json"), []byte(`{"epoch":2}`+"\n"), 0o666)
	}, "state.json has 12 bytes instead of 11"},
	{"link to a file", func(d string) error {
		path := filepath.Join(d, "state.json")
		return errors.Join(os.Rename(path, path+".gone"), os.Symlink("state.json.gone", path))
	}, "state.json is not a regular file"},
	{"pipe for a manifest", func(d string) error {
		path := filepath.Join(d, manifestName)
		return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o666))
	}, "MANIFEST is not a regular file"},
	{"folder for a file", func(d string) error {
		path := filepath.Join(d, "state.json")
		return errors.Join(os.Remove(path), os.Mkdir(path, 0o777))
	}, "state.json is not a regular file"},
}

func TestDamagedCheckpointsArePassedOver(t *testing.T) {
	for _, damage := range damages {
		t.Run(damage.name, func(t *testing.T) {
			dir := t.TempDir()
			save(t, dir, 1, 0)
			save(t, dir, 2, 0)
			if err := damage.do(filepath.Join(dir, Folder, "000002")); err != nil {
				t.Fatal(err)
			}
			wantLatest(t, dir, "000001", 1)
			if _, warnings, _ := Latest(dir); !strings.Contains(warnings[0], damage.says) || !strings.Contains(warnings[0], "000002") {
				t.Errorf("the warning is %q, want %q in it", warnings[0], damage.says)
			}
			save(t, dir, 2, 0)
			wantLatest(t, dir, "000002", 0)
		})
	}
}

// TestNewerManifest: a newer program's checkpoint is not damaged: continuing from an earlier one would lose it.
func TestNewerManifest(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 0)
	save(t, dir, 2, 0)
	newer := filepath.Join(dir, Folder, "000002", manifestName)
	if err := os.WriteFile(newer, []byte(`{"version":7,"files":["of another form"]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	got, _, err := Latest(dir)
	want := "written by a newer udml-gpu: its MANIFEST has version 7 and this program reads version 1; use a udml-gpu that reads version 7"
	if got != "" || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "000002") {
		t.Errorf("latest is %q, %v", got, err)
	}
}

// TestVerifyStreams: the memory of Verify does not grow with the files.
func TestVerifyStreams(t *testing.T) {
	const size = 32 << 20
	dir := t.TempDir()
	if err := saveAt(dir, At{Epoch: 1}, map[string][]byte{"model.safetensors": make([]byte, size)}, 0); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	wantLatest(t, dir, "000001", 0)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > size/64 {
		t.Errorf("verifying %d bytes allocated %d", size, n)
	}
}

// TestManifestMemory: the worst manifest within the size limit takes a small multiple of its size.
func TestManifestMemory(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"version":1,"files":{"a":{}`)
	for i := 0; b.Len() < maxManifest-20; i++ {
		fmt.Fprintf(&b, `,"%x":{}`, i)
	}
	b.WriteString(`}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := parseManifest([]byte(b.String())); err == nil {
		t.Fatal("a manifest without digests was accepted")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 40*maxManifest {
		t.Errorf("%d bytes of manifest allocated %d", b.Len(), n)
	}
}

// FuzzManifest: no manifest may cause a panic or name a file outside its folder.
func FuzzManifest(f *testing.F) {
	good, _ := newManifest(content(1)).marshal()
	f.Add(good)
	f.Add([]byte(`{"version":1,"files":{"../x":{"size":1,"sha256":""}}}`))
	f.Add([]byte(`{"version":1,"files":null}`))
	f.Add([]byte(`{"version":2,"files":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil {
			return
		}
		for name, mark := range m.Files {
			if filepath.Dir(filepath.Join("dir", name)) != "dir" || mark.Size < 0 {
				t.Fatalf("accepted %q of size %d", name, mark.Size)
			}
			if strings.ContainsAny(name, "\n\r\x1b\u009b\u202e") {
				t.Fatalf("accepted %q, which messages will show", name)
			}
		}
		if _, err := m.marshal(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzParseAt: each name of a folder is one position, and each position has one name.
func FuzzParseAt(f *testing.F) {
	for _, name := range []string{
		"000003", "000003-000120", "1234567", "000003-000000", "0000003", "last", "-00001",
		"99999999999999999999",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		at, ok := ParseAt(name)
		if ok && (at.String() != name || at.Epoch < 0 || at.Step < 0) {
			t.Fatalf("%q is %+v", name, at)
		}
	})
}
