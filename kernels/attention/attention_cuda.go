package attention

import (
	"fmt"

	"udml-gpu/kernels"
)

// deviceKernels are the kernels for heads of up to wide columns, which work on tiles of side queries by side keys, as
// attention.cuh has them.
type deviceKernels struct {
	wide, side                 int
	forward, ofKeys, ofQueries kernels.Stored
}

func deviceKernelsOf(wide, side int) deviceKernels {
	d := deviceKernels{wide: wide, side: side}
	of := func(name string, operands int) kernels.Stored {
		return kernels.NewSharedStored(fmt.Sprintf("attention_%s_%d", name, wide), d.shared(operands))
	}
	d.forward, d.ofKeys, d.ofQueries = of("forward", 2), of("backward_keys", 4), of("backward_queries", 4)
	return d
}

// shared is the bytes of so many operands and of the tile's probabilities.
func (d *deviceKernels) shared(operands int) int {
	return 4 * (operands*d.side*(d.wide+4) + d.side*(d.side+4))
}

// byWidth are the kernels, the narrowest first.
var byWidth = [...]deviceKernels{deviceKernelsOf(64, 64), deviceKernelsOf(96, 32), deviceKernelsOf(128, 32)}

var deltaKernel = kernels.NewStored("attention_delta")

// threads is the size of a block.
const threads = 256

// device are the kernels for p. A head wider than all of them is a fault of the caller: no published network has one.
func (p *problem) device() *deviceKernels {
	for i := range byWidth {
		if p.dim <= byWidth[i].wide {
			return &byWidth[i]
		}
	}
	panic(fmt.Sprintf("attention: a head of %d columns; GPUs compute up to %d", p.dim, byWidth[len(byWidth)-1].wide))
}

// launch starts a block for each tile of the rows of each head; its arguments end with what all kernels take.
func (p *problem) launch(kernel kernels.Stored, d *deviceKernels, operands, rows int, q, k, v Operand, args ...kernels.Arg) {
	tiles := kernels.Blocks(rows, d.side)
	q.Array.Device().Launch(kernel.Of(q.Array), kernels.Launch{
		Grid: kernels.Dim{X: p.images * p.heads * tiles}, Block: kernels.Dim{X: threads}, Shared: d.shared(operands),
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
	d := p.device()
	p.launch(d.forward, d, 2, p.queries, q, k, v, kernels.Ptr(y), kernels.Ptr(lse), first(q), first(k), first(v))
}

func backwardCUDA(dq, dk, dv Operand, dy, y, lse *kernels.Array, q, k, v Operand, p *problem) {
	dev, d, count := y.Device(), p.device(), lse.Len()
	delta := dev.Scratch(kernels.Float32, count)
	dev.Launch(deltaKernel.Of(y), kernels.Rows(count), kernels.Ptr(delta), kernels.Ptr(dy), kernels.Ptr(y), kernels.I32(count),
		kernels.I32(p.heads), kernels.I32(p.queries), kernels.I32(p.dim))
	reads := []kernels.Arg{first(q), first(k), first(v), kernels.Ptr(dy), kernels.Ptr(lse), kernels.Ptr(delta)}
	if dk.Array != nil || dv.Array != nil {
		p.launch(d.ofKeys, d, 4, p.keys, q, k, v, append([]kernels.Arg{first(dk), first(dv), stride(dk), stride(dv)}, reads...)...)
	}
	if dq.Array != nil {
		p.launch(d.ofQueries, d, 4, p.queries, q, k, v, append([]kernels.Arg{first(dq), stride(dq)}, reads...)...)
	}
	delta.Free()
}
