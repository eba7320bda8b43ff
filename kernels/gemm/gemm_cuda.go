package gemm

import "udml-gpu/kernels"

// deviceProduct is one product on a GPU: c = alpha op(a) op(b) + beta c, and bias added to each row where there is one.
type deviceProduct struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    float64
	a, b, c, bias  *kernels.Array
}

// productKernels are the own kernels by precision, transA and transB.
var productKernels = [3][2][2]*kernels.Kernel{
	kernels.FP32: productKernelsOf("fp32"), kernels.TF32: productKernelsOf("tf32"), kernels.BF16: productKernelsOf("bf16"),
}

// storedKernels are those for factors of bfloat16, by transA and transB.
var storedKernels = [2][2]kernels.Stored{
	{kernels.NewStored("gemm_nn_stored"), kernels.NewStored("gemm_nt_stored")}, {kernels.NewStored("gemm_tn_stored"), {}},
}

func productKernelsOf(format string) [2][2]*kernels.Kernel {
	of := func(trans string) *kernels.Kernel { return kernels.NewKernel("gemm_" + trans + "_" + format) }
	return [2][2]*kernels.Kernel{{of("nn"), of("nt")}, {of("tn"), of("tt")}}
}

// multiplyCUDA is cuBLASLt's where it is installed, and the own kernels' otherwise.
func multiplyCUDA(p deviceProduct) {
	switch {
	case p.c.Len() == 0:
	case p.k == 0:
		p.startSum()
		AddPartsCUDA(p.c, nil, 0, p.beta)
	case libraryOf(p.c.Device()).multiply(p):
	default:
		p.own()
	}
}

// startSum writes the bias into c, for backends that can only add to c.
func (p *deviceProduct) startSum() {
	if p.bias != nil {
		fillRowsCUDA(p.c, p.bias)
		p.bias, p.beta = nil, 1
	}
}

// The tile of gemm.cu, and how its sums are split: into parts of at least partTerms terms, until wantTiles blocks are
// there, which is about what the largest GPUs have at work at once.
const (
	tileSide    = 64
	tileThreads = 128
	partTerms   = 256
	wantTiles   = 256
	partStep    = 16 // parts are multiples of the terms that are in shared memory at a time
)

// own launches the own kernel, with a second one to add the parts up when the sum was split.
func (p *deviceProduct) own() {
	tiles := kernels.Blocks(p.m, tileSide) * kernels.Blocks(p.n, tileSide)
	chunk := ChunkCUDA(tiles, p.k, p.c.Len())
	parts := kernels.Blocks(p.k, chunk)
	if parts == 1 {
		p.launch(p.c, tiles, 1, chunk, p.bias, p.beta)
		return
	}
	p.startSum()
	work := p.c.Device().Scratch(kernels.Float32, parts, p.c.Len())
	p.launch(work, tiles, parts, chunk, nil, 0)
	AddPartsCUDA(p.c, work, parts, p.beta)
	work.Free()
}

func (p *deviceProduct) launch(c *kernels.Array, tiles, parts, chunk int, bias *kernels.Array, beta float64) {
	p.c.Device().Launch(p.kernel(c), kernels.Launch{Grid: kernels.Dim{X: tiles, Z: parts}, Block: kernels.Dim{X: tileThreads}},
		kernels.Ptr(c), kernels.Ptr(p.a), kernels.Ptr(p.b), kernels.Ptr(bias), kernels.I32(p.m), kernels.I32(p.n), kernels.I32(p.k),
		kernels.I32(chunk), kernels.F32(p.alpha), kernels.F32(beta))
}

// kernel is the one that writes into c.
func (p *deviceProduct) kernel(c *kernels.Array) *kernels.Kernel {
	if p.a.DType() == kernels.BFloat16 {
		return storedKernels[bit(p.transA)][bit(p.transB)].Of(c)
	}
	return productKernels[c.Device().Precision()][bit(p.transA)][bit(p.transB)]
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ChunkCUDA is how many of the k terms of a sum one block adds up, when there are that many tiles and size results: a
// multiple of 16, and k where the sum is not split. The shape alone decides.
func ChunkCUDA(tiles, k, size int) int {
	parts := min(wantTiles/tiles, k/partTerms, partialMax/max(size, 1))
	if parts < 2 {
		return k
	}
	chunk := (k + parts - 1) / parts
	return (chunk + partStep - 1) / partStep * partStep
}
