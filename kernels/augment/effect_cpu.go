package augment

import "udml-gpu/kernels"

// effectLanes is how many sums a mean is made of, as many as the kernel's block has threads, so that both devices add in one order.
const effectLanes = 512

func effects(dst, rows *kernels.Array) {
	size, channels := dst.Dim(1), dst.Dim(3)
	n := size * size * channels
	x, of := kernels.Data[float32](dst), kernels.Data[float32](rows)
	kernels.Tiles(dst.Dim(0), viewRows, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			Apply(x[r*n:(r+1)*n], size, channels, of[r*EffectFloats:(r+1)*EffectFloats])
		}
	})
}

// Apply is Effects for one view x [size,size,channels] on the host.
func Apply(x []float32, size, channels int, row []float32) {
	jitter(x, channels, row[effectColours:effectWeights])
	if row[effectGrey] != 0 && channels == 3 {
		for p := 0; p < len(x); p += 3 {
			l := luma(x[p], x[p+1], x[p+2])
			x[p], x[p+1], x[p+2] = l, l, l
		}
	}
	if radius := int(row[effectRadius]); radius > 0 {
		blur(x, size, channels, row[effectWeights:effectWeights+radius+1])
	}
	left, top, width, height := int(row[effectBox]), int(row[effectBox+1]), int(row[effectBox+2]), int(row[effectBox+3])
	if width < 1 || height < 1 {
		return
	}
	for c := range channels {
		mean := meanOf(size*size, func(p int) float32 { return x[p*channels+c] })
		for y := top; y < top+height; y++ {
			for p := y*size + left; p < y*size+left+width; p++ {
				x[p*channels+c] = mean
			}
		}
	}
}

// luma is torchvision's grey level of a colour. Here and below, conversions keep products from being fused with sums.
func luma(r, g, b float32) float32 {
	return float32(float32(0.2989*r)+float32(0.587*g)) + float32(0.114*b)
}

// meanOf is the mean of n values: each lane adds those of a residue class, and a tree adds the lanes.
func meanOf(n int, at func(int) float32) float32 {
	var lane [effectLanes]float64
	for p := range n {
		lane[p%effectLanes] += float64(at(p))
	}
	for half := effectLanes / 2; half > 0; half /= 2 {
		for i := range half {
			lane[i] += lane[i+half]
		}
	}
	return float32(lane[0] / float64(n))
}

// blur smooths x along rows, then along columns. Each line is continued at both ends, and all its pixels are added up for one weight after
// the other, in loops over neighbours.
func blur(x []float32, size, channels int, weights []float32) {
	row, radius := size*channels, len(weights)-1
	between, line := kernels.BorrowHost[float32](size*row), kernels.BorrowHost[float32](row+2*radius*channels)
	defer kernels.ReturnHost(between)
	defer kernels.ReturnHost(line)
	for y := range size {
		in, out := x[y*row:(y+1)*row], between[y*row:(y+1)*row]
		for i := range size + 2*radius {
			copy(line[i*channels:(i+1)*channels], in[reflect(i-radius, size)*channels:])
		}
		weigh(out, in, weights[0])
		for j := 1; j <= radius; j++ {
			weighPair(out, line[(radius-j)*channels:], line[(radius+j)*channels:], weights[j])
		}
	}
	for y := range size {
		out := x[y*row : (y+1)*row]
		weigh(out, between[y*row:], weights[0])
		for j := 1; j <= radius; j++ {
			weighPair(out, between[reflect(y-j, size)*row:], between[reflect(y+j, size)*row:], weights[j])
		}
	}
}

func weigh(out, x []float32, w float32) {
	x = x[:len(out)]
	for i := range out {
		out[i] = w * x[i]
	}
}

func weighPair(out, a, b []float32, w float32) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] += float32(w * (a[i] + b[i]))
	}
}

// reflect is i, or the place of the pixel mirrored at the first or last of n, for -n < i < 2n-1.
func reflect(i, n int) int {
	switch {
	case i < 0:
		return -i
	case i >= n:
		return 2*(n-1) - i
	}
	return i
}

// blurLoop is the reference of blur: dst from src, pixel by pixel.
func blurLoop(dst, src []float32, size, channels int, weights []float32) {
	along := func(x []float32, at, i, stride int) float32 {
		sum := float32(weights[0] * x[at])
		for j := 1; j < len(weights); j++ {
			before, after := x[at+(reflect(i-j, size)-i)*stride], x[at+(reflect(i+j, size)-i)*stride]
			sum += float32(weights[j] * (before + after))
		}
		return sum
	}
	between := make([]float32, len(src))
	for i := range src {
		between[i] = along(src, i, i/channels%size, channels)
	}
	for i := range dst {
		dst[i] = along(between, i, i/channels/size, size*channels)
	}
}
