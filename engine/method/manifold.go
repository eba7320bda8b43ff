package method

import (
	"context"
	"math"
	"slices"
	"sort"

	"udml-gpu/kernels"
)

// affinity is the graph of images that are each among the other's nearest: D^-1/2 A D^-1/2 with a_ij = max(0, x_i . x_j)^3, D the sums of
// A's rows. It is kept by rows: image i has the neighbours to[first[i]:first[i+1]].
type affinity struct {
	first  []int
	to     []int32
	weight []float64
}

// newAffinity is the graph of unit vectors x [N,d] of which near [N,width] are the nearest to each, nearest first; the first k of these
// count. An image is no neighbour of its own; one without neighbours has an empty row.
func newAffinity(x []float32, d int, near []int32, width, k int) *affinity {
	n := len(near) / width
	of := func(i int) []int32 { return near[i*width : i*width+k] }
	g := &affinity{first: make([]int, 1, n+1)}
	degree := make([]float64, n)
	for i := range n {
		for _, j := range of(i) {
			if j < 0 || int(j) == i || !slices.Contains(of(int(j)), int32(i)) {
				continue
			}
			s := 0.0
			for c := range d {
				s += float64(x[i*d+c]) * float64(x[int(j)*d+c])
			}
			if s > 0 {
				g.to, g.weight = append(g.to, j), append(g.weight, s*s*s)
				degree[i] += s * s * s
			}
		}
		g.first = append(g.first, len(g.to))
	}
	for i := range n {
		for e := g.first[i]; e < g.first[i+1]; e++ {
			g.weight[e] /= math.Sqrt(degree[i] * degree[g.to[e]])
		}
	}
	return g
}

// row is the product of row i with x [N].
func (g *affinity) row(i int, x []float64) (sum float64) {
	to := g.to[g.first[i]:g.first[i+1]]
	weight := g.weight[g.first[i]:][:len(to)]
	for e, j := range to {
		sum += weight[e] * x[j]
	}
	return sum
}

// diffusionSteps and diffusionRest end conjugate gradients: after so many steps, or where the rest has become so short.
const (
	diffusionSteps = 20
	diffusionRest  = 1e-10
)

// diffusion is the memory for solving (I - alpha S) m = e_q.
type diffusion struct{ m, rest, step, applied []float64 }

func newDiffusion(n int) *diffusion {
	return &diffusion{m: make([]float64, n), rest: make([]float64, n), step: make([]float64, n), applied: make([]float64, n)}
}

// from is the similarity of each image to image q along the graph, by conjugate gradients from 0. It is overwritten by the next call.
func (f *diffusion) from(g *affinity, alpha float64, q int) []float64 {
	clear(f.m)
	clear(f.rest)
	f.rest[q] = 1
	copy(f.step, f.rest)
	square := 1.0
	for range diffusionSteps {
		along := 0.0
		for i, p := range f.step {
			f.applied[i] = p - alpha*g.row(i, f.step)
			along += p * f.applied[i]
		}
		by, next := square/along, 0.0
		for i := range f.m {
			f.m[i] += by * f.step[i]
			f.rest[i] -= by * f.applied[i]
			next += f.rest[i] * f.rest[i]
		}
		if math.Sqrt(next) <= diffusionRest {
			break
		}
		for i, r := range f.rest {
			f.step[i] = r + next/square*f.step[i]
		}
		square = next
	}
	return f.m
}

// largest are the places of the k largest numbers above 0, largest first, the first of equal ones.
func largest(m []float64, k int) []int32 {
	top := make([]int32, 0, k+1)
	for i, v := range m {
		if !(v > 0) || len(top) == k && !(v > m[top[k-1]]) {
			continue
		}
		at := sort.Search(len(top), func(a int) bool { return m[top[a]] < v })
		top = slices.Insert(top, at, int32(i))
		top = top[:min(len(top), k)]
	}
	return top
}

// mining is how pools are mined.
type mining struct {
	neighbours, positives, negatives int // k of the graph, of the positives and of the negatives
	alpha                            float64
}

// within has each number within what so many images allow: a quarter of them in the graph, an eighth for positives, half of them, as the
// authors have it, for negatives.
func (k mining) within(images int) mining {
	k.neighbours = min(k.neighbours, max(3, images/4), images)
	k.positives = min(k.positives, max(3, images/8), images)
	k.negatives = min(k.negatives, (images+1)/2)
	return k
}

// width is how many of an image's nearest are looked at.
func (k mining) width() int { return max(k.neighbours, k.positives, k.negatives) }

// minedAtOnce is how many images are mined before ctx is asked, and progress shown.
const minedAtOnce = 128

// mine fills the pools of all images from unit vectors x [N,d] and the nearest of each, near [N,width], itself among them. worked is told
// how many images are done. The error is that of ctx.
func (k mining) mine(ctx context.Context, p *pools, x []float32, d int, near []int32, worked func(done int)) error {
	width := k.width()
	n := len(near) / width
	g := newAffinity(x, d, near, width, k.neighbours)
	for first := 0; first < n && ctx.Err() == nil; first += minedAtOnce {
		count := min(minedAtOnce, n-first)
		kernels.Tiles(count, 16, func(lo, hi int) {
			f := newDiffusion(n)
			for q := first + lo; q < first+hi; q++ {
				k.pool(p, q, f.from(g, k.alpha, q), near[q*width:(q+1)*width])
			}
		})
		worked(first + count)
	}
	return ctx.Err()
}

// pool fills the pools of image q, whose similarities are m and whose nearest are near: positives are among the nearest along the graph
// alone, the most similar first, and negatives among the nearest by distance alone, the nearest first.
func (k mining) pool(p *pools, q int, m []float64, near []int32) {
	along := largest(m, max(k.positives, k.negatives))
	at := 0
	for _, j := range along[:min(len(along), k.positives)] {
		if at < p.size && int(j) != q && !slices.Contains(near[:k.positives], j) {
			p.positive[q*p.size+at], p.weight[q*p.size+at] = float32(j)+1, float32(m[j])
			at++
		}
	}
	at = 0
	for _, j := range near[:k.negatives] {
		if at < p.size && j >= 0 && int(j) != q && !slices.Contains(along[:min(len(along), k.negatives)], j) {
			p.negative[q*p.size+at] = float32(j) + 1
			at++
		}
	}
}
