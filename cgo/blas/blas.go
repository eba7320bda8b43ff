// Package blas is OpenBLAS, looked for when it is first needed: the binary links to nothing, and runs without it.
//
// OpenBLAS is always told to use one thread: callers split work into tiles themselves, so that results do not
// depend on the number of cores. The environment variable UDML_OPENBLAS names the library file to open instead
// of the usual ones; "off" opens none. Builds with 64-bit integers, and those of SciPy's wheels, which export other names, are
// opened too. A build without cgo has the same API and finds none.
package blas

import "os"

// Variable is the environment variable that names the library file, or says "off".
const Variable = "UDML_OPENBLAS"

// candidates are the files to try, in order: the one that the user names, else those that distributions install.
func candidates() []string {
	switch file := os.Getenv(Variable); file {
	case "":
		return []string{"libopenblas.so.0", "libopenblas.so"}
	case "off":
		return nil
	default:
		return []string{file}
	}
}
