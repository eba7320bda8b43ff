package audit

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/images"
	"udml-gpu/kernels"
)

// usual is a picture with nothing odd about it.
var usual = collection.Look{PHash: 1, Brightness: 0.5, Contrast: 0.2, Sharpness: 0.1, Entropy: 6}

// Of thirty images in two packs, each fault is found at its image and nowhere else.
func TestFinds(t *testing.T) {
	items, rows := make([]collection.Item, 30), []float32(nil)
	for i := range items {
		pack := i / 15
		items[i] = collection.Item{
			Path: fmt.Sprintf("%02d.png", i), Label: []string{"cat", "dog"}[pack], Split: "train", Width: 100, Height: 80, Look: usual,
		}
		items[i].Look.PHash = 0x1234567 * uint64(i+1) * 0x9e3779b97f4a7c15 // far from all others
		rows = append(rows, float32(1-pack), float32(pack), 0.3*float32(i%5)-0.6, 0.3*float32(i%3)-0.3)
	}
	items[3].Label = "dog"
	items[4].Look.Sharpness = 0.005
	items[5].Look.Brightness, items[5].Look.Contrast = 0.05, 0.02
	items[6].Look.Brightness, items[6].Look.Contrast = 0.98, 0.01
	items[7].Look.Entropy = 0.3
	items[8].Width, items[8].Height = 1000, 900
	items[9].Width, items[9].Height = 200, 40
	copy(rows[4*10:], []float32{-1, -1, 0.1, -1})
	items[12].Split, items[12].SHA256 = "test", strings.Repeat("ab", 32)
	items[13].SHA256 = items[12].SHA256
	copy(rows[4*13:4*14], rows[4*12:4*13])
	items[25].Split, items[25].Look.PHash = "test", items[26].Look.PHash^3
	copy(rows[4*25:4*26], rows[4*26:4*27])
	c := collectiontest.Of(t, items, rows)
	dev := kernels.CPU()
	defer dev.Close()
	r, err := Find(context.Background(), dev, c, images.UI{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range r.Findings {
		got[f.Kind] += f.Path + " "
		if f.Why == "" {
			t.Errorf("%v says no reason", f)
		}
	}
	want := map[string]string{
		"label": "03.png ", "blurred": "04.png ", "dark": "05.png ", "light": "06.png ", "low_information": "07.png ",
		"odd_size":   "08.png ",
		"odd_aspect": "09.png ", "outlier": "10.png ", "leakage": "12.png 25.png ",
	}
	for _, k := range Kinds {
		if got[k] != want[k] {
			t.Errorf("%s: %q, want %q", k, got[k], want[k])
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}} {
		if got := median(c.values); got != c.want {
			t.Errorf("%v: %v", c.values, got)
		}
	}
}
