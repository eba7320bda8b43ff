// Package eval measures the quality of an embedding: retrieval and clustering scores where labels are known, and
// health figures that need no labels.
package eval

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// Scores are the usual figures of metric learning, each from 0 to 1 (ARI from -0.5; AMI, of labellings that agree less than by chance,
// below 0).
type Scores struct {
	Images  int             `json:"images"`
	Classes int             `json:"classes"`
	Queries int             `json:"queries,omitempty"` // number of queries, where the set has queries and a gallery
	Gallery int             `json:"gallery,omitempty"`
	Recall  map[int]float64 `json:"recall"` // by K: share of all queries with an image of their class among the K nearest
	MAPAtR  float64         `json:"map_at_r"`
	NMI     float64         `json:"nmi"`
	AMI     float64         `json:"ami"`
	ARI     float64         `json:"ari"`
	F1      float64         `json:"f1"` // pairwise

	// RecallInterval and MAPAtRInterval are 95 % confidence intervals, of queries of two classes or more (Intervals).
	RecallInterval map[int]Interval `json:"recall_interval,omitempty"`
	MAPAtRInterval *Interval        `json:"map_at_r_interval,omitempty"`

	ByClass *ClassSums `json:"-"` // what both are made of; nil for scores that were read from JSON
}

// Ks are the K of Recall, ascending.
func (s *Scores) Ks() []int { return slices.Sorted(maps.Keys(s.Recall)) }

// Options are the settings of Evaluate.
type Options struct {
	Ks         []int // of Recall@K; empty: 1, 2, 4, 8
	Restarts   int   // of k-means, at least 1
	Iterations int   // of k-means; 0: 50
	Seed       uint64
	// Queries and Gallery are rows of the embedding: those to search for and those to search in. Both nil: every
	// image is a query, compared with all others.
	Queries, Gallery []int32
	// Progress is told how far the search for the queries, and then the k-means, is; nil: nothing is reported.
	Progress func(what string, done, total int)
	// Group are ranks that evaluate the same embedding together, and all get its scores: each searches for a part of the queries and tries
	// a part of the starts of k-means. Poll is called equally often by all of them, some times a second; its error ends Evaluate. Both
	// nil: this process is alone.
	Group *shard.Group
	Poll  func() error
}

// poll is Poll, and the error of ctx.
func (o Options) poll(ctx context.Context) error {
	if o.Poll != nil {
		if err := o.Poll(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (o Options) tell(what string, done, total int) {
	if o.Progress != nil {
		o.Progress(what, done, total)
	}
}

// withDefaults are the options with the default K where none is given.
func (o Options) withDefaults() Options {
	if len(o.Ks) == 0 {
		o.Ks = []int{1, 2, 4, 8}
	}
	return o
}

// tolerance ends k-means, as in scikit-learn's default.
const tolerance = 1e-4

// Evaluate scores the embedding [N,D] float32 of N images against their labels (0 and up). Rows are L2-normalised first.
//
// Recall@K and MAP@R (Musgrave et al., "A metric learning reality check", ECCV 2020) compare by cosine, each query with all
// other images or, where there are roles, only with the gallery (R is then the number of gallery images of the class, as in
// pytorch-metric-learning with ref_includes_query=False). A query without another image of its class counts as a miss in
// Recall@K, which counts all queries, and is left out of MAP@R, as in pytorch-metric-learning's mean_average_precision_at_r.
// NMI and AMI (arithmetic), ARI and pairwise F1, equal to scikit-learn's, compare the labels of all images with a k-means of as many
// clusters as there are classes, shortened beyond largePairs. Memory: three copies of the embedding and blocks of a fixed
// size, never N x N. On a GPU the work is done there; the host gets indices of images and, with roles, the rows to sort. Several ranks
// share the queries, and the starts of k-means.
//
// The errors are sentences for users: fewer than 2 images or classes, no query with an image of its class to find, a missing
// label, an embedding that is not finite, K below 1. When ctx ends first, its error is returned within about a second.
func Evaluate(ctx context.Context, emb *kernels.Array, labels []int32, o Options) (Scores, error) {
	kernels.WantShape("eval.Evaluate", "emb", emb, len(labels), -1)
	kernels.WantType("eval.Evaluate", "emb", emb, kernels.Float32)
	o = o.withDefaults()
	classes := newClasses(labels)
	if err := check(labels, classes, o); err != nil {
		return Scores{}, err
	}
	unit, bad := normalise(emb)
	defer unit.Free()
	if bad >= 0 {
		return Scores{}, fmt.Errorf("the embedding of image %d is not finite", bad)
	}
	s := Scores{Images: len(labels), Classes: len(classes.size), Queries: len(o.Queries), Gallery: len(o.Gallery)}
	if err := s.retrieve(ctx, unit, classes, o); err != nil {
		return Scores{}, err
	}
	return s, s.cluster(ctx, unit, labels, o)
}

// retrieve computes Recall@K and MAP@R.
func (s *Scores) retrieve(ctx context.Context, unit *kernels.Array, c classes, o Options) error {
	search := newSearch(unit, c, o)
	defer search.free()
	r, err := search.retrieve(ctx, slices.Max(o.Ks), o)
	if err != nil {
		return err
	}
	s.Recall = map[int]float64{}
	for _, k := range o.Ks {
		s.Recall[k] = r.recall(k)
	}
	s.MAPAtR = r.mapAtR()
	s.ByClass = r.byClass(search.queryClass, len(c.size), o.Ks)
	s.RecallInterval, s.MAPAtRInterval = s.ByClass.Intervals()
	return nil
}

// cluster computes the scores of k-means.
func (s *Scores) cluster(ctx context.Context, unit *kernels.Array, labels []int32, o Options) error {
	found, err := o.group(ctx, unit, s.Classes)
	if err != nil {
		return err
	}
	c := contingencyOf(labels, found)
	s.NMI, s.AMI, s.ARI, s.F1 = c.nmi(), c.ami(), c.ari(), c.f1()
	return nil
}

// classes are the labels renumbered from 0 without gaps, in ascending order.
type classes struct {
	of   []int32 // class of each image
	size []int   // images of each class
}

func newClasses(labels []int32) classes {
	names := slices.Clone(labels)
	slices.Sort(names)
	names = slices.Compact(names)
	c := classes{make([]int32, len(labels)), make([]int, len(names))}
	for i, l := range labels {
		at, _ := slices.BinarySearch(names, l)
		c.of[i] = int32(at)
		c.size[at]++
	}
	return c
}

// check is an error where scores are impossible.
func check(labels []int32, c classes, o Options) error {
	n := len(labels)
	if n < 2 {
		return fmt.Errorf("scores need at least 2 images, there is %d", n)
	}
	if i := slices.IndexFunc(labels, func(l int32) bool { return l < 0 }); i >= 0 {
		return fmt.Errorf("image %d has no label", i)
	}
	if len(c.size) < 2 {
		return fmt.Errorf("all %d images have the same label; scores need at least 2 classes", n)
	}
	if !o.roles() && slices.Max(c.size) < 2 {
		return fmt.Errorf("each of the %d images is alone in its class; scores need a class of at least 2 images", n)
	}
	if k := slices.Min(o.Ks); k < 1 {
		return fmt.Errorf("recall at %d was requested; K must be at least 1", k)
	}
	if o.roles() {
		return o.checkRoles(c)
	}
	return nil
}
