package eval

import (
	"fmt"

	"udml-gpu/kernels"
)

// search is a search for images of the same class: its queries and the images searched.
type search struct {
	x, y                     *kernels.Array // unit rows of the queries and of the images searched
	self                     int            // 0: x is y, and a query is left out of its own results; -1: no query is in y
	queryClass, galleryClass []int32        // classes of the rows of x and of y
	size                     []int          // by class: number of its images in y
	sorted                   *kernels.Array // owns x and y unless they are the whole embedding
}

// newSearch compares each row of unit with all others or, where o has roles, the queries with the gallery.
func newSearch(unit *kernels.Array, c classes, o Options) *search {
	if !o.roles() {
		return &search{x: unit, y: unit, queryClass: c.of, galleryClass: c.of, size: c.size}
	}
	s := &search{self: -1, queryClass: pick(c.of, o.Queries), galleryClass: pick(c.of, o.Gallery), size: make([]int, len(c.size))}
	for _, class := range s.galleryClass {
		s.size[class]++
	}
	s.sorted = sortRows(unit, o.Queries, o.Gallery)
	s.x, s.y = s.sorted.Rows(0, len(s.queryClass)), s.sorted.Rows(len(s.queryClass), len(s.queryClass)+len(s.galleryClass))
	return s
}

func (s *search) free() {
	if s.sorted != nil {
		s.sorted.Free()
	}
}

// positives is the number of images that query i should find.
func (s *search) positives(i int) int {
	n := s.size[s.queryClass[i]]
	if s.self >= 0 {
		n--
	}
	return n
}

// roles tells whether some images are queries and some the gallery.
func (o *Options) roles() bool { return o.Queries != nil || o.Gallery != nil }

// checkRoles is an error where no query has anything to find. Labels must not be negative.
func (o *Options) checkRoles(c classes) error {
	switch {
	case len(o.Queries) == 0:
		return fmt.Errorf("none of the %d images is a query; retrieval scores need queries and a gallery", len(c.of))
	case len(o.Gallery) == 0:
		return fmt.Errorf("none of the %d images is in the gallery; retrieval scores need queries and a gallery", len(c.of))
	}
	there := make([]bool, len(c.size))
	for _, class := range pick(c.of, o.Gallery) {
		there[class] = true
	}
	for _, class := range pick(c.of, o.Queries) {
		if there[class] {
			return nil
		}
	}
	return fmt.Errorf("none of the %d queries has an image of its class in the gallery", len(o.Queries))
}

func pick(class, rows []int32) []int32 {
	out := make([]int32, len(rows))
	for i, row := range rows {
		out[i] = class[row]
	}
	return out
}

// sortRows are the rows of x [N,D] float32 listed in queries and then those in gallery, on the device of x. They
// are collected on the host: copying a few megabytes is cheap beside a search that reads them thousands of times.
func sortRows(x *kernels.Array, queries, gallery []int32) *kernels.Array {
	d := x.Dim(1)
	from, to := hostValues(x), make([]float32, 0, (len(queries)+len(gallery))*d)
	for _, rows := range [][]int32{queries, gallery} {
		for _, row := range rows {
			to = append(to, from[int(row)*d:][:d]...)
		}
	}
	return kernels.Of(x.Device(), to, len(queries)+len(gallery), d)
}
