package cluster

import "udml-gpu/kernels"

func counts[T kernels.Float](w []T, count []int32) {
	for j, n := range count {
		w[j] = T(n)
	}
}
