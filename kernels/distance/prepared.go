package distance

import "udml-gpu/kernels"

// Prepared is rows x [N,D] whose nearest rows are looked for more than once, as the iterations of k-means do. A GPU keeps them packed, as
// its search takes them, where that needs no more than a quarter of the memory that is free: 4 N D bytes, in bf16 and tf32 2 N D. Else, and
// on a CPU, each search prepares them again, with the same results.
type Prepared struct {
	x    *kernels.Array
	m    Metric
	kept *packedRows
}

// Prepare prepares x for searches by m. x may not change, nor be freed, before Free.
func Prepare(x *kernels.Array, m Metric) *Prepared {
	kernels.WantShape("distance.Prepare", "x", x, -1, -1)
	p := &Prepared{x: x, m: m}
	if kernels.PathOf("distance.Prepare", x) == kernels.OnGPU {
		p.kept = keepPacked(x, m)
	}
	return p
}

// Free frees what Prepare has made.
func (p *Prepared) Free() {
	if p.kept != nil {
		p.kept.free()
		p.kept = nil
	}
}

// Nearest is TopK for the nearest row of y [M,D]: vals [N,1] and idx [N,1].
func (p *Prepared) Nearest(vals, idx, y *kernels.Array) {
	const op = "distance.Nearest"
	if p.kept == nil {
		TopK(vals, idx, p.x, y, p.m, -1)
		return
	}
	wantTopK(op, vals, idx, p.x, y, p.m, -1)
	kernels.WantShape(op, "vals", vals, p.x.Dim(0), 1)
	kernels.PathOf(op, vals, p.x, y) // panics where they are on two devices
	p.kept.nearest(vals, idx, y)
}
