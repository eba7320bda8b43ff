package layout

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/image/draw"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
)

// four is a collection of four images, of which one is gone, at the corners of a square.
func four(t *testing.T) (*collection.Collection, *collection.Map) {
	items := collectiontest.Items(4, "a\xe4.jpg", "b.jpg", "c.jpg", "d.jpg")
	items[2].Gone = true
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 3, items)
	nan := float32(math.NaN())
	return c, &collection.Map{Images: 3, At: []float32{0, 0, 1, 1, nan, nan, 0.5, 0.25}}
}

func TestWriteTables(t *testing.T) {
	c, m := four(t)
	err := c.SetGroups(&collection.Groups{K: 1, Names: []string{"one"}, Of: []int32{0, -1, -1, 0}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "map.csv")
	n, err := Write(file, c, m, nil, nil)
	b, _ := os.ReadFile(file)
	id := func(i int) string { return c.Items[i].ID() }
	want := "path,id,x,y,label,group\nbytes:a%E4.jpg," + id(0) + ",0,0,,one\nb.jpg," + id(1) + ",1,1,class 1,\nd.jpg," + id(3) +
		",0.5,0.25,class 3,one\n"
	if err != nil || n != 3 || string(b) != want {
		t.Errorf("%d, %v: %s, want %s", n, err, b, want)
	}
	file = filepath.Join(t.TempDir(), "map.PARQUET")
	if n, err = Write(file, c, m, nil, nil); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	rows, err := parquet.ReadFile[placeRow](file)
	if err != nil || len(rows) != 3 || rows[2].Path != "d.jpg" || *rows[2].X != 0.5 || *rows[2].Y != 0.25 || rows[2].Group != "one" {
		t.Errorf("%+v, %v", rows, err)
	}
	_, err = Write(filepath.Join(t.TempDir(), "no", "map.csv"), c, m, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "map.csv cannot be written") {
		t.Error(err)
	}
}

// greys are images of a grey of their own; that of item 3 is missing.
type greys struct{}

func (greys) JPEG(item, side int) ([]byte, error) {
	if item == 3 {
		return nil, errors.New("missing")
	}
	im := image.NewGray(image.Rect(0, 0, side, side/2))
	draw.Draw(im, im.Bounds(), image.NewUniform(color.Gray{uint8(100 + 100*item)}), image.Point{}, draw.Src)
	var b bytes.Buffer
	err := jpeg.Encode(&b, im, nil)
	return b.Bytes(), err
}

// Three images lie on a grid of 3 x 3 cells, y upwards, each in the middle of its cell.
func TestWriteMosaic(t *testing.T) {
	c, m := four(t)
	file := filepath.Join(t.TempDir(), "map.png")
	if n, err := Write(file, c, m, greys{}, func(int, int) {}); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(bytes.NewReader(b))
	pitch := wholeMosaic.pitch()
	if err != nil || im.Bounds() != image.Rect(0, 0, 3*pitch, 3*pitch) {
		t.Fatal(err)
	}
	shade := func(column, line, dy int) uint8 {
		r, _, _, _ := im.At(column*pitch+pitch/2, line*pitch+pitch/2+dy).RGBA()
		return uint8(r >> 8)
	}
	for at, want := range map[[2]int]uint8{{0, 2}: 100, {2, 0}: 200, {1, 2}: missingColour.R, {0, 0}: groundColour.R} {
		if got := shade(at[0], at[1], 0); got != want {
			t.Errorf("cell %v has the shade %d, want %d", at, got, want)
		}
	}
	if got := shade(0, 2, wholeMosaic.Side/2-2); got != groundColour.R {
		t.Errorf("below a flat image there is the shade %d", got)
	}
}

// Every image has a cell of its own as long as there is room for it, and so many as fit are shown beyond.
func TestGrid(t *testing.T) {
	for _, n := range []int{1, 2, 3, 50, 2048, 5000} {
		m := &collection.Map{Images: n}
		for i := range n {
			m.At = append(m.At, float32(i%7), float32(i%3))
		}
		side := min(wholeMosaic.Cells, int(math.Ceil(math.Sqrt(2*float64(n)))))
		want := min(n, side*side/2+1)
		cells := slices.DeleteFunc(gridOf(m, side, want), func(i int) bool { return i < 0 })
		slices.Sort(cells)
		if len(slices.Compact(cells)) != want {
			t.Errorf("%d images: %d are shown, want %d", n, len(cells), want)
		}
	}
}

// The free cell is the nearest of all, by a search through them.
func TestFreeCell(t *testing.T) {
	const side = 9
	cells := make([]int, side*side)
	for at := range cells {
		cells[at] = -1
	}
	for n := range side * side {
		x, y := float32(n*37%90)/10, float32(n*53%90)/10
		distance := func(at int) float32 {
			dx, dy := float32(at%side)+0.5-x, float32(at/side)+0.5-y
			return dx*dx + dy*dy
		}
		least := float32(math.Inf(1))
		for at := range cells {
			if cells[at] < 0 {
				least = min(least, distance(at))
			}
		}
		at := freeCell(cells, side, x, y)
		if at < 0 || cells[at] >= 0 || distance(at) != least {
			t.Fatalf("image %d at %v, %v: cell %d", n, x, y, at)
		}
		cells[at] = n
	}
}
