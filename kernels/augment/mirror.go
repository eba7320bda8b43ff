package augment

import "udml-gpu/kernels"

// Mirror turns images left to right: y[n,h,w,c] = x[n,h,W-1-w,c], x and y [N,H,W,C] float32 or float64 and not the same array. It equals
// torchvision.transforms.functional.hflip, and is exact.
func Mirror(y, x *kernels.Array) {
	kernels.WantShape("augment.Mirror", "x", x, -1, -1, -1, -1)
	kernels.WantShape("augment.Mirror", "y", y, x.Shape()...)
	kernels.WantType("augment.Mirror", "y", y, x.DType())
	switch kernels.PathOf("augment.Mirror", y, x) {
	case kernels.OnGPU:
		mirrorCUDA(y, x)
	case kernels.InFloat64:
		mirror[float64](y, x)
	case kernels.InFloat32:
		mirror[float32](y, x)
	}
}

// mirrorTile is the number of lines that one core turns at a time.
const mirrorTile = 64

func mirror[T kernels.Float](y, x *kernels.Array) {
	to, from, width, channels := kernels.Data[T](y), kernels.Data[T](x), x.Dim(2), x.Dim(3)
	kernels.Tiles(x.Dim(0)*x.Dim(1), mirrorTile, func(lo, hi int) {
		for line := lo; line < hi; line++ {
			for w := range width {
				at, mirrored := (line*width+w)*channels, (line*width+width-1-w)*channels
				copy(to[at:at+channels], from[mirrored:mirrored+channels])
			}
		}
	})
}
