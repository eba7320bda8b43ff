package record

import "udml-gpu/kernels"

var (
	imagesKernel = kernels.NewKernel("record_images")
	rowKernel    = kernels.NewKernel("record_row")
)

func (s source) stepCUDA(rows, at, labels, skip *kernels.Array) {
	dev, images := rows.Device(), s.images
	cosine := dev.Scratch(kernels.Float64, images)
	if images > 0 {
		s.launchImages(cosine, labels, skip)
	}
	slots := 0
	if s.count != nil {
		slots = s.count.Len()
	}
	args := [...]kernels.Arg{
		kernels.Ptr(rows), kernels.Ptr(at), kernels.Ptr(skip), kernels.Ptr(cosine), kernels.I32(images), kernels.Ptr(s.count),
		kernels.I32(slots), kernels.I32(len(s.scalars)), 7 + MaxScalars: {},
	}
	for i := range MaxScalars {
		args[8+i] = kernels.Ptr(nil)
		if i < len(s.scalars) {
			args[8+i] = kernels.PtrAt(s.scalars[i].Array, s.scalars[i].Index)
		}
	}
	dev.Launch(rowKernel, kernels.Launch{Block: kernels.Dim{X: 256}}, args[:]...)
	cosine.Free()
}

// launchImages runs a warp for each image, four a block: a batch of 64 then fills 16 multiprocessors.
func (s source) launchImages(cosine, labels, skip *kernels.Array) {
	const warps = 4
	k := 0
	if s.logits != nil {
		k = s.logits.Dim(1)
	}
	grid := kernels.Dim{X: kernels.Blocks(s.images, warps)}
	d, second := s.embedding.Dim(1), s.second()
	cosine.Device().Launch(imagesKernel, kernels.Launch{Grid: grid, Block: kernels.Dim{X: 32 * warps}},
		kernels.Ptr(cosine), kernels.Ptr(labels), kernels.Ptr(skip), kernels.Ptr(s.embedding), kernels.PtrAt(s.embedding, second*d),
		kernels.Ptr(s.logits), kernels.I32(s.images), kernels.I32(d), kernels.I32(k))
}
