package projector

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"slices"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	var b strings.Builder
	if err := (Config{Name: "a\"\xff", Count: 5, Dim: 3}).Write(&b); err != nil {
		t.Fatal(err)
	}
	const want = `embeddings {
  tensor_name: "a\"\xff"
  tensor_path: "vectors.bytes"
  tensor_shape: 5
  tensor_shape: 3
  metadata_path: "metadata.tsv"
}
`
	if b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
	b.Reset()
	if err := (Config{Side: 16}).Write(&b); err != nil || !strings.Contains(b.String(), `  sprite {
    image_path: "sprite.png"
    single_image_dim: 16
    single_image_dim: 16
  }
}
`) {
		t.Error(b.String(), err)
	}
}

func TestLine(t *testing.T) {
	cells := []string{"a\tb\n", "\xe9", `\`}
	if got := Line(cells...); got != "a\\tb\\n\tbytes:%E9\t\\\\\n" || cells[0] != "a\tb\n" {
		t.Errorf("%q, %q", got, cells)
	}
}

// TestSprite: rows are drawn once each, from top to bottom, and what no thumbnail covers is grey.
func TestSprite(t *testing.T) {
	var asked []int
	s := &Sprite{Count: 5, Side: 2}
	s.Load = func(first int, tiles *image.RGBA) {
		asked = append(asked, first)
		for k := range min(3, 5-first) {
			draw.Draw(tiles, s.Square(k), image.NewUniform(color.Gray{uint8(first + k)}), image.Point{}, draw.Src)
		}
	}
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(&b)
	if err != nil || im.Bounds() != image.Rect(0, 0, 6, 6) || !slices.Equal(asked, []int{0, 3}) {
		t.Fatalf("%v, %v, rows %v", im.Bounds(), err, asked)
	}
	for at, want := range map[image.Point]uint8{{0, 0}: 0, {5, 1}: 2, {0, 2}: 3, {3, 3}: 4, {4, 3}: 128, {0, 5}: 128} {
		if got := color.GrayModel.Convert(im.At(at.X, at.Y)); got != (color.Gray{want}) {
			t.Errorf("%v: %v, want %d", at, got, want)
		}
	}
}
