package cluster

import (
	"fmt"

	"udml-gpu/kernels"
)

// centroidsLoop is the definition, cluster by cluster.
func centroidsLoop[T kernels.Float](c, x []T, count, label []int32, d int) {
	for j := range count {
		count[j] = 0
		sum := make([]float64, d)
		for i, l := range label {
			if int(l) != j {
				continue
			}
			count[j]++
			for p := range sum {
				sum[p] += float64(x[i*d+p])
			}
		}
		for p := range sum {
			if count[j] > 0 {
				c[j*d+p] = T(sum[p] / float64(count[j]))
			}
		}
	}
}

func centroids[T kernels.Float](c, x []T, count, label []int32, d int) {
	order, end := kernels.BorrowHost[int32](len(label)), kernels.BorrowHost[int32](len(count))
	defer kernels.ReturnHost(order)
	defer kernels.ReturnHost(end)
	sortByLabel(order, end, count, label)
	kernels.Tiles(len(count), 4, func(lo, hi int) {
		sum := kernels.BorrowHost[float64](d)
		for j := lo; j < hi; j++ {
			if count[j] > 0 {
				meanOfRows(c[j*d:(j+1)*d], x, order[end[j]-count[j]:end[j]], sum)
			}
		}
		kernels.ReturnHost(sum)
	})
}

// sortByLabel fills order with the rows of cluster 0, then those of cluster 1, ..., each in their order in label. The rows
// of cluster j stop before order[end[j]].
func sortByLabel(order, end, count, label []int32) {
	clear(count)
	for i, l := range label {
		if l < -1 || int(l) >= len(count) {
			panic(fmt.Sprintf("cluster.Centroids: row %d has label %d, there are %d clusters", i, l, len(count)))
		}
		if l >= 0 {
			count[l]++
		}
	}
	at := int32(0)
	for j, n := range count {
		end[j] = at
		at += n
	}
	for i, l := range label {
		if l >= 0 {
			order[end[l]] = int32(i)
			end[l]++
		}
	}
}

func meanOfRows[T kernels.Float](mean, x []T, rows []int32, sum []float64) {
	clear(sum)
	for _, i := range rows {
		row := x[int(i)*len(sum):][:len(sum)]
		for p, v := range row {
			sum[p] += float64(v)
		}
	}
	for p, s := range sum {
		mean[p] = T(s / float64(len(rows)))
	}
}
