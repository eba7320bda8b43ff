package update

import (
	"fmt"

	"udml-gpu/kernels"
)

var averageKernel = kernels.NewKernel("update_average_list")

// Average moves every parameter of the list towards what stands in the place of its gradient, an exponential moving average:
//
//	p = keep p + (1-keep) g
//
// Nothing changes where skip, int32 [1], is not 0. A number of float32 is off by at most 3 roundings of the larger of p and g. It is what
// torch.optim.swa_utils.get_ema_multi_avg_fn computes.
func (l *List) Average(keep float64, skip *kernels.Array) {
	if !(keep >= 0 && keep <= 1) {
		panic(fmt.Sprintf("update.List.Average: keep is %g, want 0 to 1", keep))
	}
	wantSkip(skip)
	if l.table != nil {
		l.table.Device().Launch(averageKernel, l.launch(), kernels.Ptr(l.table), kernels.F32(keep), kernels.F32(1-keep), kernels.Ptr(skip))
		return
	}
	if len(l.params) == 0 || skip.Device().CUDA() || kernels.Data[int32](skip)[0] != 0 {
		return
	}
	for i, p := range l.params {
		if p.DType() == kernels.Float64 {
			average[float64](p, l.grads[i], keep)
			continue
		}
		average[float32](p, l.grads[i], keep)
	}
}

func average[T kernels.Float](p, g *kernels.Array, keep float64) {
	pd, gd, a, b := kernels.Data[T](p), kernels.Data[T](g), T(keep), T(1-keep)
	kernels.Tiles(len(pd), tile, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			pd[i] = T(a*pd[i]) + T(b*gd[i]) //nolint:unconvert // rounds the products: Go may fuse them
		}
	})
}
