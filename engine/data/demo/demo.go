// Package demo holds real images inside the binary: a part of Omniglot, so that training can be tried without a
// download. See README.md and LICENSE beside this file.
package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
)

//go:embed omniglot.zip.gz
var packed []byte

//go:embed LICENSE
var license string

// Zip is a zip of the built-in images: train/<class>/ (200 classes) and test/<class>/ (160 others), 20 drawings each, dark ink
// on white, 105x105.
func Zip() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// License is the licence of the images.
func License() string { return license }
