package eval

import (
	"context"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
	"udml-gpu/models/shard"
)

// retrieval is the result of each query.
type retrieval struct {
	first     []int32   // place of the nearest image of the class, from 0; -1 if none was found
	precision []float64 // average precision at R; -1 where the class has no image to find
}

// searchBlock is the number of queries searched at a time. Cancellation is checked between blocks, which take a second at most.
const searchBlock = 4096

// retrieve finds, for every query, enough neighbours for Recall@kMax and MAP@R. The error is that of ctx or of a rank that is gone.
func (s *search) retrieve(ctx context.Context, kMax int, o Options) (retrieval, error) {
	n := len(s.queryClass)
	r := retrieval{make([]int32, n), make([]float64, n)}
	host := kernels.CPU()
	var labels *kernels.Array // of y, where a count is taken
	if s.counts(kMax) {
		labels = kernels.Of(s.y.Device(), s.galleryClass, len(s.galleryClass))
		defer labels.Free()
	}
	for lo := 0; lo < n; lo += searchBlock {
		if err := o.poll(ctx); err != nil {
			return r, err
		}
		hi := min(lo+searchBlock, n)
		bounds := partsOf(o.Group, hi-lo)
		s.retrieveBlock(r, lo, hi, kMax, labels, distance.Part{Lo: bounds[o.Group.Rank()], Hi: bounds[o.Group.Rank()+1]})
		o.Group.GatherRows("gather what queries have found", bounds, kernels.Wrap(host, r.first[lo:hi], hi-lo),
			kernels.Wrap(host, r.precision[lo:hi], hi-lo))
		if err := o.Group.Err(); err != nil {
			return r, err
		}
		o.tell("searching", hi, n)
	}
	return r, nil
}

// partsOf are the parts of n rows that ranks search for: rank r has [bounds[r],bounds[r+1]).
func partsOf(g *shard.Group, n int) []int {
	bounds := make([]int, g.Ranks()+1)
	for r := range bounds {
		bounds[r] = r * n / g.Ranks()
	}
	return bounds
}

// retrieveBlock searches for the part of queries lo to hi-1. With labels, the classes of y on its device, it counts what Recall@kMax needs
// and lists no more than MAP@R does.
func (s *search) retrieveBlock(r retrieval, lo, hi, kMax int, labels *kernels.Array, part distance.Part) {
	for i := lo; i < hi; i++ {
		r.first[i], r.precision[i] = -1, -1
	}
	if labels != nil {
		s.count(r, lo, labels, part)
		kMax = 0
	}
	places := func(i int) int {
		if s.positives(lo+i) == 0 {
			return 0
		}
		return max(kMax, s.positives(lo+i))
	}
	self := s.self
	if self >= 0 {
		self += lo
	}
	note := func(i int, idx []int32) { s.note(r, lo+i, idx) }
	distance.Nearest(s.x.Rows(lo, hi), s.y, distance.InnerProduct, self, part, places, note)
}

// NearestOther is, for every row of x [N,D], the index of the other row that is nearest by cosine, int32 [N,1] on the device of x; -1 where
// there is none. The ranks of g, which may be nil, each search for a part; the error is that of a rank that is gone. The caller frees it.
func NearestOther(x *kernels.Array, g *shard.Group) (*kernels.Array, error) {
	return nearest(x, 1, distance.Cosine, 0, g)
}

// Neighbours are, for every row of x [N,D], the indexes of the k rows nearest by Euclidean distance, itself among them, nearest first:
// int32 [N,k]. The rest is as with NearestOther.
func Neighbours(x *kernels.Array, k int, g *shard.Group) (*kernels.Array, error) {
	return nearest(x, k, distance.SquaredL2, -1, g)
}

func nearest(x *kernels.Array, k int, m distance.Metric, self int, g *shard.Group) (*kernels.Array, error) {
	n, dev := x.Dim(0), x.Device()
	score, index := dev.New(kernels.Float32, n, k), dev.New(kernels.Int32, n, k)
	defer score.Free()
	bounds := partsOf(g, n)
	distance.TopKPart(score, index, x, x, m, self, distance.Part{Lo: bounds[g.Rank()], Hi: bounds[g.Rank()+1]})
	g.GatherRows("gather neighbours", bounds, index)
	return index, g.Err()
}

// note records the result idx of query i, nearest first.
func (s *search) note(r retrieval, i int, idx []int32) {
	own := s.queryClass[i]
	for place, j := range idx {
		if s.galleryClass[j] == own {
			r.first[i] = int32(place)
			break
		}
	}
	if positives := s.positives(i); positives > 0 {
		r.precision[i] = averagePrecision(idx[:positives], s.galleryClass, own)
	}
}

// recall is the share of all queries with an image of their class among the k nearest.
func (r retrieval) recall(k int) float64 {
	hits := 0
	for _, place := range r.first {
		if place >= 0 && int(place) < k {
			hits++
		}
	}
	return float64(hits) / float64(len(r.first))
}
