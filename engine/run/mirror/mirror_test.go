package mirror

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/store/storetest"
	"udml-gpu/models/disk"
)

const address = "s3://bucket/runs/a"

// start is a store, in which leases last two seconds.
func start(t *testing.T) *storetest.Server {
	t.Helper()
	t.Setenv("UDML_MIRROR_LEASE", "2")
	return storetest.New(t)
}

func claimed(t *testing.T) *Mirror {
	t.Helper()
	m, err := Claim(context.Background(), address, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// runIn makes a run directory with the checkpoints of these positions.
func runIn(t *testing.T, at ...checkpoint.At) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "tensorboard"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"config.yaml", "metrics.jsonl", "events.jsonl", "report.html", "classes.json", "tensorboard/events.out",
		".tmp-x", "lock",
	} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte("content of "+name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range at {
		save(t, dir, a, "")
	}
	return dir
}

func save(t *testing.T, dir string, at checkpoint.At, more string) {
	t.Helper()
	files := map[string][]byte{"model.safetensors": []byte("model " + at.String() + more), "state.json": []byte("{}")}
	if err := checkpoint.NewStore(disk.OS, dir).Save(at, files, 3); err != nil {
		t.Fatal(err)
	}
}

func pushed(t *testing.T, m *Mirror, dir string, keep int, at ...checkpoint.At) {
	t.Helper()
	for _, a := range at {
		if err := m.Push(dir, a, keep); err != nil {
			t.Fatal(err)
		}
		m.wait()
	}
}

// TestThereAndBack: what was pushed comes back on an empty disk, the newest of the checkpoints, with the run's files.
func TestThereAndBack(t *testing.T) {
	s := start(t)
	m := claimed(t)
	one, two := checkpoint.At{Epoch: 1}, checkpoint.At{Epoch: 1, Step: 2}
	from := runIn(t, one, two)
	pushed(t, m, from, 3, one, two)
	if got, _ := s.Get("bucket/runs/a/checkpoints/last"); got != "000001-000002\n" {
		t.Errorf("last is %q", got)
	}
	if _, ok := s.Get("bucket/runs/a/.tmp-x"); ok {
		t.Error("an unfinished file was copied")
	}
	to := t.TempDir()
	if err := m.Fetch(context.Background(), to); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"config.yaml", "metrics.jsonl", "events.jsonl", "report.html", "classes.json", "tensorboard/events.out",
		"checkpoints/last/model.safetensors",
		"checkpoints/000001-000002/MANIFEST",
	} {
		want, err := os.ReadFile(filepath.Join(from, name))
		got, err2 := os.ReadFile(filepath.Join(to, name))
		if err != nil || err2 != nil || string(want) != string(got) {
			t.Errorf("%s is %q, %v, %v", name, got, err, err2)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "lock")); err == nil {
		t.Error("the lock came along")
	}
}

// TestFetchGoesOnlyForward: a directory that is further than the mirror stays as it is.
func TestFetchGoesOnlyForward(t *testing.T) {
	start(t)
	m := claimed(t)
	one, two := checkpoint.At{Epoch: 1}, checkpoint.At{Epoch: 2}
	pushed(t, m, runIn(t, one), 3, one)
	to := runIn(t, two)
	if err := os.WriteFile(filepath.Join(to, "metrics.jsonl"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := m.Fetch(context.Background(), to); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(filepath.Join(to, "metrics.jsonl"))
	if at, ok := checkpoint.Newest(to); !ok || at != two || string(b) != "mine" {
		t.Errorf("it is at %v with %q", at, b)
	}
}

// TestDamaged: an older checkpoint is taken where the newest is not whole, whatever it lacks.
func TestDamaged(t *testing.T) {
	const newest = "bucket/runs/a/checkpoints/000002/"
	for name, damage := range map[string]func(s *storetest.Server){
		"manifest gone":   func(s *storetest.Server) { s.Remove(newest + "MANIFEST") },
		"manifest no":     func(s *storetest.Server) { s.Put(newest+"MANIFEST", "{}") },
		"manifest long":   func(s *storetest.Server) { s.Put(newest+"MANIFEST", strings.Repeat(" ", 1<<16)) },
		"file gone":       func(s *storetest.Server) { s.Remove(newest + "state.json") },
		"file shorter":    func(s *storetest.Server) { s.Put(newest+"state.json", "") },
		"another content": func(s *storetest.Server) { s.Put(newest+"state.json", "[]") },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			m := claimed(t)
			one, two := checkpoint.At{Epoch: 1}, checkpoint.At{Epoch: 2}
			pushed(t, m, runIn(t, one, two), 3, one, two)
			damage(s)
			to := t.TempDir()
			if err := m.Fetch(context.Background(), to); err != nil {
				t.Fatal(err)
			}
			if at, ok := checkpoint.Newest(to); !ok || at != one {
				t.Errorf("it is at %v, %v", at, ok)
			}
		})
	}
}

