package norm

import (
	"fmt"

	"udml-gpu/kernels"
)

// operand is the arguments of COLUMNS in batchnorm.cuh: the first elements of up to four columns, and their arrays' widths in 16 bits each.
func operand(list []Columns) []kernels.Arg {
	args, pitches := make([]kernels.Arg, 0, mostColumns+1), uint64(0)
	for i := range mostColumns {
		if i >= len(list) {
			args = append(args, kernels.Ptr(nil))
			continue
		}
		args = append(args, kernels.PtrAt(list[i].Array, list[i].At))
		pitches |= uint64(list[i].width()) << (16 * i)
	}
	return append(args, kernels.U64(pitches))
}

// ends is the channels at which the columns end but the last ones, in 16 bits each; those that are not there never end.
func ends(list []Columns) kernels.Arg {
	all, end := uint64(0), 0
	for i := range mostColumns - 1 {
		if end += list[min(i, len(list)-1)].C; i >= len(list)-1 {
			end = mostChannels + 1
		}
		all |= uint64(end) << (16 * i)
	}
	return kernels.U64(all)
}

// layoutOfColumns is the layout for x, beside which a kernel reads or writes columns of others, and arrays of as many channels.
func layoutOfColumns(x, others []Columns, as ...*kernels.Array) layout {
	c := total(x)
	pack := kernels.Pack(c, as...)
	for _, list := range [][]Columns{x, others} {
		for _, l := range list {
			if l.width() > mostChannels {
				panic(fmt.Sprintf("norm: %v has more channels than the %d that a kernel counts", l.Array, mostChannels))
			}
			// 4 divides all three: a pack, of bfloat16 too, lies at a multiple of its size.
			pack = min(pack, kernels.Pack(l.C|l.At|l.width(), l.Array))
		}
	}
	return layoutFor(x[0].rows(), c, pack)
}
