package cluster

import (
	"math/bits"

	"udml-gpu/kernels"
)

// maxShared is the largest number of labels that one block sorts in the shared memory that it has on every GPU; more are sorted in
// global memory.
const maxShared = 1 << 12

var (
	argmaxKernel     = kernels.NewKernel("cluster_argmax")
	slotsKernel      = kernels.NewKernel("cluster_slots")
	slotsLargeKernel = kernels.NewKernel("cluster_slots_large")
)

// slotsRoom is how many ints a block needs to sort so many labels.
func slotsRoom(size int) int { return 2*size + 1 }

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
	dev, images := slot.Device(), label.Dim(0)
	size := 1 << bits.Len(uint(max(1, images)-1))
	l := kernels.Launch{Block: kernels.Dim{X: min(max(32, size/2), wideBlock)}}
	args := []kernels.Arg{
		kernels.Ptr(slot), kernels.Ptr(count), kernels.Ptr(label), kernels.I32(images), kernels.I32(count.Dim(0)), kernels.I32(size),
	}
	if size <= maxShared {
		l.Shared = kernels.Int32.Size() * slotsRoom(size)
		dev.Launch(slotsKernel, l, args...)
		return
	}
	room := dev.Scratch(kernels.Int32, slotsRoom(size))
	dev.Launch(slotsLargeKernel, l, append(args, kernels.Ptr(room))...)
	room.Free()
}
