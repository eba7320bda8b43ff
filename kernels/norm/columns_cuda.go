package norm

import "udml-gpu/kernels"

var (
	columnSumsKernel = kernels.NewStored("norm_column_sums")
	columnJoinKernel = kernels.NewKernel("norm_column_join")
)

// columnSumsCUDA fills plain with the sum of dy over all rows, and weighted with that of dy (x - mean) inv, by each row's mean and
// inv, or of dy x where mean is nil. Either may be nil.
func columnSumsCUDA(plain, weighted, dy, x, mean, inv *kernels.Array) {
	if plain == nil && weighted == nil {
		return
	}
	dev, l := x.Device(), layoutOf(x, dy, x)
	rows, count := l.chunk()
	parts := dev.Scratch(kernels.Float64, count, 2*l.channels)
	defer parts.Free()
	if count > 0 {
		shared := l.lanes * l.high * 2 * l.pack * kernels.Float64.Size()
		dev.Launch(columnSumsKernel.Of(x), l.launch(count, shared), kernels.Ptr(parts), kernels.Ptr(dy), kernels.Ptr(x), kernels.Ptr(mean),
			kernels.Ptr(inv), kernels.I32(l.rows), kernels.I32(l.channels), kernels.I32(l.lanes), kernels.I32(rows), kernels.I32(l.pack))
	}
	joinColumns(plain, weighted, parts, count, l.channels)
}

// joinColumns adds up parts [count,2,channels], float64, and leaves the first sums in plain, the second in weighted. Either may be nil.
func joinColumns(plain, weighted, parts *kernels.Array, count, channels int) {
	parts.Device().Launch(columnJoinKernel, channelBlocks(channels), kernels.Ptr(plain), kernels.Ptr(weighted), kernels.Ptr(parts),
		kernels.I32(count), kernels.I32(channels))
}
