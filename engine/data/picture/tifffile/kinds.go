package tifffile

import (
	"fmt"
	"slices"
)

// checkKind refuses pixels of unknown meaning. It accepts what Pillow reads, and kinds that differ from
// that only in byte order or bit order.
func (l *layout) checkKind() error {
	if l.fillOrder != 1 && l.fillOrder != 2 {
		return notRead(fmt.Sprintf("bits in order %d", l.fillOrder))
	}
	if !l.knownBits() {
		return notRead(fmt.Sprintf("%s of %d x %d bits (sample format %d)", photometricName(l.photometric), l.samples, l.bits, l.format))
	}
	if !l.knownExtra() {
		return notRead(
			fmt.Sprintf("%s with %d samples a pixel and extra samples of kind %v", photometricName(l.photometric), l.samples, l.extra),
		)
	}
	return nil
}

func (l *layout) knownBits() bool {
	only := func(bits ...int) bool { return slices.Contains(bits, l.bits) }
	switch l.photometric {
	case whiteIsZero, blackIsZero:
		switch l.format {
		case unsigned:
			return only(1, 2, 4, 8, 12, 16) || l.bits == 32 && l.photometric == blackIsZero
		case signed:
			return only(8, 16, 32) && l.photometric == blackIsZero
		}
		return l.format == float && l.bits == 32
	case palette:
		return l.format == unsigned && only(1, 2, 4, 8)
	case rgbColours, cmykColours:
		return l.format == unsigned && only(8, 16)
	case labColours, ycbcrColours:
		return l.format == unsigned && l.bits == 8
	}
	return false
}

// knownExtra tells whether the samples beyond the colours are declared, and have a known meaning where that matters.
func (l *layout) knownExtra() bool {
	if l.missingExtra {
		return l.photometric == rgbColours && l.samples == 4 // Pillow reads it as alpha
	}
	if l.samples < l.colours {
		return false
	}
	if l.separate && !slices.ContainsFunc(l.extra, func(kind int) bool { return kind != unspecified }) {
		return true // planes that are skipped
	}
	if l.samples != l.colours+len(l.extra) {
		return false
	}
	switch l.photometric {
	case whiteIsZero, blackIsZero:
		return len(l.extra) == 0 || len(l.extra) == 1 && l.extra[0] == alpha && l.bits >= 8
	case palette:
		return len(l.extra) == 0 || len(l.extra) == 1 && l.extra[0] != premultiplied && l.bits == 8
	case labColours, ycbcrColours:
		return len(l.extra) == 0
	}
	return true
}

func photometricName(v int) string {
	names := map[int]string{
		whiteIsZero: "grey (white is zero)", blackIsZero: "grey", rgbColours: "RGB", palette: "a palette", 4: "a transparency mask",
		cmykColours: "CMYK", ycbcrColours: "YCbCr", labColours: "CIE Lab", 9: "ICC Lab", 10: "ITU Lab", 32803: "a colour filter array",
		32844: "CIE Log2 L", 32845: "CIE Log2 Luv", 34892: "linear raw",
	}
	if name := names[v]; name != "" {
		return name
	}
	return fmt.Sprintf("photometric interpretation %d", v)
}
