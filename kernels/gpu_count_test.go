package kernels_test

import (
	"maps"
	"testing"
	"unsafe"

	"udml-gpu/kernels"
)

// TestGPUCount: launches, calls of libraries, copies and fills count, each by its name; uploads and what is queued outside do not.
func TestGPUCount(t *testing.T) {
	dev := fresh(t)
	a, b := dev.New(kernels.Float32, 4), dev.New(kernels.Float32, 4)
	got := dev.Count(func() {
		kernels.Write(a, make([]float32, 4))
		b.CopyFrom(a)
		a.Zero()
		b.Zero()
		dev.Queue("library", func(unsafe.Pointer) error { return nil })
	})
	b.Zero()
	if want := map[string]int{"copy": 1, "fill": 2, "library": 1}; !maps.Equal(got, want) || kernels.CountAll(got) != 4 {
		t.Errorf("%v, %d in all, want %v", got, kernels.CountAll(got), want)
	}
	if n := kernels.CountAll(dev.Count(func() {})); n != 0 {
		t.Errorf("%d where nothing is queued", n)
	}
}

// TestGPUConstant: the same bytes are one array, which is no live memory and takes none from the pool.
func TestGPUConstant(t *testing.T) {
	dev := fresh(t)
	pooled := dev.New(kernels.Uint8, 3)
	address := pooled.Address()
	pooled.Free()
	live := dev.LiveBytes()
	a, b, c := kernels.Constant(dev, []byte{1, 2, 3}), kernels.Constant(dev, []byte{1, 2, 3}), kernels.Constant(dev, []byte{3, 2, 1})
	if a != b || a == c || kernels.Read[uint8](a)[2] != 3 || kernels.Read[uint8](c)[2] != 1 {
		t.Errorf("%v and %v hold %v and %v", a, c, kernels.Read[uint8](a), kernels.Read[uint8](c))
	}
	again := dev.New(kernels.Uint8, 3)
	defer again.Free()
	if again.Address() != address || dev.LiveBytes() != live+3 {
		t.Errorf("%d bytes live, want %d; memory of the pool is at %#x, before %#x", dev.LiveBytes(), live+3, again.Address(), address)
	}
}
