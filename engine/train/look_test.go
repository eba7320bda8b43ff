package train

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// TestReportHasPictures: a run ends with pictures of its images beside those of its start, with and without labels, trained or not, and
// says where its time went.
func TestReportHasPictures(t *testing.T) {
	for name, c := range map[string]setting.Config{
		"labelled":   tiny(t, nil),
		"unlabelled": tiny(t, func(c *setting.Config) { c.Data = datatest.Tree(t, datatest.NumberedImages(40)) }),
		"untrained":  tiny(t, func(c *setting.Config) { c.HeadInit, c.Epochs = "whiten", 0 }),
	} {
		if _, _, err := trainTiny(t, c); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(c.Out, run.ReportFile))
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		for _, want := range []string{
			"Images and those most like them", "How similar images are", "k-means sorts", "Near duplicates", "(UMAP)",
			"data:image/jpeg;base64,",
			"before: nearest", "after: nearest", "Speed and memory", "largest memory of the process",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is not in the report", name, want)
			}
		}
		if marked := strings.Contains(page, "of its class"); marked != (name != "unlabelled") {
			t.Errorf("%s: neighbours are marked: %v", name, marked)
		}
		s, err := run.ReadState(filepath.Join(c.Out, "checkpoints", "last"))
		if err != nil {
			t.Fatal(err)
		}
		spent := s.Spent
		if trained := c.Epochs > 0; (spent.Training > 0) != trained || (spent.Images > 0) != trained || !(spent.Evaluation > 0) ||
			!(spent.Pictures > 0) || spent.Training+spent.Evaluation+spent.Pictures > s.Seconds {
			t.Errorf("%s: %+v of %g s", name, spent, s.Seconds)
		}
	}
}
