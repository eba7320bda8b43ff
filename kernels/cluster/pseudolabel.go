// Package cluster groups rows: pseudo labels of a batch and the means of their members, nearest centroids, k-means.
package cluster

import "udml-gpu/kernels"

// PseudoLabels puts both views of an image into the cluster that the first view's logits favour. logits [2B,K] (float32 or
// float64; rows 0..B-1 are the first views, row B+i the second view of image i): label_i = argmax_k logits[i,k], ties to
// the smallest k, NaN never wins (a row of NaN alone has label 0). The clusters so chosen get slots 0, 1, .. in
// ascending order of label: slot [2B] int32, slot[i] = slot[B+i]; count [S] int32, S = min(K,B): members of each
// slot, both views counted, 0 for the slots left over.
func PseudoLabels(slot, count, logits *kernels.Array) {
	const op = "cluster.PseudoLabels"
	kernels.WantShape(op, "slot", slot, -1)
	kernels.WantShape(op, "logits", logits, slot.Dim(0), -1)
	images, k := slot.Dim(0)/2, logits.Dim(1)
	if slot.Dim(0)%2 != 0 || images > 0 && k == 0 {
		panic(op + ": logits are " + logits.String() + ", want two views of each image and a cluster")
	}
	kernels.WantShape(op, "count", count, min(k, images))
	path := kernels.PathOf(op, logits)
	if path == kernels.OnGPU {
		pseudoLabelsCUDA(slot, count, logits)
		return
	}
	label := kernels.BorrowHost[int32](images)
	defer kernels.ReturnHost(label)
	if path == kernels.InFloat64 {
		argmaxRows(label, kernels.Data[float64](logits), k)
	} else {
		argmaxRows(label, kernels.Data[float32](logits), k)
	}
	slotsOf(kernels.Data[int32](slot), kernels.Data[int32](count), label)
}

// SlotsOf is PseudoLabels for labels that are known: label [B] int32, any values; slot [2B]; count [S], S at least
// the number of different labels (B is always enough; the CPU panics where it is not, a GPU leaves the rest uncounted).
func SlotsOf(slot, count, label *kernels.Array) {
	const op = "cluster.SlotsOf"
	kernels.WantShape(op, "label", label, -1)
	kernels.WantShape(op, "slot", slot, 2*label.Dim(0))
	kernels.WantShape(op, "count", count, -1)
	if slot.Device().CUDA() {
		slotsCUDA(slot, count, label)
		return
	}
	slotsOf(kernels.Data[int32](slot), kernels.Data[int32](count), kernels.Data[int32](label))
}
