// Package groups sorts the images of a collection into groups.
package groups

import (
	"context"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// Methods are the ways of grouping.
var Methods = []string{"kmeans", "hierarchical", "density"}

// Request says how a collection is grouped.
type Request struct {
	Method  string // of Methods
	K       int    // groups; 0: chosen from the data
	MinSize int    // of a group of density
	Seed    uint64
	UI      images.UI
}

// Result are the groups, with figures.
type Result struct {
	Method     string   `json:"method"`
	K          int      `json:"k"`
	Chosen     bool     `json:"k_chosen"` // K was chosen from the data
	Images     int      `json:"images"`
	Noise      int      `json:"noise"` // images in no group; density alone has some
	Sizes      []int    `json:"sizes"`
	Names      []string `json:"names"`
	Medoids    []string `json:"medoids"` // the paths (rawname.Text) of the images that are nearest to their group's mean
	Silhouette float64  `json:"silhouette"`
	Inertia    float64  `json:"inertia"` // sum of the squared distances to the groups' means
	NMI        *float64 `json:"nmi,omitempty"`
	AMI        *float64 `json:"ami,omitempty"`
	ARI        *float64 `json:"ari,omitempty"`
	F1         *float64 `json:"f1,omitempty"`
	Labelled   int      `json:"labelled_images,omitempty"` // that the four are of
	Tried      []Trial  `json:"tried,omitempty"`           // numbers of groups that were compared

	Items   []int   `json:"-"` // of the collection, ascending
	Of      []int32 `json:"-"` // group of each of them, -1: none
	Central []int   `json:"-"` // item of each medoid
}

// Trial is a number of groups with its silhouette.
type Trial struct {
	K          int     `json:"k"`
	Silhouette float64 `json:"silhouette"`
	Score      float64 `json:"score"` // by which the number is chosen: the silhouette, in which small groups count less
}

// Find groups the images of the collection that are not gone. The groups stand in the order of their first images. Errors: too few
// images for K groups, a stopped context.
func Find(ctx context.Context, dev *kernels.Device, c *collection.Collection, q Request) (*Result, error) {
	items := c.Live()
	switch {
	case len(items) == 0:
		return nil, baddata.Errorf("%s holds no images: all of them are gone; udml-gpu embed --update %s looks again", c.Path, c.Path)
	case q.K > len(items):
		return nil, setting.Usage("--k %d: %s holds %d images; expected at most that many groups", q.K, c.Path, len(items))
	}
	r := &Result{Method: q.Method, Images: len(items), Items: items, Chosen: q.K == 0}
	x := neighbours.Rows(dev, c, items)
	defer x.Free()
	switch q.Method {
	case "kmeans":
		r.kmeans(ctx, x, q)
	case "hierarchical":
		r.hierarchical(ctx, x, graphOf(ctx, dev, c, items, linkNeighbours, q.UI), q)
	case "density":
		r.Of = density(graphOf(ctx, dev, c, items, max(densityNeighbours, q.MinSize), q.UI), q.MinSize)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r.number()
	r.measure(x, c)
	r.Names = names(c, r)
	return r, nil
}

func graphOf(ctx context.Context, dev *kernels.Device, c *collection.Collection, items []int, k int, ui images.UI) *neighbours.Graph {
	return neighbours.Find(dev, c, items, k, ui.Working("comparing images"), func() bool { return ctx.Err() != nil })
}

// number numbers the groups in the order of their first images, without gaps.
func (r *Result) number() {
	at := map[int32]int32{}
	for i, of := range r.Of {
		if of < 0 {
			r.Noise++
			continue
		}
		to, ok := at[of]
		if !ok {
			to = int32(len(at))
			at[of] = to
			r.Sizes = append(r.Sizes, 0)
		}
		r.Of[i] = to
		r.Sizes[to]++
	}
	r.K = len(at)
}

// labels are the figures against true labels, of the images that have one and are in a group.
func (r *Result) labels(c *collection.Collection) {
	number := map[string]int32{}
	var truth, found []int32
	for n, i := range r.Items {
		label := c.Items[i].Label
		if label == "" || r.Of[n] < 0 {
			continue
		}
		if _, ok := number[label]; !ok {
			number[label] = int32(len(number))
		}
		truth, found = append(truth, number[label]), append(found, r.Of[n])
	}
	if r.Labelled = len(truth); r.Labelled < 2 || len(number) < 2 {
		return
	}
	nmi, ami, ari, f1 := eval.NMI(truth, found), eval.AMI(truth, found), eval.ARI(truth, found), eval.PairF1(truth, found)
	r.NMI, r.AMI, r.ARI, r.F1 = &nmi, &ami, &ari, &f1
}

// Save keeps the groups in the collection.
func (r *Result) Save(c *collection.Collection) error {
	of := make([]int32, c.Len())
	for i := range of {
		of[i] = -1
	}
	for n, i := range r.Items {
		of[i] = r.Of[n]
	}
	return c.SetGroups(&collection.Groups{Method: r.Method, K: r.K, Names: r.Names, Of: of})
}
