package kernels_test

import (
	"errors"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUProgress: marks are passed when the device has come so far, and not before.
func TestGPUProgress(t *testing.T) {
	dev := fresh(t)
	p := dev.NewProgress()
	p.Mark()
	p.TryMark()
	if placed, passed := p.Marks(); placed != 2 || passed != 0 && parity.Emulated(t) { // which runs what is waited for
		t.Errorf("%d of %d marks are passed", passed, placed)
	}
	if err := dev.Sync(); err != nil {
		t.Fatal(err)
	}
	if placed, passed := p.Marks(); placed != 2 || passed != 2 {
		t.Errorf("%d of %d marks are passed at the end", passed, placed)
	}
}

// TestGPUFail: a fault from outside is that of the device, unless it has one.
func TestGPUFail(t *testing.T) {
	dev := fresh(t)
	a := kernels.Of(dev, []float32{1}, 1)
	first := errors.New("first")
	dev.Fail(first)
	dev.Fail(errors.New("second"))
	a.Zero()
	if err := dev.Sync(); !errors.Is(err, first) {
		t.Error(err)
	}
}
