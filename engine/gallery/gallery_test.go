package gallery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
	"udml-gpu/kernels"
)

const classes, each = 4, 10

// images are classes folders of each images; the first two images of the first folder are the same. labels says whether folders are
// classes.
func images(t *testing.T, labels string) *cache.Cache {
	t.Helper()
	files := map[string][]byte{}
	for c := range classes {
		for i := range each {
			files[fmt.Sprintf("%c/%02d.png", 'a'+c, i)] = datatest.PNG(8+c, 8+max(i, 1), uint8(20*c+3*max(i, 1)))
		}
	}
	src, err := data.Open(datatest.Tree(t, files), data.Options{Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	c, err := cache.Build(context.Background(), src.Split(""), cache.Options{Size: 12, Channels: 3, RAM: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// turned are rows [N,3] of length 3: images of a folder lie on an arc of the circle, 1 degree apart, folders 60 degrees; the last image
// of the first folder lies in the second.
func turned() *kernels.Array {
	rows := make([]float32, 0, 3*classes*each)
	for c := range classes {
		for i := range each {
			degrees := float64(60*c + i)
			if c == 0 && i == each-1 {
				degrees = 62.5
			}
			sin, cos := math.Sincos(degrees * math.Pi / 180)
			rows = append(rows, float32(3*cos), float32(3*sin), 0)
		}
	}
	return kernels.Of(kernels.CPU(), rows, classes*each, 3)
}

// TestLook: neighbours, cosines and histograms are those of the circle.
func TestLook(t *testing.T) {
	g := New(images(t, "folder"), turned(), 7)
	l := g.Look("now")
	if l.Images != classes*each || len(l.Queries) != queriesShown || len(l.Near[0]) != neighboursShown {
		t.Fatalf("%+v", l)
	}
	for q, query := range l.Queries {
		for k, n := range l.Near[q] {
			if n == query {
				t.Error("an image is its own neighbour")
			}
			if own := query < each-1 || query >= 2*each; own && n/each != query/each {
				t.Errorf("image %d has neighbour %d of another folder", query, n)
			}
			if c := l.Cosine[q][k]; !(c > 0.98) || k > 0 && c > l.Cosine[q][k-1] {
				t.Errorf("image %d: cosines %v", query, l.Cosine[q])
			}
		}
	}
	for name, h := range map[string][]float64{
		"nearest": l.Cosines.Nearest, "all": l.Cosines.All, "same": l.Cosines.Same, "other": l.Cosines.Other,
	} {
		sum := 0.0
		for _, v := range h {
			sum += v
		}
		if len(h) != run.CosineBins || !(math.Abs(sum-1) < 1e-9) {
			t.Errorf("%s: %d bins, sum %g", name, len(h), sum)
		}
	}
	if last := l.Cosines.Nearest[run.CosineBins-1]; last != 1 { // 1 degree: 0.9998
		t.Errorf("%g of the nearest cosines are above 0.98", last)
	}
	if pairs := l.Cosines.Same[run.CosineBins-1]; !(pairs > 0.9) {
		t.Errorf("%g of the cosines within folders are above 0.98", pairs)
	}
}

// TestAlbums: what is shown is what the embedding has, the same again, and nothing but what the labels allow.
func TestAlbums(t *testing.T) {
	ctx, silent := context.Background(), func(int, int) {}
	for _, labels := range []string{"folder", "none"} {
		g := New(images(t, labels), turned(), 7)
		albums, err := g.Albums(ctx, g.Look("before"), g.Look("after"), silent)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := g.Albums(ctx, g.Look("before"), g.Look("after"), silent)
		if !reflect.DeepEqual(albums, again) {
			t.Error("another run gives other pictures")
		}
		var titles []string
		for _, a := range albums {
			titles = append(titles, a.Title)
			readable(t, a)
		}
		want := []string{"Images and those most like them", "How similar images are", "Groups", "Near duplicates", "Map"}
		if !slices.Equal(titles, want) {
			t.Fatalf("albums %q", titles)
		}
		marks := len(albums[0].Pictures[0].Marks)
		if wanted := map[string]int{"folder": 2 * neighboursShown, "none": 0}[labels]; marks != wanted {
			t.Errorf("labels %s: %d marks, want %d", labels, marks, wanted)
		}
		if charts := len(albums[1].Charts); charts != map[string]int{"folder": 2, "none": 1}[labels] {
			t.Errorf("labels %s: %d charts", labels, charts)
		}
	}
}

// readable decodes the pictures of an album: each has the size that it says, and words.
func readable(t *testing.T, a report.Album) {
	t.Helper()
	for _, p := range a.Pictures {
		c, err := jpeg.DecodeConfig(bytes.NewReader(p.JPEG))
		if err != nil || c.Width != p.Width || c.Height != p.Height || p.About == "" {
			t.Errorf("%s: %v, %dx%d, about %q", a.Title, err, c.Width, c.Height, p.About)
		}
	}
}

// TestStrips: marks and words say which neighbours are of the query's class.
func TestStrips(t *testing.T) {
	g := New(images(t, "folder"), turned(), 7)
	l := g.Look("now")
	l.Queries, l.Near, l.Cosine = []int32{0}, [][]int32{{1, 2, 30, 31}}, [][]float32{{.9, .8, .7, .6}}
	a, err := g.strips(nil, l)
	if err != nil {
		t.Fatal(err)
	}
	var right []bool
	for _, m := range a.Pictures[0].Marks {
		right = append(right, m.Right)
	}
	if !slices.Equal(right, []bool{true, true, false, false}) {
		t.Errorf("marks %v", right)
	}
	p := a.Pictures[0]
	if p.Title != "a/00.png" || !strings.Contains(p.Note, "2 of 4 of its class") || !strings.Contains(p.Note, "0.90 to 0.60") {
		t.Errorf("%q: %q", p.Title, p.Note)
	}
}

// TestGroups: the four arcs are the groups, the one with the strayed image first.
func TestGroups(t *testing.T) {
	g := New(images(t, "folder"), turned(), 7)
	a, err := g.sheets(context.Background())
	if err != nil || len(a.Pictures) != classes {
		t.Fatal(err, len(a.Pictures))
	}
	for n, want := range []string{"Group 1: 11 images", "Group 2: 10 images", "Group 3: 10 images", "Group 4: 9 images"} {
		if a.Pictures[n].Title != want {
			t.Errorf("%q, want %q", a.Pictures[n].Title, want)
		}
	}
	if note := a.Pictures[0].Note; !strings.Contains(note, "91% of one class") { // 10 of 11
		t.Error(note)
	}
}

// TestPairs: the same picture twice is found, with its names.
func TestPairs(t *testing.T) {
	g := New(images(t, "none"), turned(), 7)
	albums, err := g.Albums(context.Background(), nil, g.Look("after"), func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	found := slices.ContainsFunc(albums[3].Pictures, func(p report.Picture) bool {
		return strings.Contains(p.Note, "a/00.png and a/01.png") && strings.Contains(p.Note, "correlate by 1.00")
	})
	if !found {
		t.Errorf("%q: %+v", albums[3].Text, albums[3].Pictures)
	}
}

// TestStops: a stopped context ends the work with its error; one image alone has no pictures.
func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g := New(images(t, "none"), turned(), 7)
	if _, err := g.Albums(ctx, nil, g.Look("after"), func(int, int) {}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	g.images, g.rows = g.images[:1], g.rows.Rows(0, 1)
	l := g.Look("alone")
	if a, err := g.Albums(context.Background(), nil, l, func(int, int) {}); err != nil || a != nil || len(l.Near[0]) != 0 {
		t.Error(a, err, l)
	}
}
