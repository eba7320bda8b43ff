package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"udml-gpu/engine/report/board/boardtest"
	"udml-gpu/engine/run"
	"udml-gpu/kernels/rng"
)

// TestTorture kills a short run again and again, at times drawn from a seed, a third of them within the write of a checkpoint, and
// resumes it each time. The run must end with the bytes of one that was never disturbed. UDML_KILLS and UDML_SEED change the number
// of kills and their times (make torture: 200).
func TestTorture(t *testing.T) {
	kills, seed := fromEnv(t, "UDML_KILLS", 20), fromEnv(t, "UDML_SEED", 1)
	v := newHarness(t)
	whole, took := v.undisturbed()
	for killed, runs := 0, 0; killed < kills; runs++ {
		dir := filepath.Join(v.dir, fmt.Sprintf("run%03d", runs))
		for attempt := 0; ; attempt++ {
			at := rng.Key{Seed: uint64(seed), Sample: uint32(runs), Epoch: uint32(attempt), Op: rng.OpBench}.At(0)
			if killed == kills {
				at = [4]uint32{1<<32 - 1, 1} // all kills are done: this attempt is not killed
			}
			if v.attempt(dir, time.Duration(float64(took)*float64(at[0])/(1<<32)), at[1]%3 == 0) {
				break
			}
			killed++
			v.checkMetrics(dir)
			v.checkEvents(dir, true)
		}
		v.compare(whole, dir)
		v.checkEvents(dir, false)
	}
}

func fromEnv(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%s: expected a number", name, text)
	}
	return n
}

// harness is the program and the folder with the images that it trains on.
type harness struct {
	*testing.T
	bin, dir string
}

func newHarness(t *testing.T) *harness {
	v := &harness{T: t, dir: t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	v.bin = filepath.Join(v.dir, "udml-gpu") // called by this name, the test binary is the program
	if err := os.Symlink(self, v.bin); err != nil {
		t.Fatal(err)
	}
	v.pictures("photos", 24)
	return v
}

// pictures makes a folder with so many images.
func (v *harness) pictures(folder string, count int) {
	for i := range count {
		var b bytes.Buffer
		err := errors.Join(png.Encode(&b, texture(i%4, i, 20)), os.MkdirAll(filepath.Join(v.dir, folder), 0o777),
			os.WriteFile(filepath.Join(v.dir, folder, fmt.Sprintf("%02d.png", i)), b.Bytes(), 0o666))
		if err != nil {
			v.Fatal(err)
		}
	}
}

// command begins or resumes the run in dir.
func (v *harness) command(ctx context.Context, dir string) *exec.Cmd {
	args := []string{"train", "--resume", dir}
	if _, err := os.Stat(filepath.Join(dir, "config.yaml")); err != nil {
		args = []string{
			"train", "--data", "photos", "--backbone", "conv4", "--size", "16", "--dim", "16", "--batch", "4", "--clusters", "4",
			"--epochs", "3", "--eval-every", "1", "--checkpoint-steps", "1", "--keep", "2", "--optimizer", "adamw", "--out", dir,
		}
	}
	cmd := exec.CommandContext(ctx, v.bin, args...)
	cmd.Dir, cmd.Env = v.dir, append(os.Environ(), "UDML_LIBCUDA=none")
	return cmd
}

// undisturbed trains to the end and measures how long that takes.
func (v *harness) undisturbed() (dir string, took time.Duration) {
	dir = filepath.Join(v.dir, "whole")
	start := time.Now()
	if out, err := v.command(context.Background(), dir).CombinedOutput(); err != nil {
		v.Fatalf("%v: %s", err, out)
	}
	return dir, time.Since(start)
}

// stuckAfter is longer than a run of one second takes even on a very busy machine.
const stuckAfter = 10 * time.Minute

// attempt begins or resumes the run in dir and kills it after that time or, with inWrite, in the next write of a checkpoint after
// it. It returns whether the run finished before. A run that is stuck for stuckAfter fails the test.
func (v *harness) attempt(dir string, after time.Duration, inWrite bool) (finished bool) {
	ctx, cancel := context.WithTimeout(context.Background(), stuckAfter)
	defer cancel()
	cmd := v.command(ctx, dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		v.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(after):
		for inWrite && !v.writing(dir) && len(ended) == 0 {
			time.Sleep(50 * time.Microsecond)
		}
		_ = cmd.Process.Signal(syscall.SIGKILL)
		err = <-ended
	}
	var exit *exec.ExitError
	killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	if ctx.Err() != nil || err != nil && !killed {
		v.Fatalf("stuck or failed: %v: %s", err, said.String())
	}
	return err == nil
}

// writing says whether a checkpoint is being written.
func (v *harness) writing(dir string) bool {
	entries, _ := os.ReadDir(filepath.Join(dir, "checkpoints"))
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
}

// checkMetrics: metrics.jsonl must hold the epochs from the first on, each once, in whole lines.
func (v *harness) checkMetrics(dir string) {
	b, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		v.Fatal(err)
	}
	for i, line := range bytes.SplitAfter(b, []byte("\n")) {
		var r struct{ Epoch int }
		if len(line) > 0 && (line[len(line)-1] != '\n' || json.Unmarshal(line, &r) != nil || r.Epoch != i+1) {
			v.Fatalf("line %d of metrics.jsonl is %q", i+1, line)
		}
	}
}

// compare: the run in dir must hold what the undisturbed run holds, and nothing else but logs of ranks.
func (v *harness) compare(whole, dir string) {
	want, got := v.files(whole), slices.DeleteFunc(v.files(dir), func(name string) bool { return strings.HasPrefix(name, run.RanksFolder) })
	if !slices.Equal(want, got) {
		v.Errorf("%s holds %v, the undisturbed run %v", dir, got, want)
	}
	const events = "tensorboard/" + run.BoardFile
	for _, name := range []string{
		"checkpoints/last/model.safetensors", "checkpoints/last/optimizer.safetensors", "metrics.jsonl", events,
		"tensorboard/vectors.bytes", "tensorboard/metadata.tsv", "tensorboard/sprite.png", "tensorboard/projector_config.pbtxt",
	} {
		a, err := os.ReadFile(filepath.Join(whole, name))
		if err != nil {
			v.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if name == events {
			a, b = boardtest.Text(v, a), boardtest.Text(v, b)
		}
		if err != nil || !bytes.Equal(a, b) {
			v.Errorf("%s of %s differs from that of the undisturbed run: %v", name, dir, err)
		}
	}
}

// files are the names of all files and folders below dir.
func (v *harness) files(dir string) []string {
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		names = append(names, name)
		return err
	})
	if err != nil {
		v.Fatal(err)
	}
	return names
}
