package inference

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/models/weights/file"
)

// hubModels are models as transformers saves them, and what transformers makes of some images; scripts/test_hub.py wrote them.
const hubModels = "../../testdata/hub"

// hubExpected is the features of the pictures by the model's folder.
type hubExpected struct {
	Pictures []string
	Features map[string][][]float64
}

// TestHubModels: from a folder alone, the network, its weights and the preparation of images give the features of transformers' own
// model and image processor. Folders hold both towers in seven files, bfloat16, SwiGLU, registers, positions that are resized, and
// images of which the middle lies between two pixels.
func TestHubModels(t *testing.T) {
	var want hubExpected
	b, err := os.ReadFile(filepath.Join(hubModels, "expected.json"))
	if err == nil {
		err = json.Unmarshal(b, &want)
	}
	if err != nil || len(want.Features) != 7 {
		t.Fatalf("%d models, %v", len(want.Features), err)
	}
	pictures, taken := t.TempDir(), 0
	for _, name := range want.Pictures {
		if filepath.Ext(name) == ".jpg" && picture.JPEGDecoder() == "go" {
			continue // its pixels differ from Pillow's by a grey level here and there, and with them the features by some thousandths
		}
		taken++
		b, err := os.ReadFile(filepath.Join("../../testdata/images", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(pictures, name), b, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if taken == 0 {
		t.Fatal("no picture is left")
	}
	for name, features := range want.Features {
		t.Run(name, func(t *testing.T) {
			f := embeddedBy(t, filepath.Join(hubModels, name), pictures)
			sameFeatures(t, f, taken, want.Pictures, features)
			licence := map[string]string{"dinov3": "dinov3-license"}[name]
			if got := f.Metadata[network.LicenceKey]; got != licence {
				t.Errorf("%s is %q, want %q", network.LicenceKey, got, licence)
			}
		})
	}
}

// embeddedBy is the file of the pooled features of the pictures.
func embeddedBy(t *testing.T, model, pictures string) *file.Weights {
	t.Helper()
	c := setting.Defaults()
	c.Data, c.Pretrained, c.Device = pictures, model, "cpu"
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "e.safetensors")
	if _, err := EmbedTo(context.Background(), Request{Config: c, Split: "auto", Layer: "pooled"}, path); err != nil {
		t.Fatal(err)
	}
	f, err := file.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sameFeatures compares the rows of f, of that many of the pictures, with those expected of the pictures. Both are float32 sums of some
// hundred terms through two blocks; they differ by 8e-7 of the largest at most, and a wrong pixel, name or constant by more than 1e-3.
func sameFeatures(t *testing.T, f *file.Weights, taken int, pictures []string, want [][]float64) {
	t.Helper()
	const bound = 1e-5
	var names []string
	if err := json.Unmarshal([]byte(f.Metadata["names"]), &names); err != nil || len(names) != taken {
		t.Fatalf("%d names, want %d, %v", len(names), taken, err)
	}
	rows, _ := f.Get("embeddings")
	got, err := rows.Float64s()
	if err != nil || len(got) != taken*len(want[0]) {
		t.Fatalf("%d numbers, want %d rows of %d, %v", len(got), taken, len(want[0]), err)
	}
	for i, name := range names {
		row := want[slices.Index(pictures, name)]
		largest := 0.0
		for _, v := range row {
			largest = max(largest, math.Abs(v))
		}
		for k, v := range row {
			if d := math.Abs(got[i*len(row)+k] - v); !(d <= bound*largest) {
				t.Errorf("%s, feature %d: %g, want %g", name, k, got[i*len(row)+k], v)
			}
		}
	}
}
