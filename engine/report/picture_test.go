package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAlbums: pictures are in the page with their words, marks and labels; names from outside are text.
func TestAlbums(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	p := Page{Title: "run", Machine: []Field{{"processor", "amd64"}}, Albums: []Album{
		{
			Title: "Neighbours", Text: []string{"best first"}, Pictures: []Picture{{
				Title: "<b>.png", About: `a "picture"`, Note: "2 of 3", JPEG: []byte{1, 2, 3}, Width: 100, Height: 50, Indent: 20,
				Marks:  []Mark{{X: 1, Y: 2, Width: 30, Height: 40, Right: true}, {X: 40, Y: 2, Width: 30, Height: 40}},
				Labels: []Label{{X: -20, Y: 30, Text: "before"}},
			}},
		},
		{Title: "Similarities", Charts: []Chart{{Title: "cosines", Fractions: true, Lines: []Line{
			{Name: "now", Dashed: true, X: []float64{-.5, 0, .5}, Y: []float64{0, 1, 0}},
		}}}},
		{Title: "Map", Size: Whole, Pictures: []Picture{{About: "a map", JPEG: []byte{4}, Width: 9, Height: 9}}},
	}}
	if err := WriteHTML(path, p); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`viewBox="-20 0 120 50"`, `href="data:image/jpeg;base64,AQID"`, `aria-label="a &#34;picture&#34;"`, "&lt;b&gt;.png", ">before<",
		`cx="22" cy="33"`, `stroke-dasharray="6 4"`, "M-4 0l3 3 5-6", "M-3-3l6 6M3-3l-6 6",
		`class="pictures whole"`, `stroke-dasharray="7 5"`,
		"cosines; now: highest at 0", "<td>amd64</td>", "2 of 3",
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if n := strings.Count(string(b), `stroke-dasharray="6 4"`); n != 1 {
		t.Errorf("%d marks are broken, want that of the wrong one alone", n)
	}
	if bytes.Contains(b, []byte("ZgotmplZ")) {
		t.Error("the template refused a value")
	}
	wellFormed(t, b)
}
