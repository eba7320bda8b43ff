package data

import "runtime"

// decoders is what makes pixels of the bytes of a file, for the files of CacheOptions.Keep. Go's version stands there because
// the decoders of its library may change with it; what this program does itself has its version in Recipe.
func decoders() string { return "jpeg by " + JPEGDecoder() + ", " + runtime.Version() }
