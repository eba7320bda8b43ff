package augment

import "fmt"

// Affine writes the view of src that m maps to:
//
//	dst[y,x,c] = bilinear(src, m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])[c] / 255
//
// src is [h,w,c] uint8, dst is [size,size,c] float32 in [0,1]. Positions outside the image show its nearest edge
// pixel, as torch's grid_sample(padding_mode="border", align_corners=False) does. invert gives 1 minus that (dark
// ink becomes bright). Whole-pixel positions reproduce pixels exactly: the map of Ranges{} equals Centre bit for bit.
// The error is below 2e-6 of the range. Any real m is safe, also NaN and Inf. It panics when a length does not fit.
func Affine(dst []float32, src []uint8, h, w, c, size int, m [6]float64, invert bool) {
	checkSizes("augment.Affine", len(dst), len(src), h, w, c, size)
	v := view{dst: dst, src: src, h: h, w: w, c: c, size: size, level: levels(invert)}
	if x, y, mirrored, ok := v.wholePixels(m); ok {
		v.copyCrop(x, y, mirrored)
		return
	}
	switch c {
	case 1:
		v.affineGrey(m)
	case 3:
		v.affineRGB(m)
	default:
		v.affineLoop(m)
	}
}

// Centre copies the crop of size x size in the middle of src [h,w,c] to dst [size,size,c] as float32 in [0,1], or
// 1 minus that when invert is set. Its place is CentreCorner's. An image smaller than the crop is continued with its edge
// pixels. It panics when a length does not fit.
func Centre(dst []float32, src []uint8, h, w, c, size int, invert bool) {
	checkSizes("augment.Centre", len(dst), len(src), h, w, c, size)
	v := view{dst: dst, src: src, h: h, w: w, c: c, size: size, level: levels(invert)}
	x, y := CentreCorner(w-size), CentreCorner(h-size)
	if x >= 0 && y >= 0 {
		v.copyCrop(x, y, false)
		return
	}
	v.affineLoop([6]float64{1, 0, float64(x), 0, 1, float64(y)})
}

func checkSizes(op string, dst, src, h, w, c, size int) {
	if h < 1 || w < 1 || c < 1 || size < 0 || src != h*w*c || dst != size*size*c {
		panic(fmt.Sprintf("%s: dst of %d and src of %d elements do not fit %dx%dx%d to %dx%dx%d", op, dst, src, h, w, c, size, size, c))
	}
}