// TestKeeps: older checkpoints go as in the directory, but two stay; what was never finished goes.
func TestKeeps(t *testing.T) {
	s := start(t)
	m := claimed(t)
	list := []checkpoint.At{{Epoch: 1}, {Epoch: 1, Step: 5}, {Epoch: 2}, {Epoch: 3}, {Epoch: 4}}
	s.Put("bucket/runs/a/checkpoints/000001-000003/model.safetensors", "half")
	dir := runIn(t)
	for _, at := range list {
		save(t, dir, at, "")
		pushed(t, m, dir, 1, at)
	}
	save(t, dir, list[4], " again")
	pushed(t, m, dir, 1, list[4])
	var got []string
	for _, place := range s.Places() {
		if name, ok := strings.CutPrefix(place, "bucket/runs/a/checkpoints/"); ok {
			got = append(got, name)
		}
	}
	want := []string{
		"000003/MANIFEST", "000003/model.safetensors", "000003/state.json", "000004/MANIFEST", "000004/model.safetensors",
		"000004/state.json",
		"last",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the mirror has %q", got)
	}
	if b, _ := s.Get("bucket/runs/a/checkpoints/000004/model.safetensors"); b != "model 000004 again" {
		t.Errorf("the model is %q", b)
	}
}

// TestManifestLast: a copy that ends anywhere leaves nothing that looks whole and is not.
func TestManifestLast(t *testing.T) {
	s := start(t)
	m := claimed(t)
	at := checkpoint.At{Epoch: 1}
	s.Asked()
	pushed(t, m, runIn(t, at), 3, at)
	var puts []string
	for _, asked := range s.Asked() {
		if place, ok := strings.CutPrefix(asked, "PUT bucket/runs/a/"); ok && place != "lock" {
			puts = append(puts, place)
		}
	}
	n := len(puts)
	if n < 4 || puts[n-2] != "checkpoints/000001/MANIFEST" || puts[n-1] != "checkpoints/last" {
		t.Errorf("it puts %q", puts)
	}
}

// TestOneWriter: a second process is refused while the first renews its lease, and told who that is.
// TestReleased: the next process need not wait.
// TestDeadWriter: the lease of a process that has died ends: at once where its lock is old, else after as long as it lasts.
// TestTakenOver: a process that has lost its lease writes nothing more, and its run ends.
// TestLostAnswers: a put that the store has done, and whose answer was lost, is taken for done.
// TestStoreWithoutConditions: it is refused, since two runs could write at a time.
// TestFinish: the last checkpoint is tried again, and after three failures the error says so.
func TestFinish(t *testing.T) {
	for _, works := range []bool{true, false} {
		s := start(t)
		m := claimed(t)
		at := checkpoint.At{Epoch: 1}
		dir := runIn(t, at)
		failed := 0
		s.Spoil = func(r *http.Request, _ int) string {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "model.safetensors") && (!works || failed == 0) {
				failed++
				return "403"
			}
			return ""
		}
		pushed(t, m, dir, 3, at)
		err := m.Finish(dir, func() error { return m.Push(dir, at, 3) })
		if works != (err == nil) || err != nil && !strings.Contains(err.Error(), "3 checkpoints in a row") {
			t.Errorf("%t: %v", works, err)
		}
		_, whole := s.Get("bucket/runs/a/checkpoints/000001/MANIFEST")
		if whole != works {
			t.Errorf("%t: the checkpoint is whole: %t", works, whole)
		}
	}
}
