package kernels_test

import (
	"errors"
	"slices"
	"testing"

	"udml-gpu/kernels"
)

// TestPerDevice: one of a kind for each device, until that closes.
func TestPerDevice(t *testing.T) {
	a, b := fresh(t), fresh(t)
	var kept kernels.PerDevice[int]
	made, shut := 0, []int{}
	of := func(dev *kernels.Device) int {
		return kept.Of(dev, func() int { made++; return made }, func(v int) { shut = append(shut, v) })
	}
	if got := []int{of(a), of(b), of(a)}; !slices.Equal(got, []int{1, 2, 1}) {
		t.Errorf("kept %v", got)
	}
	b.Close()
	a.Close()
	if !slices.Equal(shut, []int{2, 1}) {
		t.Errorf("shut %v", shut)
	}
}

// TestGPUHandle: a handle where the library was found and opens; else why not, which is a fault only where the search
// found something wrong.
func TestGPUHandle(t *testing.T) {
	dev := fresh(t)
	open := func() (int, error) { return 7, nil }
	if h, problem := kernels.OpenHandle(dev, "lib", "", nil, open); h != 7 || problem != "" {
		t.Errorf("opened: %d, %q", h, problem)
	}
	if h, problem := kernels.OpenHandle(dev, "lib", "none", nil, open); h != 0 || problem != "none" {
		t.Errorf("no library: %d, %q", h, problem)
	}
	refuse := func() (int, error) { return 8, errors.New("refused") }
	if h, problem := kernels.OpenHandle(dev, "lib", "", nil, refuse); h != 0 || problem != "refused" {
		t.Errorf("it does not open: %d, %q", h, problem)
	}
	if err := dev.Err(); err != nil {
		t.Fatalf("a fault: %v", err)
	}
	wrong := errors.New("the wrong one")
	if h, problem := kernels.OpenHandle(dev, "lib", "wrong", wrong, open); h != 0 || problem != "wrong" || !errors.Is(dev.Err(), wrong) {
		t.Errorf("the wrong library: %d, %q, fault %v", h, problem, dev.Err())
	}
}
