// Package rng makes random numbers as a function of their purpose, not as a stream:
// the same on every device, with any number of workers, and after any resume.
package rng

import (
	"math/bits"
	"slices"
)

// Philox4x32 is Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011):
// a bijection of the 128-bit counter under a 64-bit key, equal to cuRAND's and NumPy's block function.
func Philox4x32(counter [4]uint32, key [2]uint32) [4]uint32 {
	const m0, m1, w0, w1 = 0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85
	for range 10 {
		hi0, lo0 := bits.Mul32(m0, counter[0])
		hi1, lo1 := bits.Mul32(m1, counter[2])
		counter = [4]uint32{hi1 ^ counter[1] ^ key[0], lo1, hi0 ^ counter[3] ^ key[1], lo0}
		key[0] += w0
		key[1] += w1
	}
	return counter
}

// Op is the purpose that a number is drawn for, so that two uses never share numbers.
type Op uint8

// The uses of randomness. The values are part of the file format of a run: never renumber.
const (
	OpInit      Op = iota + 1 // initial parameters; Sample is the parameter's index
	OpShuffle                 // order of the training images in an epoch
	OpAugment                 // random view of an image
	OpDropout                 // dropout masks
	OpKMeans                  // start of k-means
	OpBench                   // data of benchmarks
	OpSubset                  // choice of a subset of classes or images
	OpNeighbour               // choice of a positive
	OpDropPath                // branches of a residual network that a row goes without
	OpLayout                  // the map of a collection; View 0 repels, 1 is the start
	OpBootstrap               // classes of a bootstrap; Sample is the draw
	OpUnseen                  // view of an image such as training does not show
	OpBalance                 // images of an epoch that shows clusters equally often; Sample is the cluster
)

// Key names one place in a run. View tells the two views of an image (or restarts of k-means) apart.
type Key struct {
	Seed          uint64
	Epoch, Sample uint32
	Op            Op
	View          uint16
}

// At is four random words: number element of those that belong to key.
func (k Key) At(element uint32) [4]uint32 {
	c := [4]uint32{element, k.Sample, k.Epoch, uint32(k.Op)<<16 | uint32(k.View)}
	return Philox4x32(c, [2]uint32{uint32(k.Seed), uint32(k.Seed >> 32)})
}

// Uniform maps a word to [0,1), all 2^24 values exact in float32.
func Uniform(w uint32) float32 { return float32(w>>8) * (1.0 / (1 << 24)) }

// Between maps a word to [lo, hi), up to rounding.
func Between(w uint32, lo, hi float64) float64 { return lo + (hi-lo)*float64(Uniform(w)) }

// Below maps a word to 0..n-1 by multiplication; the bias is below n/2^32.
func Below(w uint32, n int) int { return int(uint64(w) * uint64(n) >> 32) }

// Permutation is a random order of 0..n-1 (Fisher-Yates, each swap's word a function of its position).
func (k Key) Permutation(n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	for i := n - 1; i > 0; i-- {
		j := Below(k.At(uint32(i))[0], i+1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// Choose is a random choice of at most most of the numbers 0..n-1, ascending: of so many that are first in Permutation.
func (k Key) Choose(n, most int) []int32 {
	list := k.Permutation(n)[:min(n, most)]
	slices.Sort(list)
	return list
}
