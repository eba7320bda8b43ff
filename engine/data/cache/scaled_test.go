package cache

import (
	"context"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/rng"
)

// TestScaledCrops: they are the views that show as many pixels and change nothing, on any device.
func TestScaledCrops(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		c, err := Build(context.Background(), manyImages(t, 9), Options{Size: 9, Channels: 3, RAM: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if dev.CUDA() && !c.Upload(dev, 1<<30) {
			t.Fatal("the images are not on the device")
		}
		got, want := dev.New(kernels.Float32, 5, 4, 4, 3), kernels.CPU().New(kernels.Float32, 1, 4, 4, 3)
		c.ScaledCrops(got, 3, 8, true)
		for i, all := 0, kernels.Read[float32](got); i < 5; i++ {
			c.View(want, 3+i, augment.Ranges{Shows: 8}, rng.Key{}, true)
			if !slices.Equal(all[i*48:(i+1)*48], kernels.Data[float32](want)) {
				t.Errorf("%s: image %d differs from its view", dev.Name(), 3+i)
			}
		}
		got.Free()
		c.Evict()
	}
}
