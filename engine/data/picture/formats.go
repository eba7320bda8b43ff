package picture

import (
	"bytes"
	"image"

	"udml-gpu/engine/data/picture/bmpfile"
	"udml-gpu/engine/data/picture/giffile"
	"udml-gpu/engine/data/picture/pngfile"
	"udml-gpu/engine/data/picture/pnmfile"
	"udml-gpu/engine/data/picture/rawfile"
	"udml-gpu/engine/data/picture/tifffile"
)

// formats are the supported kinds of image files. Each is recognised by its content; of several that match, the last counts.
var formats = []format{
	{"JPEG", startsWith("\xff\xd8"), jpegConfig, decodeJPEG, jpegOrientation},
	{"PNG", startsWith("\x89PNG\r\n\x1a\n"), pngfile.Config, opaqueOf(pngfile.Decode), pngOrientation},
	{"GIF", giffile.Is, giffile.Config, opaqueOf(giffile.Decode), noOrientation},
	{"BMP", bmpfile.Is, bmpfile.Config, opaqueOf(bmpfile.Decode), noOrientation},
	{"TIFF", tifffile.Is, tifffile.Config, opaqueOf(tifffile.Decode), orientationOfTIFF},
	{"RAW", rawfile.Is, rawConfig, decodeRaw, rawOrientation}, // after TIFF, which most of these files are too
	{"AVIF", isAVIF, avifKind.config, avifKind.decode, noOrientation},
	{"HEIC", isHEIC, heicKind.config, heicKind.decode, noOrientation},
	{"WebP", IsWebP, webpConfig, decodeWebP, webpOrientation},
	{"PNM", pnmfile.Is, pnmfile.Config, opaqueOf(pnmfile.Decode), noOrientation},
}

func startsWith(magic string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }
}

// IsWebP recognises a WebP file by its first bytes.
func IsWebP(b []byte) bool {
	return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
}

func noOrientation([]byte) int { return 1 }

// opaqueOf wraps a decoder that needs no correction except opaque.
func opaqueOf(decode func([]byte) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(b []byte) (image.Image, error) {
		im, err := decode(b)
		if err != nil {
			return nil, err
		}
		return opaque(im), nil
	}
}
