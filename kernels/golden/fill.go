package golden

import (
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// Parameter is the value that scripts/goldens_networks.py gives a parameter or running statistic of torch's name and
// shape (OIHW), in float32: networks are too large to store. Element i is u = 2^-31 murmur(FNV-1a(name) + i 0x9e3779b9) - 1,
// uniform in [-1,1). Weights of two axes or more are sqrt(6/fan-in) times u minus its mean over the filter; scales and
// running variances 1 + 0.2 u; the rest 0.1 u. Both sides compute it without a function that could differ in its last bit.
//
// Three things keep a deep network from enlarging the rounding of float32 until no bound on a gradient is left. Filters that sum to 0
// ignore the common part of their inputs, which are positive behind a ReLU, and which batch norm would subtract. The last scale of a
// ResNet's bottleneck is a fifth of the others. And in the networks of Inception's kind, whose norms' names end in "bn", numbers before a
// ReLU are 0.6 + 0.4 times a normed one, so that about one in 15 is negative; before the first poolings, whose windows are many, as many
// are positive, so that few windows have two candidates. Two things keep parts of the newer ones from being hidden: scales of
// EfficientNet's norms are 1.5, so that numbers before a ReLU6 reach beyond 6, and those of ConvNeXt's branches 0.3.
//
// In a transformer, tokens and positions are sqrt(3) u, as large as normed numbers, layer scales 0.3 + 0.06 u, and the weights of
// queries and keys so small that logits have variance 1: attention is then not uniform, and a wrong position shows.
func Parameter(name string, shape ...int) []float32 {
	n, fan := 1, 1
	for i, s := range shape {
		n *= s
		if i > 0 {
			fan *= s
		}
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	seed, v := h.Sum32(), make([]float32, n)
	offset, scale, token := aroundToken(name)
	if !token && len(shape) > 1 {
		variance := 6.0
		if endsInOne(name, "attn.qkv.weight", "attn_pool.q.weight", "attn_pool.kv.weight") {
			variance = 3
		}
		filters(v, seed, fan, variance)
		return v
	}
	if !token {
		offset, scale = around(name)
	}
	for i := range v {
		v[i] = float32(offset + float64(scale*(float64(draw(seed, i))/(1<<31)-1)))
	}
	return v
}

// filters fills v with filters of fan weights each, whose outputs have a third of that variance.
func filters(v []float32, seed uint32, fan int, variance float64) {
	scale := math.Sqrt(variance / float64(fan))
	for i := 0; i < len(v); i += fan {
		sum := 0 // of integers: exact in any order
		for j := range fan {
			sum += int(draw(seed, i+j))
		}
		mean := float64(sum)/(float64(fan)*(1<<31)) - 1
		for j := range fan {
			u := float64(draw(seed, i+j))/(1<<31) - 1
			v[i+j] = float32(scale * float64(u-mean))
		}
	}
}

// aroundToken is around for a transformer's tokens, positions and layer scales, whatever their shape.
func aroundToken(name string) (offset, scale float64, ok bool) {
	switch {
	case endsInOne(name, "cls_token", "reg_token", "pos_embed", "latent"):
		return 0, math.Sqrt(3), true
	case endsInOne(name, "gamma", "gamma_1", "gamma_2"):
		return 0.3, 0.06, true
	}
	return 0, 0, false
}

func endsInOne(name string, ends ...string) bool {
	return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, end) })
}

// around is the middle of a vector's elements, and how far they are from it at most.
func around(name string) (offset, scale float64) {
	switch {
	case strings.HasSuffix(name, ".bn3.weight"):
		return 0.2, 0.04
	case strings.HasSuffix(name, "bn.weight"):
		return 0.4, 0.08
	case strings.HasPrefix(name, "conv") && strings.HasSuffix(name, "bn.bias"):
		return -0.6, 0.12
	case strings.HasSuffix(name, "bn.bias"):
		return 0.6, 0.12
	case strings.Contains(name, "_bn") && strings.HasSuffix(name, ".weight"):
		return 1.5, 0.3
	case strings.HasSuffix(name, ".gamma"):
		return 0.3, 0.06
	case strings.HasSuffix(name, ".weight") || strings.HasSuffix(name, ".running_var"):
		return 1, 0.2
	}
	return 0, 0.1
}

// draw is random number i of a sequence.
func draw(seed uint32, i int) uint32 { return murmur(seed + uint32(i)*0x9e3779b9) }

// murmur is the final mix of MurmurHash3.
func murmur(x uint32) uint32 {
	x = (x ^ x>>16) * 0x85ebca6b
	x = (x ^ x>>13) * 0xc2b2ae35
	return x ^ x>>16
}

// samples is how many elements of a gradient Summary keeps.
const samples = 64

// Summary is the golden files' record of a large tensor v in torch's layout: its sum, the sum of its absolute values, the largest of
// those, and up to 64 elements at even distances.
func Summary(v []float64) []float64 {
	s := []float64{0, 0, 0}
	for _, x := range v {
		s[0] += x
		s[1] += math.Abs(x)
		s[2] = max(s[2], math.Abs(x))
	}
	step := max(1, len(v)/samples)
	for i := 0; i < samples && i*step < len(v); i++ {
		s = append(s, v[i*step])
	}
	return s
}

// SummaryOff is the largest error of a summary: of the sums relative to the sum of absolute values, of the others relative to the largest.
func SummaryOff(got, want []float64) (off float64, at int) {
	for i, w := range want {
		scale := want[2]
		if i < 2 {
			scale = want[1]
		}
		if d := math.Abs(got[i]-w) / scale; d > off || math.IsNaN(d) && got[i] != w {
			off, at = d, i
		}
	}
	return off, at
}
