package depthwise

import (
	"strings"
	"testing"

	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestOtherBackend runs the tests of the GPU with the code that they did not use: cuDNN, or its stand-in on the emulated device where
// there is none; the own kernels where cuDNN was asked for.
func TestOtherBackend(t *testing.T) {
	const pattern = "^(TestParity|TestParityStored|TestParityAwkward|TestParityUnaligned|TestBackend)$"
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		switch {
		case asked():
			parity.Again(t, pattern, LibraryVariable+"=")
		case cudnn.Problem() == "":
			parity.Again(t, pattern, LibraryVariable+"=1")
		case parity.Emulated(t):
			env := []string{cudnn.FileVariable + "=" + parity.StandIn(t, "libcudnn.so.9"), cudnn.OffVariable + "="}
			parity.Again(t, pattern, append(env, LibraryVariable+"=1")...)
			parity.Again(t, "^TestBackend$", env...) // it is there, and not asked for
		default:
			parity.LeaveOut(t, "there is no cuDNN, and its stand-in runs on the emulated device alone")
		}
	})
}

// TestBackend: where cuDNN was asked for it takes every pass of the layers of networks, so that the comparisons of the other tests are
// with cuDNN; where it was not, no pass. Padding that cuDNN does not know goes to the own kernels. Which passes of bfloat16 a real cuDNN
// takes has not been tried: its stand-in shows that they are asked for.
func TestBackend(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		types := []kernels.DType{kernels.Float32}
		if parity.Emulated(t) {
			types = append(types, kernels.BFloat16)
		}
		for s, even := range map[shape]bool{
			{2, 7, 7, 32, 3, 3, 1, 1, 1}: true, {1, 14, 14, 96, 7, 7, 1, 3, 3}: true, {1, 9, 9, 32, 5, 5, 2, 2, 2}: true,
			{2, 8, 8, 32, 3, 3, 2, 0, 1}: false,
		} {
			for _, dtype := range types {
				for pass, took := range s.taken(dev, dtype) {
					if took != (even && asked()) {
						t.Errorf("%v of %v, %v: cuDNN took it: %v, and it was asked to: %v", cudnn.Pass(pass), s, dtype, took, asked())
					}
				}
			}
		}
		if err := dev.Sync(); err != nil {
			t.Fatal(err)
		}
		if name, why := BackendOf(dev); strings.HasPrefix(name, "cuDNN ") != asked() || why == "" {
			t.Errorf("BackendOf: %q, %q, and cuDNN was asked for: %v", name, why, asked())
		}
	})
}

// taken says which passes cuDNN takes.
func (s shape) taken(dev *kernels.Device, dtype kernels.DType) (passes [3]bool) {
	x, w, y := dev.New(dtype, s.n, s.h, s.w, s.c), dev.New(dtype, s.c, s.kh, s.kw, 1), dev.New(dtype, s.out()...)
	g := geometryOf("test", y, x, w, s.spec())
	for pass := range passes {
		passes[pass] = onLibrary(cudnn.Pass(pass), x, w, y, g, 0)
	}
	for _, a := range []*kernels.Array{x, w, y} {
		a.Free()
	}
	return passes
}

// TestDescription: cuDNN is told of as many groups as channels, and of products in float32 at any precision, or of maps of bfloat16.
func TestDescription(t *testing.T) {
	g := geometry{n: 1, h: 2, w: 3, c: 4, oh: 5, ow: 6, kh: 7, kw: 8, stride: 9, before: 10}
	want := cudnn.Shape{
		N: 1, H: 2, W: 3, C: 4, OH: 5, OW: 6, O: 4, KH: 7, KW: 8, Stride: 9, Pad: 10, Groups: 4, Math: cudnn.FMA,
	}
	for _, dtype := range []kernels.DType{kernels.Float32, kernels.BFloat16} {
		if s := g.shape(kernels.CPU().New(dtype, 1)); s != want {
			t.Errorf("%v described as %+v, want %+v", dtype, s, want)
		}
		want.Data, want.Math = cudnn.BFloat16, cudnn.TensorCores
	}
}

// TestRefused: shapes that cuDNN refuses, at once or only when called, go to the own kernels.
func TestRefused(t *testing.T) {
	env := []string{LibraryVariable + "=1", "UDML_EMU_CUDNN_REFUSE=2", "UDML_EMU_CUDNN_REFUSE_LATE=3"}
	parity.OnStandIn(t, "libcudnn.so.9", [2]string{cudnn.FileVariable, cudnn.OffVariable}, func(t *testing.T, dev *kernels.Device) {
		for stride := 1; stride <= 3; stride++ {
			s := shape{1, 7, 7, 4, 3, 3, stride, 1, 1}
			for range 2 {
				if got, want := s.taken(dev, kernels.Float32), stride == 1; got != [3]bool{want, want, want} {
					t.Errorf("stride %d: cuDNN took the passes %v", stride, got)
				}
			}
			x, w, b, dy := s.tensors()
			parity.Run(t, parity.Case{
				Name: s.String(), Bound: bound(kernels.Float32, s.lines()*s.out()[2]), In: tensors{x, w, b, dy},
				Out: tensors{like(dy), like(x), like(w)},
				Run: func(out, in arrays) {
					Forward(out[0], in[0], in[1], in[2], s.spec())
					BackwardData(out[1], in[3], in[1], s.spec(), false)
					BackwardWeights(out[2], nil, in[0], in[3], s.spec())
				},
			})
		}
		if err := LibraryError(); err != nil {
			t.Error(err)
		}
	}, env...)
}
