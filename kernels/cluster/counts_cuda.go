package cluster

import "udml-gpu/kernels"

var countsKernel = kernels.NewKernel("cluster_counts")

func countsCUDA(w, count *kernels.Array) {
	if w.Len() > 0 {
		w.Device().Launch(countsKernel, kernels.Elements(w.Len()), kernels.Ptr(w), kernels.Ptr(count), kernels.I32(w.Len()))
	}
}
