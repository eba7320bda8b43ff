package loader

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/rng"
)

// TestEffectsOnEveryDevice: the views of a batch are changed as their ranges say, on a GPU as on the CPU; those that
// have none are as they were.
func TestEffectsOnEveryDevice(t *testing.T) {
	c, changed := smallCache(t, 11), testRanges
	changed.JitterShare, changed.Jitter = 0.5, augment.Jitter{Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1}
	changed.Grey, changed.Blur, changed.SigmaLo, changed.SigmaHi = 0.4, 0.5, 0.1, 2
	changed.Erase, changed.EraseLo, changed.EraseHi = 0.5, 0.1, 0.4
	views := []View{{7, augment.Ranges{Crop: true}}, {7, changed}, {4, testRanges}}
	for _, dev := range parity.Devices(t) {
		l := New(dev, c, Options{Batch: 11, Views: views, Seed: 3})
		images := []*kernels.Array{dev.New(kernels.Float32, 22, 7, 7, 3), dev.New(kernels.Float32, 11, 4, 4, 3)}
		samples, labels, differ := dev.New(kernels.Int32, 33), dev.New(kernels.Int32, 11), 0
		for b := range l.Epoch(2, 0) {
			b.Fill(images, samples, labels)
			all := append(kernels.Read[float32](images[0]), kernels.Read[float32](images[1])...)
			for row, sample := range kernels.Read[int32](samples) {
				v := views[row/11]
				want, plain := make([]float32, v.Size*v.Size*3), make([]float32, v.Size*v.Size*3)
				key := rng.Key{Seed: 3, Epoch: 2, Sample: uint32(sample), Op: rng.OpAugment, View: uint16(row / 11)}
				augment.Affine(plain, c.Pixels(int(sample)), 9, 9, 3, v.Size, v.Ranges.Matrix(key, 9, 9, v.Size), false)
				copy(want, plain)
				effect := v.Ranges.Effect(key, v.Size).Row(v.Size)
				augment.Apply(want, v.Size, 3, effect[:])
				if !slices.Equal(all[:len(want)], want) {
					t.Fatalf("%s: row %d is not view %d of image %d", dev.Name(), row, row/11, sample)
				}
				if !slices.Equal(plain, want) {
					differ++
				}
				all = all[len(want):]
			}
		}
		if differ < 5 || differ > 11 {
			t.Errorf("%s: %d of 11 views are changed", dev.Name(), differ)
		}
		l.Close()
		for _, a := range append(images, samples, labels) {
			a.Free()
		}
	}
}
