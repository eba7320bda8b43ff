package kernels

// Stored is a kernel for maps of float32, and the same one for maps of bfloat16, which has a name that ends in _b16 (STORED in
// include/bfloat.cuh).
type Stored struct{ single, brain *Kernel }

// NewStored declares both kernels of that name.
func NewStored(name string) Stored { return Stored{NewKernel(name), NewKernel(name + "_b16")} }

// Of is the kernel for maps like a.
func (s Stored) Of(a *Array) *Kernel {
	if a.dtype == BFloat16 {
		return s.brain
	}
	return s.single
}
