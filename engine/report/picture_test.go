package report

import (
	"bytes"
	"image"
	"image/jpeg"
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
		{Title: "Similarities", Charts: []Chart{{Title: "cosines", Curve: true, Lines: []Line{
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
		`class="pictures whole"`, `<a href="#part-1">Similarities</a>`, `<h2 id="part-1">`, `stroke-dasharray="7 5"`,
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

// TestMarked: the frame of what is right is whole and green, that of what is wrong has gaps; the rest of the picture stays.
func TestMarked(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 120, 60)), nil); err != nil {
		t.Fatal(err)
	}
	p := Picture{JPEG: b.Bytes(), Marks: []Mark{{X: 0, Y: 0, Width: 60, Height: 60, Right: true}, {X: 60, Y: 0, Width: 60, Height: 60}}}
	im, err := jpeg.Decode(bytes.NewReader(p.Marked()))
	if err != nil {
		t.Fatal(err)
	}
	// in counts the bright points of a line of the frames.
	in := func(from int) (n int) {
		for x := from; x < from+60; x++ {
			if r, g, _, _ := im.At(x, 1).RGBA(); max(r, g) > 0x6000 {
				n++
			}
		}
		return n
	}
	if whole, broken := in(0), in(60); whole < 58 || broken < 25 || broken > 50 {
		t.Errorf("%d points of the whole frame, %d of the broken one", whole, broken)
	}
	if r, g, _, _ := im.At(30, 30).RGBA(); max(r, g) > 0x1000 {
		t.Error("the middle is coloured")
	}
	p.Marks = nil
	if !bytes.Equal(p.Marked(), p.JPEG) {
		t.Error("a picture without marks is another")
	}
	p = Picture{JPEG: []byte("no picture"), Marks: []Mark{{}}}
	if !bytes.Equal(p.Marked(), p.JPEG) {
		t.Error("what cannot be decoded is changed")
	}
}
