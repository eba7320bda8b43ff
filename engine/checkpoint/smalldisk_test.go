package checkpoint_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "udml-gpu/engine/checkpoint"
	"udml-gpu/engine/report"
	"udml-gpu/models/disk"
)

// onTmpfs runs the named test again, in a process with its own tmpfs at the folder in the given environment
// variable. It needs the right to mount: root's, or a user namespace.
func onTmpfs(t *testing.T, test, variable, options string) {
	t.Helper()
	dir := t.TempDir()
	const script = `mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"`
	var why []string
	for _, flags := range []string{"-m", "-rm"} {
		args := []string{flags, "sh", "-c", script, "sh", options, dir}
		if out, err := exec.Command("unshare", append(args, "true")...).CombinedOutput(); err != nil {
			why = append(why, strings.TrimSpace(string(out)+" "+err.Error()))
			continue
		}
		cmd := exec.Command("unshare", append(args, os.Args[0], "-test.v", "-test.run=^"+test+"$")...)
		cmd.Env = append(os.Environ(), variable+"="+dir)
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS: "+test)) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	t.Skipf("a tmpfs cannot be mounted here: %s", strings.Join(why, "; "))
}

// big is a checkpoint of that many bytes.
func big(size int) map[string][]byte {
	return map[string][]byte{"model.safetensors": make([]byte, size), "state.json": []byte("{}")}
}

// fill leaves that many bytes free on the disk of dir and returns a function that frees the others.
func fill(t *testing.T, dir string, free int64) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := int64(0)
	for block := make([]byte, 4096); err == nil; n += 4096 {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if err := f.Truncate(n - 4096 - free); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// wantWhole checks that Latest finds the checkpoint of an epoch and that the folder holds nothing beyond the list.
func wantWhole(t *testing.T, dir, epoch string, list ...string) {
	t.Helper()
	got, warnings, err := Latest(dir)
	if err != nil || len(warnings) > 0 || filepath.Base(got) != epoch {
		t.Fatalf("latest is %q, %q, %v; want %s", got, warnings, err, epoch)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, e := range entries {
		there = append(there, e.Name())
	}
	if g, w := strings.Join(there, " "), strings.Join(append(list, "last"), " "); g != w {
		t.Fatalf("the folder holds %s, want %s", g, w)
	}
}

// TestFullDisk fills a real disk of 1 MiB to different heights, so that it is full at each file in turn: the model, the
// state, the manifest.
func TestFullDisk(t *testing.T) {
	const variable = "CHECKPOINT_TEST_FULL"
	dir := os.Getenv(variable)
	if dir == "" {
		onTmpfs(t, "TestFullDisk", variable, "size=1m")
		return
	}
	s := NewStore(disk.OS, dir)
	if err := s.Save(At{1, 0}, big(200<<10), 1); err != nil {
		t.Fatal(err)
	}
	for _, free := range []int64{0, 4 << 10, 100 << 10, 200 << 10, 204 << 10} {
		empty := fill(t, dir, free)
		for range 3 { // each attempt frees the space it took
			if err := s.Save(At{2, 0}, big(200<<10), 1); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("%d bytes free: %v", free, err)
			}
			wantWhole(t, dir, "000001", "000001")
		}
		empty()
	}
	if err := s.Save(At{2, 0}, big(200<<10), 1); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, dir, "000002", "000002")
}

// TestFullDiskUnderReports: the files beside the checkpoints keep their content, and the event log has no
// incomplete line once there is space again.
func TestFullDiskUnderReports(t *testing.T) {
	const variable = "CHECKPOINT_TEST_REPORTS"
	dir := os.Getenv(variable)
	if dir == "" {
		onTmpfs(t, "TestFullDiskUnderReports", variable, "size=1m")
		return
	}
	metrics, diary, board := filepath.Join(dir, "metrics.jsonl"), filepath.Join(dir, "events.jsonl"), filepath.Join(dir, "board")
	grown := bytes.Repeat([]byte("record"), 3000)
	events, err := report.OpenEvents(diary)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = events.Close() }()
	if err := errors.Join(report.WriteMetrics(metrics, []any{1}), events.Add("start", nil), disk.Update(board, grown[:6])); err != nil {
		t.Fatal(err)
	}
	empty := fill(t, dir, 0)
	if err := report.WriteMetrics(metrics, []any{1, 2}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("metrics: %v", err)
	}
	if err := disk.Update(board, grown); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("event file: %v", err)
	}
	if err := events.Add("checkpoint", strings.Repeat("x", 9000)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("events: %v", err)
	}
	empty()
	if err := errors.Join(events.Add("done", nil), disk.Update(board, grown)); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(board); !bytes.Equal(b, grown) {
		t.Errorf("the event file holds %d bytes, %v", len(b), err)
	}
	if b, err := os.ReadFile(metrics); string(b) != "1\n" {
		t.Errorf("metrics hold %q, %v", b, err)
	}
	b, err := os.ReadFile(diary)
	if err != nil || strings.Count(string(b), "\n") != 2 || !bytes.Contains(b, []byte(`"start"}`)) ||
		!bytes.HasSuffix(b, []byte(`"done"}`+"\n")) {
		t.Errorf("events hold %q, %v", b, err)
	}
}

// TestReadOnlyDisk: the checkpoint can be read from a disk that was remounted read-only after an error.
func TestReadOnlyDisk(t *testing.T) {
	const variable = "CHECKPOINT_TEST_READ_ONLY"
	dir := os.Getenv(variable)
	if dir == "" {
		onTmpfs(t, "TestReadOnlyDisk", variable, "size=1m")
		return
	}
	s := NewStore(disk.OS, dir)
	if err := s.Save(At{1, 0}, big(1000), 0); err != nil {
		t.Fatal(err)
	}
	remount(t, dir, "ro")
	_, _, locking := Lock(dir)
	for what, err := range map[string]error{
		"save": s.Save(At{2, 0}, big(1000), 0), "the same": s.Save(At{1, 0}, big(1000), 0), "lock": locking,
		"file": disk.Replace(filepath.Join(dir, "report.html"), nil), "folder": disk.MakeDir(filepath.Join(dir, "new")),
	} {
		if !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantWhole(t, dir, "000001", "000001")
	remount(t, dir, "rw")
	if err := s.Save(At{2, 0}, big(1000), 0); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, dir, "000002", "000001", "000002")
}

func remount(t *testing.T, dir, mode string) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "remount,"+mode, dir).CombinedOutput(); err != nil {
		t.Fatalf("remounting: %v: %s", err, out)
	}
}
