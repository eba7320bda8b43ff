package golden

import (
	"hash/fnv"
	"math"
	"strings"
)

// Parameter is the value that scripts/goldens_networks.py gives a parameter or running statistic of torch's name and
// shape (OIHW), in float32: networks are too large to store. Element i is u = 2^-31 murmur(FNV-1a(name) + i 0x9e3779b9) - 1,
// uniform in [-1,1), times sqrt(6/fan-in) for weights of two axes or more; 1 + 0.2 u for scales and running
// variances, a fifth of it for the last scale of a bottleneck; 0.1 u for the rest. At full scale the 16 bottlenecks of
// ResNet-50 enlarge the rounding of float32 until ReLUs flip, and no bound on a gradient is left to hold. Both
// sides compute it without a function that could differ in its last bit.
func Parameter(name string, shape ...int) []float32 {
	n, fan := 1, 1
	for i, s := range shape {
		n *= s
		if i > 0 {
			fan *= s
		}
	}
	offset, scale := 0.0, 0.1
	switch {
	case len(shape) > 1:
		scale = math.Sqrt(6 / float64(fan))
	case strings.HasSuffix(name, ".bn3.weight"):
		offset, scale = 0.2, 0.04
	case strings.HasSuffix(name, ".weight") || strings.HasSuffix(name, ".running_var"):
		offset, scale = 1, 0.2
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	seed, v := h.Sum32(), make([]float32, n)
	for i := range v {
		u := float64(murmur(seed+uint32(i)*0x9e3779b9))/(1<<31) - 1
		v[i] = float32(offset + float64(scale*u))
	}
	return v
}

// murmur is the final mix of MurmurHash3.
func murmur(x uint32) uint32 {
	x = (x ^ x>>16) * 0x85ebca6b
	x = (x ^ x>>13) * 0xc2b2ae35
	return x ^ x>>16
}

// samples is how many elements of a gradient Summary keeps.
const samples = 64

// Summary is what the golden files hold of a large tensor v in torch's layout: its sum, the sum of its absolute values,
// and up to 64 elements at even distances.
func Summary(v []float64) []float64 {
	s := []float64{0, 0}
	for _, x := range v {
		s[0] += x
		s[1] += math.Abs(x)
	}
	step := max(1, len(v)/samples)
	for i := 0; i < samples && i*step < len(v); i++ {
		s = append(s, v[i*step])
	}
	return s
}
