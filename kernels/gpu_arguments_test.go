package kernels_test

import (
	"fmt"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

var (
	// dropout takes (float *y, const float *x, const uint8_t *mask, float scale, long long n, int pack).
	dropout = kernels.NewKernel("act_dropout")
	// mask takes (uint8_t *mask, const int *samples, const int *views, int rows, int width, int pack, unsigned long long seed,
	// unsigned epoch, unsigned op, unsigned threshold).
	mask = kernels.NewKernel("act_dropout_mask")
	// shift takes (float *y, const float *x, const double *mean, double sign, long long n, int d).
	shift = kernels.NewKernel("cluster_shift")
	// list takes (int *skip, const Chunk *chunks).
	list = kernels.NewKernel("update_finite_list")
)

// emulated is a device that knows the parameters of its kernels.
func emulated(t *testing.T) *kernels.Device {
	t.Helper()
	dev := fresh(t)
	if !parity.Emulated(t) {
		parity.LeaveOut(t, "the driver of a real GPU does not know the types of a kernel's parameters")
	}
	return dev
}

// TestGPULaunchTypes: a launcher that gives another number of arguments than its kernel takes, or another type, is told so, with
// the kernel, the place, and both types.
func TestGPULaunchTypes(t *testing.T) {
	dev := emulated(t)
	f, d := kernels.Ptr(dev.New(kernels.Float32, 4)), kernels.Ptr(dev.New(kernels.Float64, 4))
	n, b := kernels.Ptr(dev.New(kernels.Int32, 4)), kernels.Ptr(dev.New(kernels.Uint8, 4))
	// The right launches run, on arrays of no elements.
	i32, i64, u32, u64 := kernels.I32(0), kernels.I64(0), kernels.U32(0), kernels.U64(0)
	dropoutArgs := []kernels.Arg{f, f, b, kernels.F32(2), i64, i32}
	maskArgs := []kernels.Arg{b, n, n, i32, i32, i32, u64, n, u32, u32}
	shiftArgs := []kernels.Arg{f, f, d, kernels.F64(1), i64, kernels.I32(4)}
	for _, c := range []struct {
		kernel *kernels.Kernel
		args   []kernels.Arg
		want   string // after "kernels: NAME launched with "; nothing where the launch is right
	}{
		{dropout, dropoutArgs, ""},
		{dropout, dropoutArgs[:5], "5 arguments, it takes 6"},
		{dropout, append(slices.Clone(dropoutArgs), i32), "7 arguments, it takes 6"},
		{dropout, nil, "0 arguments, it takes 6"},
		{dropout, with(dropoutArgs, 3, i32), "int as argument 3, it takes float"},
		{dropout, with(dropoutArgs, 3, kernels.F64(2)), "double as argument 3, it takes float"},
		{dropout, with(dropoutArgs, 4, i32), "int as argument 4, it takes long long"},
		{dropout, with(dropoutArgs, 5, i64), "long long as argument 5, it takes int"},
		{dropout, with(dropoutArgs, 0, u64), "unsigned long long as argument 0, it takes float *"},
		{dropout, with(dropoutArgs, 1, d), "double * as argument 1, it takes float *"},
		{dropout, with(dropoutArgs, 2, f), "float * as argument 2, it takes unsigned char *"},
		{dropout, with(dropoutArgs, 2, kernels.Ptr(nil)), ""},
		{dropout, with(dropoutArgs, 5, kernels.Ptr(nil)), "a null pointer as argument 5, it takes int"},
		{dropout, with(dropoutArgs, 5, kernels.Arg{}), "nothing as argument 5, it takes int"},
		{mask, maskArgs, ""},
		{mask, with(maskArgs, 1, b), "unsigned char * as argument 1, it takes int *"},
		{mask, with(maskArgs, 6, u32), "unsigned as argument 6, it takes unsigned long long"},
		{mask, with(maskArgs, 8, i32), "int as argument 8, it takes unsigned"},
		{shift, shiftArgs, ""},
		{shift, with(shiftArgs, 2, n), "int * as argument 2, it takes double *"},
		{shift, with(shiftArgs, 3, kernels.F32(1)), "float as argument 3, it takes double"},
		{list, []kernels.Arg{n, i64}, "long long as argument 1, it takes a pointer"},
	} {
		want := c.want
		if want != "" {
			want = "kernels: " + c.kernel.Name() + " launched with " + want
		}
		if got := refusal(func() { dev.Launch(c.kernel, kernels.Launch{}, c.args...) }); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// with is args with another one at place i.
func with(args []kernels.Arg, i int, a kernels.Arg) []kernels.Arg {
	changed := slices.Clone(args)
	changed[i] = a
	return changed
}

// refusal is the text that f panics with; "" if it does not.
func refusal(f func()) (said string) {
	defer func() {
		if p := recover(); p != nil {
			said = fmt.Sprint(p)
		}
	}()
	f()
	return ""
}
