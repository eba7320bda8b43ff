package data

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// formats are the image files that are read, each known by the bytes it starts with.
var formats = []format{
	{"JPEG", startsWith("\xff\xd8"), jpeg.DecodeConfig, decodeJPEG, jpegOrientation},
	{"PNG", startsWith("\x89PNG\r\n\x1a\n"), png.DecodeConfig, decodeWith(png.Decode), pngOrientation},
	{"GIF", startsWith("GIF8"), gif.DecodeConfig, decodeGIF, noOrientation},
	{"BMP", startsWith("BM"), bmp.DecodeConfig, decodeWith(bmp.Decode), noOrientation},
	{"TIFF", isTIFF, tiff.DecodeConfig, decodeWith(tiff.Decode), tiffOrientation},
	{"WebP", isWebP, webp.DecodeConfig, decodeWebP, webpOrientation},
}

func startsWith(magic string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }
}

func isTIFF(b []byte) bool {
	return bytes.HasPrefix(b, []byte("II*\x00")) || bytes.HasPrefix(b, []byte("MM\x00*"))
}

func isWebP(b []byte) bool {
	return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
}

func noOrientation([]byte) int { return 1 }

// decodeWith is for formats whose decoder needs no correction.
func decodeWith(decode func(io.Reader) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(b []byte) (image.Image, error) {
		im, err := decode(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		return opaque(im), nil
	}
}

// decodeGIF takes the first frame. Go's decoder makes the transparent entry of a palette black; its colour is taken
// back from the global palette, because alpha is dropped everywhere. A frame smaller than the picture stands on
// the colour that is transparent, else on entry 0.
func decodeGIF(b []byte) (image.Image, error) {
	im, err := gif.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	c, err := gif.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	frame, isPaletted := im.(*image.Paletted)
	if !isPaletted {
		return opaque(im), nil
	}
	ground := restorePalette(frame, c)
	if frame.Rect == image.Rect(0, 0, c.Width, c.Height) {
		return opaque(frame), nil
	}
	whole := image.NewPaletted(image.Rect(0, 0, c.Width, c.Height), frame.Palette)
	for i := range whole.Pix {
		whole.Pix[i] = ground
	}
	for y := frame.Rect.Min.Y; y < frame.Rect.Max.Y; y++ {
		copy(whole.Pix[whole.PixOffset(frame.Rect.Min.X, y):], frame.Pix[frame.PixOffset(frame.Rect.Min.X, y):][:frame.Rect.Dx()])
	}
	return opaque(whole), nil
}
