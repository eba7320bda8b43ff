package eval

import (
	"fmt"

	"udml-gpu/kernels"
)

// search is who looks for its class among whom.
type search struct {
	x, y      *kernels.Array // unit rows of the queries, and of the images that they are compared with
	self      int            // 0: x is y, and a query is left out of its own results; -1: no query is in y
	of, among []int32        // classes of the rows of x and of y
	size      []int          // by class: its images in y
	sorted    *kernels.Array // owns x and y where they are not the whole embedding
}

// newSearch compares each row of unit with all others, or, where o has roles, the queries with the gallery.
func newSearch(unit *kernels.Array, c classes, o Options) *search {
	if !o.roles() {
		return &search{x: unit, y: unit, of: c.of, among: c.of, size: c.size}
	}
	s := &search{self: -1, of: pick(c.of, o.Queries), among: pick(c.of, o.Gallery), size: make([]int, len(c.size))}
	for _, class := range s.among {
		s.size[class]++
	}
	s.sorted = sortRows(unit, o.Queries, o.Gallery)
	s.x, s.y = s.sorted.Rows(0, len(s.of)), s.sorted.Rows(len(s.of), len(s.of)+len(s.among))
	return s
}

func (s *search) free() {
	if s.sorted != nil {
		s.sorted.Free()
	}
}

// positives are the images that query i should find.
func (s *search) positives(i int) int {
	n := s.size[s.of[i]]
	if s.self >= 0 {
		n--
	}
	return n
}

// roles: some images are looked for, and others looked among.
func (o *Options) roles() bool { return o.Queries != nil || o.Gallery != nil }

// checkRoles finds what leaves nothing to look for. Labels are not negative.
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

// sortRows are the rows of x [N,D] float32 that queries name and then those that gallery names, on the device of x. They
// are put in order on the host: a trip of a few megabytes, beside a search that reads them thousands of times.
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
