package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"udml-gpu/engine/data/picture/rawfile/rawtest"
)

// makeRaw writes a camera's raw file, of Nikon's structure, to be turned to the right: rawfile NAME W H, with a preview of W x H pixels, or
// rawfile NAME without one.
func makeRaw(ts *testscript.TestScript, _ bool, args []string) {
	preview := rawtest.Lossless(400, 300)
	if len(args) == 3 {
		w, h, _ := number3(ts, append(args[1:], "0"))
		preview = rawtest.JPEG(w, h)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), rawtest.Nikon("MM\x00*", 6, preview), 0o666))
}
