package rng_test

import (
	"fmt"

	"udml-gpu/kernels/rng"
)

// Randomness is a function of a place in the run: the same place gives the same number, on any worker and after any resume.
func ExampleKey() {
	k := rng.Key{Seed: 7, Epoch: 3, Sample: 42, Op: rng.OpBench}
	again := rng.Key{Seed: 7, Epoch: 3, Sample: 42, Op: rng.OpBench}
	next := rng.Key{Seed: 7, Epoch: 4, Sample: 42, Op: rng.OpBench}
	fmt.Println(k.At(0) == again.At(0), k.At(0) == k.At(1), k.At(0) == next.At(0))
	// Output: true false false
}
