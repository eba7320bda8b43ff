package engine

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUStopsAtTheStep: on a GPU too a run that is stopped within an epoch, between two readings of its figures, and resumed
// leaves the bytes of one that was never stopped.
func TestGPUStopsAtTheStep(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		settings := func(c *Config) { c.Data, c.Dim, c.Batch, c.Device = DemoData(1), 8, 4, "cuda" }
		whole, c := tiny(t, settings), tiny(t, settings)
		if _, _, err := trainTiny(t, whole); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		tr, err := NewTrainer(ctx, c, Session{Log: zerolog.Nop(), Progress: atStep{1, 2, cancel}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = onTrainImages(tr).Train(ctx)
		tr.Close()
		if !errors.Is(err, ErrStopped) {
			t.Fatalf("error %v, want ErrStopped", err)
		}
		last, _, err := checkpoint.Latest(c.Out)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := readState(last); err != nil || s.Epoch != 0 || s.EpochStep != 2 {
			t.Fatalf("the checkpoint holds epoch %d, step %d: %v", s.Epoch, s.EpochStep, err)
		}
		resumeTiny(t, c)
		want := runFiles(t, whole.Out)
		for name, b := range runFiles(t, c.Out) {
			if !bytes.Equal(b, want[name]) {
				t.Errorf("%s differs from that of the uninterrupted run", name)
			}
		}
	})
}
