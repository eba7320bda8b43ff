package preset

import (
	"strings"
	"testing"

	"udml-gpu/engine/setting"
)

// layers are those of a run on d with this settings file and these flags.
func layers(t *testing.T, file string, flags map[string]any) *setting.Layers {
	t.Helper()
	l, err := setting.NewLayers("", "f.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	l.Config.Data = "d"
	for key, v := range flags {
		l.Config.Set(key, v)
		l.Note(key, setting.FromFlag)
	}
	return l
}

var drawn = Facts{Images: 200, Sized: 200, Side: 105, Size: 224, Small: 1, Decoded: 100, Extreme: 1, Drawings: 1}

// TestSize: line drawings of about 105 pixels are made smaller, and nothing else is.
func TestSize(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(f *Facts)
		size    int
		why     string
		epochs  string
		changes bool
	}{
		{
			"drawings", func(*Facts) {}, 80, "line drawings of 105 pixels, such as gain nothing above 80", "fewer than 300 images",
			true,
		},
		{"nearly all", func(f *Facts) { f.Drawings = 0.9 }, 80, "line drawings", "fewer than 300", true},
		{"not nearly all", func(f *Facts) { f.Drawings = 0.89 }, 224, "no line drawings", "fewer than 300", false},
		{"of the smallest side", func(f *Facts) { f.Side = 80 }, 80, "line drawings of 80", "fewer than 300", true},
		{"smaller", func(f *Facts) { f.Side = 79 }, 224, "for which nothing was measured", "fewer than 300", false},
		{"of the largest side", func(f *Facts) { f.Side = 128 }, 80, "line drawings of 128", "fewer than 300", true},
		{"larger", func(f *Facts) { f.Side = 129 }, 224, "for which nothing was measured", "fewer than 300", false},
		{"small photos", func(f *Facts) { f.Drawings, f.Extreme, f.Colour = 0, 0.1, 0 }, 224, "being enlarged", "fewer than 300", false},
		{"photos", func(f *Facts) { f.Drawings, f.Side, f.Small = 0, 3000, 0 }, 224, "gain up to this size", "fewer than 300", false},
		{"tiny set", func(f *Facts) { f.Images, f.Drawings = 63, 0 }, 224, "no line drawings", "fewer than 64 images", false},
		{"nothing decoded", func(f *Facts) { f.Decoded, f.Drawings = 0, 0 }, 224, "", "fewer than 300", false},
	} {
		l := layers(t, "", nil)
		seen := sight{Facts: drawn}
		c.change(&seen.Facts)
		said := decide(l, seen)
		if err := l.Resolve(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		s := l.Settings()
		if l.Config.Size != c.size || l.Config.Resize != c.size || !strings.Contains(s["size"].Why, c.why) ||
			!strings.Contains(s["epochs"].Why, c.epochs) || strings.Contains(said, "--size") != c.changes || l.Config.Epochs != 0 {
			t.Errorf("%s: size %d of %d, %d epochs, %q, %q, said %q; want %d, %q", c.name, l.Config.Size, l.Config.Resize, l.Config.Epochs,
				s["size"].Why, s["epochs"].Why, said, c.size, c.why)
		}
		if from := s["size"].From; (from == setting.FromPreset) != c.changes {
			t.Errorf("%s: the size comes from %s", c.name, from)
		}
	}
}

// TestTraining: drawings that are trained on keep the margin of their crops.
func TestTraining(t *testing.T) {
	l := layers(t, "", map[string]any{"epochs": 2})
	said := decide(l, sight{Facts: drawn})
	if err := l.Resolve(); err != nil {
		t.Fatal(err)
	}
	if l.Config.Size != 80 || l.Config.Resize != 88 || l.Config.Epochs != 2 || said == "" {
		t.Errorf("%d of %d, %d epochs, said %q", l.Config.Size, l.Config.Resize, l.Config.Epochs, said)
	}
}

// TestGivenWins: what a flag or a file sets stays, and where nothing is left to decide nothing is looked at.
func TestGivenWins(t *testing.T) {
	for _, c := range []struct {
		name, file string
		flags      map[string]any
		why        string
	}{
		{"size by flag", "", map[string]any{"size": 112, "flip": 0.5, "epochs": 0}, "--size or --resize is given"},
		{"size by file", "size: 112\nflip: 0\nepochs: 0\n", nil, "--size or --resize is given"},
		{"resize", "", map[string]any{"resize": 256, "flip": 0.0, "epochs": 0}, "--size or --resize is given"},
		{"another network", "", map[string]any{"backbone": "resnet18"}, "not the built-in one"},
		{"from scratch", "", map[string]any{"pretrained": "false"}, "not the built-in one"},
		{"grey", "", map[string]any{"channels": 1}, "not the built-in one"},
		{"no preset", "preset: none\n", nil, "another preset"},
		{"an empty preset", "preset: \"\"\n", nil, "another preset"},
		{"a protocol", "preset: cbswr-cub\n", nil, "another preset"},
		{"no data", "", map[string]any{"data": ""}, "with --data"},
		{"a wrong setting", "", map[string]any{"batch": 0}, "not valid"},
		{"a second size", "", map[string]any{"resize": 256, "flip": 0.5, "epochs": 0}, ""},
		{"flips", "", map[string]any{"size": 112, "epochs": 0}, ""},
		{"nothing", "", nil, ""},
	} {
		l := layers(t, c.file, c.flags)
		_, why := undecided(l)
		if (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q, want %q", c.name, why, c.why)
		}
		was := l.Config.Size
		if said := decide(l, sight{Facts: drawn}); c.why != "" && (said != "" || l.Config.Size != was) {
			t.Errorf("%s: size %d in place of %d, said %q", c.name, l.Config.Size, was, said)
		}
	}
}
