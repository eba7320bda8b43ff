package selection

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/images"
	"udml-gpu/kernels"
)

// circle is a collection of unit vectors in the plane at these angles, in degrees.
func circle(t *testing.T, angles ...float64) *collection.Collection {
	items, rows := make([]collection.Item, len(angles)), []float32(nil)
	for i, a := range angles {
		items[i].Path = fmt.Sprintf("%02d.png", i)
		rows = append(rows, float32(math.Cos(a*math.Pi/180)), float32(math.Sin(a*math.Pi/180)))
	}
	return collectiontest.Of(t, items, rows)
}

func pick(t *testing.T, c *collection.Collection, n int, by string) (items []int, list []Choice) {
	t.Helper()
	dev := kernels.CPU()
	defer dev.Close()
	list, err := Pick(context.Background(), dev, c, c.Live(), n, by, images.UI{})
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range list {
		items = append(items, ch.Item)
	}
	return items, list
}

// The first is the one in the middle, then each is the furthest from those before; the score is how far.
func TestDiverse(t *testing.T) {
	c := circle(t, 0, 10, 20, 90, 100, 180, 15)
	items, list := pick(t, c, 3, "diverse")
	// The mean lies at 49 degrees; 20 is nearest to it, 180 furthest from 20, and 100 from both.
	if !slices.Equal(items, []int{2, 5, 4}) {
		t.Errorf("%v", list)
	}
	for i, angle := range []float64{0, 160, 80} {
		if want := 2 * math.Sin(angle/2*math.Pi/180); !(math.Abs(list[i].Score-want) <= 1e-6) {
			t.Errorf("choice %d lies at %v, want %v", i, list[i].Score, want)
		}
	}
	all, list := pick(t, c, 99, "diverse")
	if slices.Sort(all); !slices.Equal(all, []int{0, 1, 2, 3, 4, 5, 6}) {
		t.Errorf("%v", all)
	}
	for i := 2; i < len(list); i++ {
		if list[i].Score > list[i-1].Score {
			t.Errorf("choice %d is further away than the one before: %v", i, list)
		}
	}
}

// Three packs of images and one alone: the lone one is the most outlying, and each typical one is of another pack.
func TestTypicalAndOutlying(t *testing.T) {
	var angles []float64
	for pack := range 3 {
		for i := range 21 {
			angles = append(angles, float64(100*pack)+0.1*float64(i*i)/float64(1+pack))
		}
	}
	angles = append(angles, 320)
	c := circle(t, angles...)
	if items, _ := pick(t, c, 1, "outlying"); items[0] != 63 {
		t.Errorf("the most outlying is %v", items)
	}
	items, list := pick(t, c, 3, "typical")
	packs := map[int]bool{}
	for _, i := range items {
		packs[i/21] = true
	}
	if len(packs) != 3 || packs[3] {
		t.Errorf("typical: %v", list)
	}
	if all, _ := pick(t, c, 64, "typical"); len(all) != 64 {
		t.Errorf("%d of 64", len(all))
	}
}

func TestUncertain(t *testing.T) {
	c := circle(t, 0, 4, 44, 86, 90)
	dev := kernels.CPU()
	defer dev.Close()
	_, err := Pick(context.Background(), dev, c, c.Live(), 1, "uncertain", images.UI{})
	if err == nil || !strings.Contains(err.Error(), "no groups yet") {
		t.Error(err)
	}
	if err := c.SetGroups(&collection.Groups{K: 2, Names: []string{"a", "b"}, Of: []int32{0, 0, -1, 1, 1}}); err != nil {
		t.Fatal(err)
	}
	items, list := pick(t, c, 5, "uncertain")
	// The means lie at 2 and 88 degrees.
	want := math.Cos(42*math.Pi/180) - math.Cos(44*math.Pi/180)
	if items[0] != 2 || !(math.Abs(list[0].Score-want) <= 1e-6) {
		t.Errorf("%v, want item 2 with %v", list, want)
	}
}
