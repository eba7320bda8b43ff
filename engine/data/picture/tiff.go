package picture

import "udml-gpu/engine/data/picture/tifffile"

// TIFFDecoder names what decodes compressed TIFF files: "go", or libtiff with its version, such as "libtiff 4.5.0".
func TIFFDecoder() string { return tifffile.Decoder() }

// TIFFProblem is why libtiff is not used, "" when it is.
func TIFFProblem() string { return tifffile.Problem() }

// orientationOfTIFF is that of the first image, and else of its XMP data.
func orientationOfTIFF(b []byte) int {
	v, xmp, told := tifffile.Orientation(b)
	if !told {
		return orientationOf(nil, xmp)
	}
	return v
}
