// Package demo holds real images inside the binary: a part of Omniglot, so that training can be tried without a
// download. See README.md and LICENSE beside this file.
package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"

	"udml-gpu/engine/data"
)

//go:embed omniglot.zip.gz
var packed []byte

//go:embed LICENSE
var license string

// Source is the built-in images: splits train (200 classes) and test (160 others), 20 drawings each, dark ink on white,
// 105x105. trainClasses keeps that many training classes, evenly spaced; 0 keeps all.
func Source(trainClasses int) (*data.Source, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, data.Errorf("the built-in images are damaged: %w", err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, data.Errorf("the built-in images are damaged: %w", err)
	}
	s, err := data.OpenZip("the built-in images", bytes.NewReader(b), int64(len(b)), data.Options{})
	if err != nil {
		return nil, err
	}
	s.ThinSplit("train", trainClasses)
	return s, nil
}

// License is the licence of the images.
func License() string { return license }
