package cluster

import (
	"fmt"
	"math/bits"

	"udml-gpu/kernels"
)

// maxImages is the largest batch whose labels one block can sort in the shared memory of a multiprocessor.
const maxImages = 1 << 14

var (
	argmaxKernel = kernels.NewKernel("cluster_argmax")
	slotsKernel  = kernels.NewSharedKernel("cluster_slots", slotsShared(maxImages))
)

// slotsShared is the shared memory that cluster_slots needs for so many labels, in bytes.
func slotsShared(size int) int { return 4 * (2*size + 1) }

func pseudoLabelsCUDA(slot, count, logits *kernels.Array) {
	dev, images := slot.Device(), slot.Dim(0)/2
	label := dev.Scratch(kernels.Int32, images)
	if images > 0 {
		dev.Launch(argmaxKernel, warpsFor(images), kernels.Ptr(label), kernels.Ptr(logits), kernels.I32(images), kernels.I32(logits.Dim(1)))
	}
	slotsCUDA(slot, count, label)
	label.Free()
}

func slotsCUDA(slot, count, label *kernels.Array) {
	images := label.Dim(0)
	if images > maxImages {
		panic(fmt.Sprintf("cluster: a batch of %d images on a GPU, at most %d are possible", images, maxImages))
	}
	size := 1 << bits.Len(uint(max(1, images)-1))
	l := kernels.Launch{Block: kernels.Dim{X: min(max(32, size/2), wideBlock)}, Shared: slotsShared(size)}
	slot.Device().Launch(slotsKernel, l, kernels.Ptr(slot), kernels.Ptr(count), kernels.Ptr(label), kernels.I32(images),
		kernels.I32(count.Dim(0)), kernels.I32(size))
}
