package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"udml-gpu/kernels/rng"
)

// makeScenes DIR COUNT SIZE: writes PNG files DIR/<n>.png of soft shapes, each unlike the others.
func makeScenes(ts *testscript.TestScript, _ bool, args []string) { makePictures(ts, args, scene) }

// makePictures writes COUNT images that draw makes, of SIZE pixels a side, as PNG files DIR/<n>.png; args are DIR COUNT SIZE.
func makePictures(ts *testscript.TestScript, args []string, draw func(i, size int) image.Image) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	size, err := strconv.Atoi(args[2])
	ts.Check(err)
	for i := range count {
		writePicture(ts, filepath.Join(dir, fmt.Sprintf("%03d.png", i)), draw(i, size))
	}
}

// scene is an image of eight soft discs.
func scene(sample, size int) image.Image {
	im := image.NewRGBA(image.Rect(0, 0, size, size))
	key := rng.Key{Sample: uint32(sample), Op: rng.OpBench}
	for y := range size {
		for x := range size {
			sum := [3]float64{90, 90, 90}
			for d := range uint32(8) {
				place, tint := key.At(2*d), key.At(2*d+1)
				dx := float64(x)/float64(size) - float64(rng.Uniform(place[0]))
				dy := float64(y)/float64(size) - float64(rng.Uniform(place[1]))
				near := 1 / (1 + math.Exp(60*(math.Hypot(dx, dy)-0.1-0.15*float64(rng.Uniform(place[2])))))
				for c := range sum {
					sum[c] += near * rng.Between(tint[c], -90, 110)
				}
			}
			im.SetRGBA(x, y, color.RGBA{level8(sum[0]), level8(sum[1]), level8(sum[2]), 255})
		}
	}
	return im
}

func level8(v float64) uint8 { return uint8(max(0, min(255, v))) }

// writePicture writes im as JPEG of quality 60 or as PNG without compression, by the name.
func writePicture(ts *testscript.TestScript, path string, im image.Image) {
	var b bytes.Buffer
	if filepath.Ext(path) == ".jpg" {
		ts.Check(jpeg.Encode(&b, im, &jpeg.Options{Quality: 60}))
	} else {
		ts.Check((&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, im))
	}
	ts.Check(os.WriteFile(path, b.Bytes(), 0o666))
}

// reencode FROM TO: writes the pixels of a PNG file to another file; a JPEG of it has quality 60, a PNG is compressed.
func reencode(ts *testscript.TestScript, _ bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	im, err := png.Decode(bytes.NewReader(b))
	ts.Check(err)
	to := ts.MkAbs(args[1])
	if filepath.Ext(to) == ".jpg" {
		writePicture(ts, to, im)
		return
	}
	var out bytes.Buffer
	ts.Check((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, im))
	ts.Check(os.WriteFile(to, out.Bytes(), 0o666))
}
