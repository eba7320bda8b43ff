package conv

import (
	"math"
	"sync"
	"unsafe"

	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
)

// library is cuDNN on one GPU. handle is nil where it is not used, and problem says why.
type library struct {
	handle  *cudnn.Handle
	problem string
	mu      sync.Mutex
	plans   map[cudnn.Shape]*plan
}

// plan is a convolution of one shape, with the outcome of the search for each of its passes.
type plan struct {
	conv   *cudnn.Conv    // nil where cuDNN cannot even describe it
	passes [3][2]passPlan // by cudnn.Pass, and by whether the result is added to the old one: cuDNN may take one and not the other
}

type passPlan struct {
	known, refused bool // refused: the own kernel computes it
	workspace      int
}

var libraries kernels.PerDevice[*library]

// libraryOf is the device's library, set up on the first call. One of another major version is a fault of the device, because
// its user expects it to be used.
func libraryOf(dev *kernels.Device) *library {
	return libraries.Of(dev, func() *library { return openLibrary(dev) }, (*library).close)
}

func openLibrary(dev *kernels.Device) *library {
	l := &library{plans: map[cudnn.Shape]*plan{}}
	l.handle, l.problem = kernels.OpenHandle(dev, "cuDNN", cudnn.Problem(), cudnn.Err(), cudnn.Open)
	return l
}

// close runs on the device's thread.
func (l *library) close() {
	for _, p := range l.plans {
		if p.conv != nil {
			p.conv.Close()
		}
	}
	if l.handle != nil {
		_ = l.handle.Close()
	}
}

// onLibrary is RunLibrary of this room's convolution: false also with padding that the library does not know.
func onLibrary(pass cudnn.Pass, x, w, y *kernels.Array, g geometry, beta float32) bool {
	return g.even() && RunLibrary(pass, x, w, y, shapeOf(g, x), beta)
}

// RunLibrary queues a pass of cuDNN on x [N,H,W,C], w [O,KH,KW,C/Groups] and y [N,OH,OW,O], or their gradients, all of the type s.Data and
// not empty: the one that the pass computes becomes result + beta old, the same bits in every run. It is false, and nothing is queued,
// where cuDNN is not used or does not take the convolution: own kernels must compute it then. The first time, it waits for the
// device's thread to learn whether cuDNN takes the shape; any error then means that it does not. Later ones are faults of the device.
func RunLibrary(pass cudnn.Pass, x, w, y *kernels.Array, s cudnn.Shape, beta float32) bool {
	l := libraryOf(x.Device())
	if l.handle == nil || !fits(x, w, y) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	dev := x.Device()
	p := l.plan(dev, s)
	if p == nil || p.conv == nil {
		return false
	}
	state := &p.passes[pass][0]
	if beta != 0 {
		state = &p.passes[pass][1]
	}
	first := !state.known
	if first {
		state.ask(dev, p.conv, pass)
	}
	if state.refused {
		return false
	}
	work := dev.Scratch(kernels.Uint8, state.workspace)
	defer work.Free()
	o := cudnn.Operands{
		X: x.Address(), Weights: w.Address(), Y: y.Address(),
		Workspace: work.Address(), Bytes: state.workspace, Beta: beta,
	}
	if !first {
		dev.Queue("cuDNN", func(stream unsafe.Pointer) error { return p.conv.Run(pass, stream, o) })
		return true
	}
	dev.QueueSync("cuDNN", func(stream unsafe.Pointer) error { return state.try(dev, p.conv.Run(pass, stream, o)) })
	return !state.refused
}

// plan is the description of a convolution, made on the first call; nil after a fault of the device.
func (l *library) plan(dev *kernels.Device, s cudnn.Shape) *plan {
	if p := l.plans[s]; p != nil {
		return p
	}
	var p *plan
	dev.QueueSync("cuDNN", func(unsafe.Pointer) error {
		c, err := l.handle.NewConv(s)
		if err != nil {
			remark(dev, err)
			c = nil
		}
		p = &plan{conv: c}
		return nil
	})
	if p != nil {
		l.plans[s] = p
	}
	return p
}

// ask gets the workspace that a pass needs, and whether the library takes it at all.
func (s *passPlan) ask(dev *kernels.Device, c *cudnn.Conv, pass cudnn.Pass) {
	s.known = true
	dev.QueueSync("cuDNN", func(unsafe.Pointer) (err error) {
		s.workspace, err = c.Workspace(pass)
		return s.try(dev, err)
	})
}

// try records that the library does not take a shape, which is no fault. cuDNN 9 has many words for it: besides that it is not
// supported (3xxx), that it does not know the combination (2xxx), or that what it is computed with is not installed (1xxx, 4xxx).
func (s *passPlan) try(dev *kernels.Device, err error) error {
	if err != nil {
		s.refused = true
		remark(dev, err)
	}
	return nil
}

func remark(dev *kernels.Device, err error) {
	dev.Remark(err.Error() + "; own kernels compute such convolutions")
}

// fits says that the library's limits hold: fewer than 2^31 elements an array, which start on 16 bytes.
func fits(arrays ...*kernels.Array) bool {
	for _, a := range arrays {
		if a.Address()%16 != 0 || a.Len() > math.MaxInt32 {
			return false
		}
	}
	return true
}

// shapeOf is the convolution of maps like x as the library knows it. It has no products in bfloat16 of float32 arrays: those are TF32.
func shapeOf(g geometry, x *kernels.Array) cudnn.Shape {
	s := cudnn.Shape{
		N: g.n, H: g.h, W: g.w, C: g.c, OH: g.oh, OW: g.ow, O: g.o, KH: g.kh, KW: g.kw, Stride: g.stride, Pad: g.pad, Groups: 1,
	}
	switch {
	case x.DType() == kernels.BFloat16:
		s.Data, s.Math = cudnn.BFloat16, cudnn.TensorCores
	case x.Device().Precision() != kernels.FP32:
		s.Math = cudnn.TensorCores
	}
	return s
}

// BackendOf names the code that convolves on the device, such as "cuDNN 9.5.1" or "own kernels", and says why.
func BackendOf(dev *kernels.Device) (name, why string) {
	if !dev.CUDA() {
		return Backend()
	}
	if l := libraryOf(dev); l.handle == nil {
		return "own kernels", l.problem
	}
	return "cuDNN " + cudnn.Version(), cudnn.File()
}

// LibraryError is an error when the cuDNN that is installed is of a major version that this program cannot use.
func LibraryError() error { return cudnn.Err() }
