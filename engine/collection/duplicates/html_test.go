package duplicates

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/images"
)

// pageOf is the page of n byte groups of size images each, without pictures.
func pageOf(t *testing.T, n, size int) string {
	t.Helper()
	dir := t.TempDir()
	c := makeCollection(t, filepath.Join(dir, "c.udml"), n*size, 4, func(i int, it *collection.Item, _ []float32) {
		it.Path = fmt.Sprintf("%05d <script>'\".jpg", i)
		it.SHA256 = fmt.Sprintf("%064x", i/size)
	})
	o := options(t)
	o.Kinds = []Kind{Bytes}
	r, err := Find(context.Background(), c, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts.Groups[Bytes] != n || r.Counts.Extra[Bytes] != n*(size-1) {
		t.Errorf("%d groups with %d others, want %d", r.Counts.Groups[Bytes], r.Counts.Extra[Bytes], n)
	}
	path := filepath.Join(dir, "page.html")
	if err := WriteHTML(path, r, c, nil, images.UI{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPage: it stands alone, names are escaped, the image to keep is marked in words, and what is left out is said.
func TestPage(t *testing.T) {
	page := pageOf(t, 3, 2)
	for text, want := range map[string]int{
		"<script>": 1, "<strong>keep</strong>": 3, "no picture": 6, "00004 &lt;script&gt;": 1, "more are in the result": 0, `lang="en"`: 1,
	} {
		if got := strings.Count(page, text); got != want {
			t.Errorf("%q is there %d times, want %d", text, got, want)
		}
	}
	if m := regexp.MustCompile(`(?:src|href)="(?:http|/)[^"]*"`).FindString(page); m != "" {
		t.Errorf("the page needs %s", m)
	}
	many := pageOf(t, 310, 2)
	if !strings.Contains(many, "This page shows the first 300 groups. 10 more are in the result of --json and --csv.") {
		t.Error("the page does not say that groups are left out")
	}
}

// TestUnreadImagesAreComparedByHash: pairs with an image that cannot be read pass by their hashes alone, and are counted.
func TestUnreadImagesAreComparedByHash(t *testing.T) {
	c := makeCollection(t, filepath.Join(t.TempDir(), "c.udml"), 3, 4, func(i int, it *collection.Item, row []float32) {
		copy(row, []float32{1, 0, 0, 0})
		it.Look.PHash = []uint64{0, 0xff, 0xffff}[i]
	})
	f := &finder{c: c, o: options(t), hashBits: looseBits, looker: &looker{seen: map[int]*seen{}}}
	f.looker.image = func(int) (image.Image, error) { return nil, os.ErrNotExist }
	pairs, _ := f.search([]int{0, 1, 2}, 0.9, looseBits)
	if err := f.looker.look(context.Background(), imagesOf(pairs), false); err != nil {
		t.Fatal(err)
	}
	passed, refused, err := f.verify(context.Background(), pairs)
	if err != nil || len(passed) != 2 || len(refused) != 1 || f.looker.unread != 3 {
		t.Errorf("%d passed, %d refused, %d unread, %v", len(passed), len(refused), f.looker.unread, err)
	}
}
