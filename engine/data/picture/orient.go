package picture

import "image"

// upright turns and mirrors a decoded image so that its first row is the top and its first column the left.
// orientation is EXIF's: 2 mirrored, 3 upside down, 4 both, 5 to 8 the same with rows and columns exchanged.
func upright(im image.Image, orientation int) image.Image {
	if orientation <= 1 || orientation > 8 {
		return im
	}
	r := im.Bounds()
	if orientation >= 5 {
		r = image.Rect(0, 0, r.Dy(), r.Dx())
	}
	switch im := im.(type) {
	case *image.Gray:
		out := image.NewGray(r)
		turn(out.Pix, im.Pix, out.Stride, im.Stride, im.Rect.Size(), 1, orientation)
		return out
	case *image.RGBA:
		out := image.NewRGBA(r)
		turn(out.Pix, im.Pix, out.Stride, im.Stride, im.Rect.Size(), 4, orientation)
		return out
	}
	panic("picture: upright takes images from opaque")
}

// turn copies the pixels of src, of depth bytes each, to their upright places. from is the size of src.
func turn(dst, src []uint8, dstStride, srcStride int, from image.Point, depth, orientation int) {
	right := from.X - 1
	bottom := from.Y - 1
	for y := range from.Y {
		for x := range from.X {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = right - x
			case 3:
				tx, ty = right-x, bottom-y
			case 4:
				ty = bottom - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = bottom-y, x
			case 7:
				tx, ty = bottom-y, right-x
			case 8:
				tx, ty = y, right-x
			}
			copy(dst[ty*dstStride+tx*depth:][:depth], src[y*srcStride+x*depth:][:depth])
		}
	}
}

// Mirror is im, an image from Decode or a box of one, with left and right exchanged.
func Mirror(im image.Image) image.Image { return upright(im, 2) }
