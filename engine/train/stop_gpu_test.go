package train

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUStopsAtTheStep: on a GPU too, a run that is stopped within an epoch, between two readings of its figures, and resumed
// leaves the bytes of a run that was never stopped.
func TestGPUStopsAtTheStep(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		drawings := fewDrawings(t)
		settings := func(c *setting.Config) { c.Data, c.Dim, c.Batch, c.Device = drawings, 8, 4, "cuda" }
		whole, c := tiny(t, settings), tiny(t, settings)
		if _, _, err := trainTiny(t, whole); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		tr, err := New(ctx, c, Session{UI: images.UI{Log: zerolog.Nop()}, Progress: atStep{1, 2, cancel}})
		if err != nil {
			t.Fatal(err)
		}
		stopsAt(t, tr, ctx, c, [2]int{1, 2})
		wantRunFiles(t, runFiles(t, whole.Out), c.Out)
	})
}
