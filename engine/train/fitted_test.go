package train

import (
	"strings"
	"testing"
)

// TestFitted: a step that fits only with --recompute gets it, one that fits is left alone, and one that does not fit either way is refused.
func TestFitted(t *testing.T) {
	c := wide(t, "squeezenet", "mutual", 1)
	again := c
	again.Recompute = true
	whole, less := bytesOf(t, c), bytesOf(t, again)
	if less.all() >= whole.all() {
		t.Fatalf("%d bytes with --recompute, %d without", less.all(), whole.all())
	}
	for _, f := range []struct {
		name      string
		free      int64
		recompute bool
		line      string
		fails     bool
	}{
		{"unknown", 0, false, "", false},
		{"enough", whole.all(), false, "", false},
		{"a little less", whole.all() - 1, true, "free on gpu: blocks of the backbone are computed again (--recompute)", false},
		{"just enough with", less.all(), true, "(--recompute)", false},
		{"too little", less.all() - 1, false, "", true},
	} {
		got, line, err := fitted(c, c.Batch, nil, f.free, " on gpu")
		if got.Recompute != f.recompute || !strings.Contains(line, f.line) || (f.line == "") != (line == "") || (err != nil) != f.fails {
			t.Errorf("%s: %v, %q, %v", f.name, got.Recompute, line, err)
		}
	}
	if got, line, err := fitted(again, c.Batch, nil, less.all(), ""); !got.Recompute || line != "" || err != nil {
		t.Errorf("asked for: %v, %q, %v", got.Recompute, line, err)
	}
}

// TestRefusalNamesTheViews: what is lowered is what the step sees; the clusters where the method has some; and what needs no step.
func TestRefusalNamesTheViews(t *testing.T) {
	c := wide(t, "squeezenet", "mutual", 1)
	c.Size, c.TrainSize, c.Pretrained = 128, 64, "true"
	err := checkFits(c, c.Batch, nil, 1<<20, "")
	if err == nil || !strings.Contains(err.Error(), "at --train-size 64 needs") ||
		!strings.HasSuffix(err.Error(), "lower --batch or --train-size; --epochs 0 trains nothing") {
		t.Error(err)
	}
	err = checkFits(wide(t, "squeezenet", "cbswr", 1), 8, nil, 1<<20, "")
	if err == nil || !strings.Contains(err.Error(), "at --size 64 needs") ||
		!strings.HasSuffix(err.Error(), "lower --batch, --size or --clusters") {
		t.Error(err)
	}
}
