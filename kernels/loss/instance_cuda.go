package loss

import "udml-gpu/kernels"

var instanceKernel = kernels.NewKernel("loss_instance")

// The shape of the kernel's blocks: so many rows at a time.
const (
	instanceThreads   = 256
	instanceBlockRows = 8
)

// instanceLimits are up to how many keys a batch's similarities lie in shared memory, and how many blocks there are at most, which bounds
// the memory that larger batches need: two for each of an H100's 132 multiprocessors. A test makes them small.
var instanceLimits = struct{ inside, blocks int }{1024, 264}

func instanceCUDA(loss, dx, x, z *kernels.Array, t, alpha float64) {
	dev, rows, n := z.Device(), x.Dim(0), z.Dim(0)
	terms := dev.Scratch(kernels.Float64, rows)
	if rows > 0 {
		blocks := min(kernels.Blocks(rows, instanceBlockRows), instanceLimits.blocks)
		l := kernels.Launch{Grid: kernels.Dim{X: blocks}, Block: kernels.Dim{X: instanceThreads}}
		var outside *kernels.Array
		if n <= instanceLimits.inside {
			l.Shared = instanceBlockRows * n * kernels.Float32.Size()
		} else {
			outside = dev.Scratch(kernels.Float32, blocks, n, instanceBlockRows)
			defer outside.Free()
		}
		dev.Launch(instanceKernel, l, kernels.Ptr(terms), kernels.Ptr(dx), kernels.Ptr(x), kernels.Ptr(z), kernels.Ptr(outside),
			kernels.I32(rows), kernels.I32(n), kernels.I32(z.Dim(1)), kernels.F64(1/t), kernels.F64(alpha))
	}
	sumCUDA(loss, terms, -1/float64(max(1, rows)))
	terms.Free()
}
