package sheet

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
	"testing"

	"golang.org/x/image/draw"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/collection/pictures"
)

// coloured is a collection of n images, each of one colour, of which the last cannot be read.
func coloured(t *testing.T, n int) (*collection.Collection, *pictures.Pictures) {
	t.Helper()
	dir, names := t.TempDir(), make([]string, n)
	if err := os.MkdirAll(filepath.Join(dir, "photos"), 0o777); err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = fmt.Sprintf("picture %03d.png", i)
		im := image.NewRGBA(image.Rect(0, 0, 40+100*(i%3), 40+50*(i%2)))
		draw.Draw(im, im.Bounds(), image.NewUniform(colourOf(i)), image.Point{}, draw.Src)
		var b bytes.Buffer
		if err := png.Encode(&b, im); err != nil {
			t.Fatal(err)
		}
		if i == n-1 {
			b.Truncate(5)
		}
		if err := os.WriteFile(filepath.Join(dir, "photos", names[i]), b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := collectiontest.Make(t, filepath.Join(dir, "c.udml"), 4, collectiontest.Items(n, names...))
	p, err := pictures.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return c, p
}

func colourOf(i int) color.RGBA {
	return color.RGBA{uint8(40 * i), uint8(255 - 30*i), uint8(97 * i), 255}
}

// meanOf is the mean colour of a part of a picture.
func meanOf(im image.Image, part image.Rectangle) (mean [3]float64) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, g, b, _ := im.At(x, y).RGBA()
			for k, v := range []uint32{r, g, b} {
				mean[k] += float64(v>>8) / float64(part.Dx()*part.Dy())
			}
		}
	}
	return mean
}

// far is the largest difference of two colours.
func far(mean [3]float64, want color.RGBA) float64 {
	return max(math.Abs(mean[0]-float64(want.R)), math.Abs(mean[1]-float64(want.G)), math.Abs(mean[2]-float64(want.B)))
}

func written(t *testing.T, s Section, c *collection.Collection, p *pictures.Pictures) ([]byte, image.Image) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "board.jpg")
	if err := s.WriteJPEG(path, c, p); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	im, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return b, im
}

// Each picture stands in its cell, in the order of the section, with text below it; the bytes are the same each time.
func TestBoard(t *testing.T) {
	c, p := coloured(t, 7)
	s := Section{Heading: "melon, Дыня", Text: "group 3: 6 images"}
	order := []int{4, 0, 5, 2, 1, 3, 6}
	for _, i := range order {
		s.Pictures = append(s.Pictures, Picture{Item: i, Caption: fmt.Sprint("number ", i)})
	}
	b, im := written(t, s, c, p)
	if want := image.Rect(0, 0, 8+4*168, 56+2*204+8); im.Bounds() != want {
		t.Fatalf("%v, want %v", im.Bounds(), want)
	}
	for k, i := range order {
		cell := image.Rect(8+k%4*168, 56+k/4*204, 168+k%4*168, 216+k/4*204)
		middle := image.Rectangle{cell.Min.Add(image.Pt(70, 70)), cell.Min.Add(image.Pt(90, 90))}
		// Two rounds of JPEG, of qualities 82 and 88, change a plain colour by a few levels.
		if d := far(meanOf(im, middle), colourOf(i)); i < 6 && !(d < 6) || i == 6 && !(d > 30) {
			t.Errorf("cell %d is %v, image %d is %v", k, meanOf(im, middle), i, colourOf(i))
		}
		for line := range 2 {
			text := image.Rect(cell.Min.X, cell.Max.Y+18*line, cell.Max.X, cell.Max.Y+18*line+18)
			if m := meanOf(im, text); !(m[0] < 252 && m[0] > 180) {
				t.Errorf("line %d below cell %d has no text: %v", line, k, m)
			}
		}
	}
	if m := meanOf(im, image.Rect(8+3*168, 56+204, 168+3*168, 216+204)); far(m, color.RGBA{255, 255, 255, 255}) > 1 {
		t.Errorf("the last cell is not empty: %v", m)
	}
	if m := meanOf(im, image.Rect(0, 0, 200, 56)); !(m[0] < 250) {
		t.Errorf("there is no heading: %v", m)
	}
	if again, _ := written(t, s, c, p); !bytes.Equal(again, b) {
		t.Error("two boards of one section differ")
	}
}

// A small picture is enlarged by a whole number and stays in the middle.
func TestBoardEnlarges(t *testing.T) {
	c, p := coloured(t, 2)
	_, im := written(t, Section{Pictures: []Picture{{Item: 0}}}, c, p) // 40 x 40, fills the cell
	if d := far(meanOf(im, image.Rect(12, 60, 164, 212)), colourOf(0)); !(d < 6) {
		t.Errorf("the picture does not fill its cell: %v", d)
	}
}

// The size of a board is bounded, and is what its comment says.
func TestLargestBoard(t *testing.T) {
	c, p := coloured(t, 2)
	_, im := written(t, Section{Pictures: make([]Picture, MaxBoard+1)}, c, p)
	if want := image.Rect(0, 0, 3032, 2512); im.Bounds() != want {
		t.Errorf("%v, want %v", im.Bounds(), want)
	}
}

// A line of text keeps within its width, and loses the end that it may lose.
func TestFitted(t *testing.T) {
	w, err := newWriter(image.NewRGBA(image.Rect(0, 0, 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	long := string(bytes.Repeat([]byte("i"), 5000))
	for _, c := range []struct {
		text    string
		width   int
		fromEnd bool
		want    string
	}{
		{"short", 100, false, "short"},
		{"a long name of a group", 60, false, "a long n…"},
		{"folder/picture.jpg", 60, true, "…cture.jpg"},
		{"", 10, false, ""},
		{"wide", 1, true, "…"},
	} {
		if got := fitted(w.small, c.text, c.width, c.fromEnd); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	if got := fitted(w.small, long, 3000, false); len(got) < 500 || len(got) >= 2000 {
		t.Errorf("%d letters of a long line", len(got))
	}
}
