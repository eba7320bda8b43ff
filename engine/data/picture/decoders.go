package picture

import (
	"fmt"
	"runtime"
)

// Decoders is what makes pixels of the bytes of a file, for the files of CacheOptions.Keep. Go's version stands there because
// the decoders of its library may change with it; readersVersion is that of this program's own readers.
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

// readersVersion is raised when files come to be read that were not, or to other pixels.
const readersVersion = 2
