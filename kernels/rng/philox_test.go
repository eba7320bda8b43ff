package rng

import (
	"slices"
	"testing"
)

// The known answers of Random123 1.14, kat_vectors, philox4x32-10.
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xffffffff
	cases := []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{ones, ones, ones, ones}, [2]uint32{ones, ones}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	}
	for _, c := range cases {
		if got := Philox4x32(c.counter, c.key); got != c.want {
			t.Errorf("counter %x key %x: %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

// A run's numbers must never change: they are part of a seed's meaning.
func TestKeyLayout(t *testing.T) {
	k := Key{Seed: 0x299f31d0_a4093822, Epoch: 0x13198a2e, Sample: 0x85a308d3, Op: 0x70, View: 0x7344}
	want := Philox4x32([4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x00707344}, [2]uint32{0xa4093822, 0x299f31d0})
	if got := k.At(0x243f6a88); got != want {
		t.Errorf("%x, want %x", got, want)
	}
}

// Every field of the key changes the numbers.
func TestKeysDiffer(t *testing.T) {
	keys := []Key{{}, {Seed: 1}, {Seed: 1 << 32}, {Epoch: 1}, {Sample: 1}, {Op: OpInit}, {Op: OpShuffle}, {View: 1}}
	seen := map[[4]uint32]int{}
	for i, k := range keys {
		for e := range uint32(3) {
			w := k.At(e)
			if j, ok := seen[w]; ok {
				t.Errorf("keys %d and %d share numbers", i, j)
			}
			seen[w] = i
		}
	}
}

func TestRanges(t *testing.T) {
	for _, w := range []uint32{0, 1, 255, 256, 1 << 31, 1<<32 - 1} {
		if u := Uniform(w); !(u >= 0 && u < 1) {
			t.Errorf("Uniform(%#x) = %g", w, u)
		}
		if b := Between(w, -3, 5); !(b >= -3 && b <= 5) {
			t.Errorf("Between(%#x) = %g", w, b)
		}
		for _, n := range []int{1, 2, 1 << 20} {
			if b := Below(w, n); b < 0 || b >= n {
				t.Errorf("Below(%#x, %d) = %d", w, n, b)
			}
		}
	}
	if Uniform(1<<32-1) != 1-1.0/(1<<24) || Uniform(1<<31) != 0.5 {
		t.Error("Uniform is not the top 24 bits")
	}
}

func TestPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 97, 1000} {
		k := Key{Seed: 5, Op: OpShuffle}
		p := k.Permutation(n)
		if again := k.Permutation(n); !slices.Equal(p, again) {
			t.Errorf("n=%d: not the same twice", n)
		}
		sorted := slices.Sorted(slices.Values(p))
		for i, v := range sorted {
			if int(v) != i {
				t.Fatalf("n=%d: %d is missing", n, i)
			}
		}
		if n > 50 && slices.IsSorted(p) {
			t.Errorf("n=%d: not shuffled", n)
		}
	}
}

func TestChoose(t *testing.T) {
	a, b := Key{Seed: 1}.Choose(1000, 20), Key{Seed: 2}.Choose(1000, 20)
	if len(a) != 20 || !slices.IsSorted(a) || len(slices.Compact(slices.Clone(a))) != 20 || slices.Equal(a, b) || a[0] < 0 || a[19] > 999 {
		t.Errorf("%v, %v", a, b)
	}
	if got := (Key{}).Choose(3, 20); !slices.Equal(got, []int32{0, 1, 2}) {
		t.Errorf("%v", got)
	}
}

// Each of the 24 orders of 4 should come about equally often.
func TestPermutationIsFair(t *testing.T) {
	const draws = 24 * 500
	count := map[[4]int32]int{}
	for e := range uint32(draws) {
		count[[4]int32(Key{Epoch: e, Op: OpShuffle}.Permutation(4))]++
	}
	for order, c := range count {
		if c < 400 || c > 600 {
			t.Errorf("order %v came %d times of about 500", order, c)
		}
	}
	if len(count) != 24 {
		t.Errorf("%d orders of 24", len(count))
	}
}
