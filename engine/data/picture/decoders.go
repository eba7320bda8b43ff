package picture

import (
	"fmt"
	"runtime"
)

// Decoders names the versions of all decoders, for the files of cache.Options.Keep. Go's version is included because
// the decoders of its library may change with it; readersVersion is for the readers of this program.
func Decoders() string {
	return fmt.Sprintf(
		"jpeg by %s, tiff by %s, heif by %s, readers %d, %s",
		JPEGDecoder(),
		TIFFDecoder(),
		HEIFDecoder(),
		readersVersion,
		runtime.Version(),
	)
}

// readersVersion is increased when more files are read than before, or with other pixels.
const readersVersion = 4
