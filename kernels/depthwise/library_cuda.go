package depthwise

import (
	"fmt"
	"os"
	"sync"

	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
)

// LibraryVariable is the environment variable that, when it is 1, has cuDNN compute on GPUs. Which of the two is faster has not been
// measured, so the own kernels are the default.
const LibraryVariable = "UDML_CUDNN_DEPTHWISE"

// asked says that cuDNN is to compute; it is read once, so that a run has one answer.
var asked = sync.OnceValue(func() bool { return os.Getenv(LibraryVariable) == "1" })

// onLibrary queues a pass of cuDNN with as many groups as channels, as conv.RunLibrary does. It is false where the own kernels must
// compute: where cuDNN was not asked for or does not take the shape, and with padding whose sides differ so that it matters. Weights
// are cuDNN's filters with one input channel as they are. Products are in float32 at any precision, or of bfloat16 and exact.
func onLibrary(pass cudnn.Pass, x, w, y *kernels.Array, g geometry, beta float32) bool {
	return asked() && g.even() && conv.RunLibrary(pass, x, w, y, g.shape(x), beta)
}

// weightsOnLibrary is onLibrary for dw.
func weightsOnLibrary(dw, x, dy *kernels.Array, g geometry) bool {
	return asked() && g.even() && conv.RunLibraryWeights(dw, x, dy, g.shape(x))
}

// even says that padding of g.before zeros on every side gives the output.
func (g *geometry) even() bool {
	s := Spec{Stride: g.stride, PadBefore: g.before, PadAfter: g.before}
	return g.oh == s.OutSize(g.h, g.kh) && g.ow == s.OutSize(g.w, g.kw)
}

// shape is the convolution of maps like x as cuDNN knows it. It may take tensor cores for bfloat16, of which they round nothing.
func (g *geometry) shape(x *kernels.Array) cudnn.Shape {
	s := cudnn.Shape{
		N: g.n, H: g.h, W: g.w, C: g.c, OH: g.oh, OW: g.ow, O: g.c, KH: g.kh, KW: g.kw, Stride: g.stride, Pad: g.before,
		Groups: g.c, Math: cudnn.FMA,
	}
	if x.DType() == kernels.BFloat16 {
		s.Data, s.Math = cudnn.BFloat16, cudnn.TensorCores
	}
	return s
}

// BackendOf names the code that computes on a GPU, such as "own kernels" or "cuDNN 9.5.1", and says why.
func BackendOf(dev *kernels.Device) (name, why string) {
	if !asked() {
		return "own kernels", LibraryVariable + "=1 takes cuDNN"
	}
	return conv.BackendOf(dev)
}

// LibraryError is an error when cuDNN is asked for and there is none; of one that cannot be used, conv.LibraryError tells.
func LibraryError() error {
	if !asked() || cudnn.Problem() == "" || cudnn.Err() != nil {
		return nil
	}
	return fmt.Errorf("%s is 1, and there is no cuDNN (%s): install cuDNN %d, name its file by %s, or unset %[1]s",
		LibraryVariable, cudnn.Problem(), cudnn.NeedMajor, cudnn.FileVariable)
}
