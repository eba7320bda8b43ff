package inline

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func picture(w, h int) image.Image {
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			im.SetRGBA(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), 128, 255})
		}
	}
	return im
}

func TestBox(t *testing.T) {
	for _, c := range []struct{ w, h, columns, rows, cols, lines int }{
		{100, 100, 20, 8, 16, 8}, {400, 100, 20, 8, 20, 3}, {100, 1000, 20, 8, 2, 8}, {1000, 1, 20, 8, 20, 1}, {1, 1000, 20, 8, 1, 8},
	} {
		if cols, lines := box(image.Pt(c.w, c.h), c.columns, c.rows); cols != c.cols || lines != c.lines {
			t.Errorf("%dx%d in %dx%d: %d columns and %d rows, want %d and %d", c.w, c.h, c.columns, c.rows, cols, lines, c.cols, c.lines)
		}
	}
}

func TestWrite(t *testing.T) {
	starts := map[Protocol]string{Kitty: "\x1b_G", ITerm2: "\x1b]1337;File=", Sixel: "\x1bP0;1q", Blocks: "\x1b[38;2;"}
	for _, p := range Protocols {
		var b bytes.Buffer
		if err := p.Write(&b, picture(64, 48), 16, 6); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), starts[p]) || p == None && b.Len() > 0 {
			t.Errorf("%s: %.20q", p, b.String())
		}
		if strings.Trim(ansi.Strip(b.String()), "▀\n") != "" {
			t.Errorf("%s leaves text behind: %.40q", p, ansi.Strip(b.String()))
		}
	}
}

// A picture of two colours above each other is one line of half blocks in these colours.
func TestBlocks(t *testing.T) {
	im := image.NewRGBA(image.Rect(0, 0, 2, 2))
	for x := range 2 {
		im.SetRGBA(x, 0, color.RGBA{1, 2, 3, 255})
		im.SetRGBA(x, 1, color.RGBA{4, 5, 6, 255})
	}
	if got, want := blocks(im), "\x1b[38;2;1;2;3;48;2;4;5;6m▀▀\x1b[0m\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHasSixels(t *testing.T) {
	for answer, want := range map[string]bool{
		"\x1b[?62;4;22c": true, "\x1b[?64;1;2;4c": true, "\x1b[?4c": false, "\x1b[?62;22c": false, "\x1b[?62;14c": false, "": false,
		"c":          false,
		"\x1b[?62;4": false,
	} {
		if hasSixels(answer) != want {
			t.Errorf("%q: %v", answer, !want)
		}
	}
}

// Nothing but a terminal is given pictures.
func TestDetectNoTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	env := func(name string) string {
		return map[string]string{"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}[name]
	}
	if p := Detect(f, f, env); p != None {
		t.Error(p)
	}
}
