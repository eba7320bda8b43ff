package cluster

import (
	"fmt"
	"slices"

	"udml-gpu/kernels"
)

func argmaxRows[T kernels.Float](label []int32, logits []T, k int) {
	kernels.Tiles(len(label), max(1, 4096/max(1, k)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			label[i] = int32(argmax(logits[i*k : (i+1)*k]))
		}
	})
}

// argmax is the first index of the largest element; NaN is less than anything.
func argmax[T kernels.Float](x []T) int {
	best := 0
	for i, v := range x {
		if v > x[best] || (x[best] != x[best] && v == v) {
			best = i
		}
	}
	return best
}

// slotsOf sorts the labels: a label's slot is its rank among the different ones.
func slotsOf(slot, count, label []int32) {
	images := len(label)
	order := kernels.BorrowHost[int32](images)
	defer kernels.ReturnHost(order)
	copy(order, label)
	slices.Sort(order)
	live := slices.Compact(order)
	if len(live) > len(count) {
		panic(fmt.Sprintf("cluster: %d clusters in %d slots", len(live), len(count)))
	}
	clear(count)
	for i, l := range label {
		s, _ := slices.BinarySearch(live, l)
		slot[i], slot[images+i] = int32(s), int32(s)
		count[s] += 2
	}
}
