package attention

import (
	"fmt"

	"udml-gpu/kernels"
)

// tiled is a kernel that has a block of threads for each tile of side rows.
type tiled struct {
	*kernels.Kernel
	side, threads, shared int
}

// deviceKernels are the kernels for heads of up to wide columns.
type deviceKernels struct {
	wide                       int
	forward, ofKeys, ofQueries tiled
}

func tiledOf(name string, wide int, suffix string, side, threads, shared int) tiled {
	return tiled{kernels.NewSharedKernel(fmt.Sprintf("attention_%s_%d%s", name, wide, suffix), shared), side, threads, shared}
}

// singleKernels work on float32, tiles of side queries by side keys, as attention.cuh has them: so many operands and the tile's
// probabilities lie in shared memory.
func singleKernels(wide, side int) deviceKernels {
	of := func(name string, operands int) tiled {
		return tiledOf(name, wide, "", side, 256, 4*(operands*side*(wide+4)+side*(side+4)))
	}
	return deviceKernels{wide, of("forward", 2), of("backward_keys", 4), of("backward_queries", 4)}
}

// storedKernels work on bfloat16, as product.cuh has them: two stages of two tiles in shared memory, which for gradients of keys are of
// inner queries with two numbers each, beside the block's own keys and values where they do not fit the registers.
func storedKernels(wide int) deviceKernels {
	const side, threads = 64, 128
	inner, own := side, 0
	row := 2 * (wide + 8)
	if wide > 64 {
		inner, own = side/2, 2*side*row
	}
	of := func(name string, shared int) tiled { return tiledOf(name, wide, "_b16", side, threads, shared) }
	return deviceKernels{wide, of("forward", 4*side*row), of("backward_keys", 2*inner*(2*row+8)+own), of("backward_queries", 4*side*row)}
}

// The kernels, the narrowest first.
var (
	singleByWidth = [...]deviceKernels{singleKernels(64, 64), singleKernels(96, 32), singleKernels(128, 32)}
	storedByWidth = [...]deviceKernels{storedKernels(64), storedKernels(96), storedKernels(128)}
)

var deltaKernel = kernels.NewStored("attention_delta")

// device are the kernels for p. A head wider than all of them is a fault of the caller: no published network has one.
func (p *problem) device(t kernels.DType) *deviceKernels {
	list := singleByWidth[:]
	if t == kernels.BFloat16 {
		list = storedByWidth[:]
	}
	for i := range list {
		if p.dim <= list[i].wide {
			return &list[i]
		}
	}
	panic(fmt.Sprintf("attention: a head of %d columns; GPUs compute up to %d", p.dim, list[len(list)-1].wide))
}

// launch starts a block for each tile of the rows of each head; its arguments end with what all kernels take.
func (p *problem) launch(t *tiled, rows int, q, k, v Operand, args ...kernels.Arg) {
	tiles := kernels.Blocks(rows, t.side)
	q.Array.Device().Launch(t.Kernel, kernels.Launch{
		Grid: kernels.Dim{X: p.images * p.heads * tiles}, Block: kernels.Dim{X: t.threads}, Shared: t.shared,
	}, append(args, stride(q), stride(k), stride(v), kernels.I32(p.heads), kernels.I32(p.queries), kernels.I32(p.keys), kernels.I32(p.dim),
		kernels.I32(tiles), kernels.F32(p.scale))...)
}

// stride is the distance between an operand's rows.
func stride(o Operand) kernels.Arg {
	if o.Array == nil {
		return kernels.I64(0)
	}
	return kernels.I64(o.Array.Dim(2))
}

// first is a pointer to an operand's first element; null where it has no array.
func first(o Operand) kernels.Arg { return kernels.PtrAt(o.Array, o.Column) }

func forwardCUDA(y, lse *kernels.Array, q, k, v Operand, p *problem) {
	p.launch(&p.device(y.DType()).forward, p.queries, q, k, v, kernels.Ptr(y), kernels.Ptr(lse), first(q), first(k), first(v))
}

func backwardCUDA(dq, dk, dv Operand, dy, y, lse *kernels.Array, q, k, v Operand, p *problem) {
	dev, d, count := y.Device(), p.device(y.DType()), lse.Len()
	delta := dev.Scratch(kernels.Float32, count)
	dev.Launch(deltaKernel.Of(y), kernels.Rows(count), kernels.Ptr(delta), kernels.Ptr(dy), kernels.Ptr(y), kernels.I32(count),
		kernels.I32(p.heads), kernels.I32(p.queries), kernels.I32(p.dim))
	reads := []kernels.Arg{first(q), first(k), first(v), kernels.Ptr(dy), kernels.Ptr(lse), kernels.Ptr(delta)}
	if dk.Array != nil || dv.Array != nil {
		p.launch(&d.ofKeys, p.keys, q, k, v, append([]kernels.Arg{first(dk), first(dv), stride(dk), stride(dv)}, reads...)...)
	}
	if dq.Array != nil {
		p.launch(&d.ofQueries, p.queries, q, k, v, append([]kernels.Arg{first(dq), stride(dq)}, reads...)...)
	}
	delta.Free()
}
