package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// makeDrawings DIR COUNT SIDE: writes PNG files of circles of thin black lines on white, each of another middle and distance.
func makeDrawings(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	side, err := strconv.Atoi(args[2])
	ts.Check(err)
	for i := range count {
		im := image.NewGray(image.Rect(0, 0, side, side))
		for at := range im.Pix {
			x, y := float64(at%side-side*(i%7)/7), float64(at/side-side*(i%11)/11)
			if math.Mod(math.Hypot(x, y), float64(12+i%17)) >= 4 {
				im.Pix[at] = 255
			}
		}
		var b bytes.Buffer
		ts.Check(png.Encode(&b, im))
		ts.Check(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.png", i)), b.Bytes(), 0o666))
	}
}
