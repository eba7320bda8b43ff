package picture

import (
	"bytes"
	"image"

	"golang.org/x/image/webp"
)

// decodeWebP decodes as libwebp does; of an animation, the first frame. Lossy WebP stores the narrow range of video (16 to
// 235), which Go's color package would read as JPEG's full range, so that blacks would come out grey.
func decodeWebP(b []byte) (image.Image, error) {
	f, err := readWebPFrame(b)
	if err != nil {
		return nil, err
	}
	im, err := webp.Decode(bytes.NewReader(f.still))
	if err != nil {
		return nil, err
	}
	if planes, lossy := im.(*image.YCbCr); lossy {
		return f.onCanvas(fromVideo(planes)), nil
	}
	return f.onCanvas(opaque(im)), nil
}

// fromVideo converts 4:2:0 planes of narrow range to RGB, with chroma smoothed by libwebp's triangle filter (dsp/upsampling.c).
func fromVideo(im *image.YCbCr) image.Image {
	w, h := im.Rect.Dx(), im.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	rows, columns := (h+1)/2, (w+1)/2
	u, v := make([]uint8, w+2), make([]uint8, w+2)
	for y := range h {
		near := y / 2
		far := min(max(near-1+2*(y&1), 0), rows-1)
		n, f := near*im.CStride, far*im.CStride
		videoRow(u, im.Cb[n:][:columns], im.Cb[f:][:columns])
		videoRow(v, im.Cr[n:][:columns], im.Cr[f:][:columns])
		luma, dst := im.Y[y*im.YStride:][:w], out.Pix[y*out.Stride:]
		for x, l := range luma {
			videoPixel(dst[4*x:4*x+4], int32(l), int32(u[x]), int32(v[x]))
		}
	}
	return out
}

// videoRow doubles a chroma row: 9/16 of the nearest sample, 3/16 of the two beside it, 1/16 of the farthest, in the
// two rounding steps of libwebp.
func videoRow(dst, near, far []uint8) {
	last := len(near) - 1
	dst[0] = uint8((3*uint32(near[0]) + uint32(far[0]) + 2) >> 2)
	for x := range last {
		nl, nr, fl, fr := uint32(near[x]), uint32(near[x+1]), uint32(far[x]), uint32(far[x+1])
		sum := nl + nr + fl + fr + 8
		dst[2*x+1] = uint8(((sum+2*(nr+fl))>>3 + nl) >> 1)
		dst[2*x+2] = uint8(((sum+2*(nl+fr))>>3 + nr) >> 1)
	}
	dst[2*last+1] = uint8((3*uint32(near[last]) + uint32(far[last]) + 2) >> 2)
}

// videoPixel is VP8YUVToRGB of libwebp: BT.601 with 14 fractional bits, of which 6 remain before the last shift.
func videoPixel(p []uint8, y, u, v int32) {
	l := y * 19077 >> 8
	p[0] = clip8((l + v*26149>>8 - 14234) >> 6)
	p[1] = clip8((l - u*6419>>8 - v*13320>>8 + 8708) >> 6)
	p[2] = clip8((l + u*33050>>8 - 17685) >> 6)
	p[3] = 255
}
