package method

import (
	"slices"
	"testing"
)

// TestBalancedShowsClustersEqually: an epoch has as many rows as images; clusters differ by one row at most, and the images of a cluster
// by one; another epoch shows others in another order, and the same epoch the same.
func TestBalancedShowsClustersEqually(t *testing.T) {
	for _, c := range []struct {
		name  string
		sizes []int // of the clusters 0, 1, ...
	}{
		{"one", []int{9}},
		{"even", []int{4, 4, 4}},
		{"one large", []int{20, 1, 3}},
		{"one empty", []int{0, 5, 2}},
		{"single images", []int{1, 1, 1, 1}},
	} {
		var labels []int32
		for label, n := range c.sizes {
			labels = append(labels, slices.Repeat([]int32{int32(label)}, n)...)
		}
		e := Epoch{Number: 3, Seed: 7, Images: len(labels)}
		rows := balanced(e, labels)
		if len(rows) != len(labels) || !slices.Equal(rows, balanced(e, labels)) {
			t.Fatalf("%s: %v", c.name, rows)
		}
		shown, of := make([]int, len(labels)), make([]int, len(c.sizes))
		for _, image := range rows {
			shown[image]++
			of[labels[image]]++
		}
		live, at := []int(nil), 0
		for label, n := range c.sizes {
			if n == 0 {
				continue
			}
			live = append(live, of[label])
			if own := shown[at : at+n]; slices.Max(own)-slices.Min(own) > 1 {
				t.Errorf("%s: images of cluster %d are shown %v times", c.name, label, own)
			}
			at += n
		}
		if slices.Max(live)-slices.Min(live) > 1 {
			t.Errorf("%s: clusters are shown %v times", c.name, of)
		}
		if e.Number++; len(labels) > 8 && slices.Equal(rows, balanced(e, labels)) {
			t.Errorf("%s: the next epoch has the same rows", c.name)
		}
	}
}

// TestClustersOfFewImages: without a setting there are at most half as many clusters as images.
func TestClustersOfFewImages(t *testing.T) {
	m := &deepCluster{}
	for images, want := range map[int]int{1: 1, 2: 1, 7: 3, 199: 99, 200: 100, 60000: 100} {
		if got := m.count(images); got != want {
			t.Errorf("%d images have %d clusters, want %d", images, got, want)
		}
	}
	if m.clusters = 300; m.count(7) != 300 {
		t.Error("a number that was set is another")
	}
}
