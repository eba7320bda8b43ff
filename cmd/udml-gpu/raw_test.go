package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"udml-gpu/engine/data/picture/rawfile/rawtest"
)

// makeRaw writes a camera's raw file, of Nikon's structure or, by its name, of Canon's CR3, to be turned to the right: rawfile NAME W H,
// with a preview of W x H pixels, or rawfile NAME without one.
func makeRaw(ts *testscript.TestScript, _ bool, args []string) {
	preview := rawtest.Lossless(400, 300)
	if len(args) == 3 {
		w, h, _ := number3(ts, append(args[1:], "0"))
		preview = rawtest.JPEG(w, h)
	}
	b := rawtest.Nikon("MM\x00*", 6, preview)
	if strings.HasSuffix(args[0], ".CR3") {
		b = rawtest.CR3(rawtest.CR3Parts{Full: preview, Preview: rawtest.JPEG(16, 8), Orientation: 6, Taken: "2020:01:02 03:04:05"})
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}
