package picture

import "udml-gpu/engine/data/picture/tifffile"

// TIFFDecoder is the name of the decoder of compressed TIFF files: "go", or libtiff with its version, such as "libtiff 4.5.0".
func TIFFDecoder() string { return tifffile.Decoder() }

// TIFFProblem is the reason why libtiff is not used; "" when it is.
func TIFFProblem() string { return tifffile.Problem() }

// orientationOfTIFF is the orientation of the first image, or else that of its XMP data.
func orientationOfTIFF(b []byte) int {
	v, xmp, told := tifffile.Orientation(b)
	if !told {
		return orientationOf(nil, xmp)
	}
	return v
}
