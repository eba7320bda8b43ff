package picture

import (
	"image"
	"image/color"
)

// opaque is im as *image.Gray or as *image.RGBA with alpha 255, with its bounds at (0, 0). It may reuse im's memory.
// Alpha is dropped: a half transparent red becomes red.
func opaque(im image.Image) image.Image {
	switch im := im.(type) {
	case *image.Gray:
		if im.Rect.Min == (image.Point{}) {
			return im
		}
	case *image.Gray16:
		return highBytesGrey(im)
	case *image.NRGBA:
		for i := 3; i < len(im.Pix); i += 4 {
			im.Pix[i] = 255
		}
		return &image.RGBA{Pix: im.Pix, Stride: im.Stride, Rect: im.Rect.Sub(im.Rect.Min)}
	case *image.RGBA:
		if im.Opaque() {
			return &image.RGBA{Pix: im.Pix, Stride: im.Stride, Rect: im.Rect.Sub(im.Rect.Min)}
		}
	case *image.RGBA64:
		if im.Opaque() {
			return highBytes(im.Pix, im.Stride, im.Rect)
		}
	case *image.NRGBA64:
		return highBytes(im.Pix, im.Stride, im.Rect)
	case *image.Paletted:
		return fromPalette(im)
	case *image.CMYK:
		return fromCMYK(im)
	}
	return anyPixels(im)
}

// anyPixels converts slowly, by the image's own colours; premultiplied ones are divided by their alpha.
func anyPixels(im image.Image) image.Image {
	r := im.Bounds()
	out := image.NewRGBA(r.Sub(r.Min))
	for y := range r.Dy() {
		for x := range r.Dx() {
			c := color.NRGBAModel.Convert(im.At(r.Min.X+x, r.Min.Y+y)).(color.NRGBA)
			out.SetRGBA(x, y, color.RGBA{R: c.R, G: c.G, B: c.B, A: 255})
		}
	}
	return out
}

func highBytesGrey(im *image.Gray16) image.Image {
	out := image.NewGray(im.Rect.Sub(im.Rect.Min))
	for y := range im.Rect.Dy() {
		row := im.Pix[y*im.Stride:]
		for x := range out.Stride {
			out.Pix[y*out.Stride+x] = row[2*x]
		}
	}
	return out
}

// highBytes converts 16-bit big-endian channels to 8 bits.
func highBytes(pix []uint8, stride int, r image.Rectangle) image.Image {
	out := image.NewRGBA(r.Sub(r.Min))
	for y := range r.Dy() {
		row := pix[y*stride:]
		dst := out.Pix[y*out.Stride:][:out.Stride]
		for i := range dst {
			dst[i] = row[2*i]
		}
		for i := 3; i < len(dst); i += 4 {
			dst[i] = 255
		}
	}
	return out
}

func fromPalette(im *image.Paletted) image.Image {
	var table [256][4]uint8 // so an index beyond the palette is black
	for i, c := range im.Palette {
		p := color.NRGBAModel.Convert(c).(color.NRGBA)
		if i < len(table) {
			table[i] = [4]uint8{p.R, p.G, p.B, 255}
		}
	}
	out := image.NewRGBA(im.Rect.Sub(im.Rect.Min))
	for y := range im.Rect.Dy() {
		src, dst := im.Pix[y*im.Stride:][:im.Rect.Dx()], out.Pix[y*out.Stride:]
		for x, index := range src {
			*(*[4]uint8)(dst[4*x:]) = table[index]
		}
	}
	return out
}

// fromCMYK converts without a colour profile, as Pillow does: each of R, G, B is (255-K) (255-ink) / 255, rounded.
// Adobe's inversion must be undone before. It reuses im's memory.
func fromCMYK(im *image.CMYK) image.Image {
	out := &image.RGBA{Pix: im.Pix, Stride: im.Stride, Rect: im.Rect.Sub(im.Rect.Min)}
	for y := range im.Rect.Dy() {
		src, dst := im.Pix[y*im.Stride:], out.Pix[y*out.Stride:][:4*out.Rect.Dx()]
		for i := 0; i < len(dst); i += 4 {
			light := 255 - int32(src[i+3])
			for c := range 3 {
				dst[i+c] = clip8(light - over255(int32(src[i+c])*light))
			}
			dst[i+3] = 255
		}
	}
	return out
}

// over255 is v/255 rounded, for v of 0 to 255*255.
func over255(v int32) int32 { v += 128; return (v>>8 + v) >> 8 }

func clip8(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// grey is the luma of an image of Decode, in Pillow's integers: (19595 R + 38470 G + 7471 B + 2^15) / 2^16.
func grey(im image.Image) *image.Gray {
	if g, ok := im.(*image.Gray); ok {
		return g
	}
	rgba := im.(*image.RGBA)
	out := image.NewGray(rgba.Rect)
	for y := range out.Rect.Dy() {
		src, dst := rgba.Pix[y*rgba.Stride:], out.Pix[y*out.Stride:][:out.Stride]
		for x := range dst {
			p := src[4*x : 4*x+3]
			dst[x] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
		}
	}
	return out
}
