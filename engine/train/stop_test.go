package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/report"
	"udml-gpu/engine/report/board/boardtest"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// atStep is Progress that calls do after a step of an epoch.
type atStep struct {
	epoch, step int
	do          func()
}

func (a atStep) Step(at report.Position, _ map[string]float64) {
	if at.Epoch == a.epoch && at.Step == a.step {
		a.do()
	}
}

func (atStep) Clear() {}

// onTrainImages leaves out the built-in test images, which would take most of the time of a test.
func onTrainImages(tr *Trainer) *Trainer {
	if tr.test != tr.train {
		tr.test.Close()
		tr.test = tr.train
	}
	return tr
}

// runFiles are the files of a run whose bytes do not depend on the time.
func runFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{run.MetricsFile, "checkpoints/last/" + network.ModelFile, "checkpoints/last/" + run.OptimizerFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = b
	}
	events, err := os.ReadFile(filepath.Join(dir, run.BoardFolder, run.BoardFile))
	if err != nil {
		t.Fatal(err)
	}
	files[run.BoardFile] = boardtest.Text(t, events)
	return files
}

// resumeTiny resumes the run of c and trains to its end.
func resumeTiny(t *testing.T, c setting.Config) {
	t.Helper()
	tr, err := Resume(context.Background(), c.Out, c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if _, err := onTrainImages(tr).Train(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// stopsAt trains until ctx ends, expects a checkpoint of step at[1] of epoch at[0], and resumes from it to the end.
func stopsAt(t *testing.T, tr *Trainer, ctx context.Context, c setting.Config, at [2]int) {
	t.Helper()
	_, err := onTrainImages(tr).Train(ctx)
	tr.Close()
	if !errors.Is(err, ErrStopped) {
		t.Fatalf("error %v, want ErrStopped", err)
	}
	last, _, err := checkpoint.Latest(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := run.ReadState(last); err != nil || s.Epoch != at[0]-1 || s.EpochStep != at[1] {
		t.Fatalf("the checkpoint holds epoch %d, step %d: %v", s.Epoch, s.EpochStep, err)
	}
	resumeTiny(t, c)
}

// resumesInSecondEpoch trains a run with those settings, and one that is stopped after the first step of its second epoch and resumed, and
// compares these files of their last checkpoints.
func resumesInSecondEpoch(t *testing.T, change func(c *setting.Config), files ...string) {
	t.Helper()
	whole, half := tiny(t, change), tiny(t, change)
	if _, _, err := trainTiny(t, whole); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tr, err := New(ctx, half, Session{UI: images.UI{Log: zerolog.Nop()}, Progress: atStep{2, 1, cancel}})
	if err != nil {
		t.Fatal(err)
	}
	stopsAt(t, tr, ctx, half, [2]int{2, 1})
	for _, file := range files {
		want, err := os.ReadFile(filepath.Join(whole.Out, "checkpoints", "last", file))
		got, errGot := os.ReadFile(filepath.Join(half.Out, "checkpoints", "last", file))
		if err != nil || errGot != nil || !bytes.Equal(want, got) {
			t.Errorf("%s differs: %v, %v", file, err, errGot)
		}
	}
}

// wantRunFiles compares the files of the run in dir with those of an undisturbed run.
func wantRunFiles(t *testing.T, want map[string][]byte, dir string) {
	t.Helper()
	for name, b := range runFiles(t, dir) {
		if !bytes.Equal(b, want[name]) {
			t.Errorf("%s differs from that of the undisturbed run", name)
		}
	}
}

// TestStopsAtTheStep: a signal ends a run after the present step, with a checkpoint of that step, and the resumed run leaves the
// bytes of a run that was never stopped. After the last step of an epoch the signal interrupts the evaluation.
func TestStopsAtTheStep(t *testing.T) {
	settings := func(c *setting.Config) {
		c.Epochs, c.EvalEvery, c.Optimizer = 2, 1, "adamw"
		c.Set("positives", "neighbours")
	}
	whole := tiny(t, settings)
	if _, _, err := trainTiny(t, whole); err != nil {
		t.Fatal(err)
	}
	want := runFiles(t, whole.Out)
	for _, at := range [][2]int{{1, 1}, {2, 2}, {1, 4}} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			c := tiny(t, settings)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			tr, err := New(ctx, c, Session{UI: images.UI{Log: zerolog.Nop()}, Progress: atStep{at[0], at[1], cancel}})
			if err != nil {
				t.Fatal(err)
			}
			if n := tr.loader.Batches(); n != 4 {
				t.Fatalf("%d steps an epoch: the last of the cases is not the last step", n)
			}
			stopsAt(t, tr, ctx, c, at)
			wantRunFiles(t, want, c.Out)
		})
	}
}

// TestCheckpointOnRequest: a request writes a checkpoint at the next step and does not change the result of the run.
func TestCheckpointOnRequest(t *testing.T) {
	whole := tiny(t, nil)
	if _, _, err := trainTiny(t, whole); err != nil {
		t.Fatal(err)
	}
	c, requests := tiny(t, nil), make(chan os.Signal, 1)
	ask := atStep{1, 2, func() { requests <- syscall.SIGUSR1 }}
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}, Requests: requests, Progress: ask})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if _, err := onTrainImages(tr).Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	events, err := os.ReadFile(filepath.Join(c.Out, run.EventsFile))
	if err != nil || !bytes.Contains(events, []byte(`"epoch":0,"epoch_step":2,`)) {
		t.Errorf("%v; no checkpoint at step 2 in %s", err, events)
	}
	wantRunFiles(t, runFiles(t, whole.Out), c.Out)
}
