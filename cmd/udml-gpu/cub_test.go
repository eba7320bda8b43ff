package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"

	"udml-gpu/engine/data/datatest"
)

// makeCub DIR CLASSES COUNT SIZE: writes a set in the layout of CUB-200-2011, of so many classes to train on and as many to test.
func makeCub(ts *testscript.TestScript, _ bool, args []string) {
	count, each, size := number3(ts, args[1:])
	var classes []int
	for c := range count {
		classes = append(classes, 1+c, 101+c)
	}
	slices.Sort(classes)
	for name, content := range datatest.Cub(each, func(class, i int) []byte {
		var b bytes.Buffer
		ts.Check(png.Encode(&b, texture(class, i, size)))
		return b.Bytes()
	}, classes...) {
		path := filepath.Join(ts.MkAbs(args[0]), filepath.FromSlash(name))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
		ts.Check(os.WriteFile(path, content, 0o666))
	}
}
