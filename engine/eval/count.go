package eval

import (
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// mostListed is up to how many neighbours of a query a GPU lists them, to look for the class there. Beyond, where that is also far more
// than any class has, it counts the images that come before the nearest of the class: for Recall@1000 of classes of a few images the
// host would read a thousand numbers a query and use one. Both find the same. (A count takes another product of all pairs; where the
// two cost the same has not been measured on a card.)
var mostListed = 64

// counts tells whether to count for Recall@kMax.
func (s *search) counts(kMax int) bool {
	return s.x.Device().CUDA() && kMax > mostListed && kMax > 4*slices.Max(s.size)
}

// count finds the place of the nearest image of the class for the part of queries lo to hi-1. labels are the classes of y on its device.
func (s *search) count(r retrieval, lo int, labels *kernels.Array, part distance.Part) {
	from, to := lo+part.Lo, lo+part.Hi
	if from == to {
		return
	}
	dev, self := s.x.Device(), s.self
	if self >= 0 {
		self += from
	}
	own, rank := kernels.Of(dev, s.queryClass[from:to], to-from), dev.Scratch(kernels.Int32, to-from)
	distance.BestPositive(rank, s.x.Rows(from, to), s.y, own, labels, distance.InnerProduct, self)
	copy(r.first[from:to], kernels.Read[int32](rank))
	own.Free()
	rank.Free()
}
