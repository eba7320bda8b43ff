package data

import (
	"fmt"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
)

// record is what the lists of a data set say of one image.
type record struct {
	name  string // path inside the source
	class string // "": no label
	split string // "": none
	role  Role   // in the split
	box   picture.Box
	list  string // the list that names it, for messages
	line  int
	unit  string // what line counts, where it is not lines
}

// at is where a list names the image, for messages.
func (r record) at(l lists) string { return fmt.Sprintf("%s, %s", l.call(r.list), r.place()) }

// place is where in its list the image stands.
func (r record) place() string {
	unit := r.unit
	if unit == "" {
		unit = "line"
	}
	return fmt.Sprintf("%s %d", unit, r.line)
}

// fromRecords makes the splits of s, a data set that lists its images. Every image must be there, and once.
func fromRecords(s *Source, l lists, records []record, o Options) (*Source, error) {
	faults := make([]error, len(records))
	spread(len(records), func(i int) { faults[i] = records[i].find(l) })
	for _, err := range faults { // the first in the list, whichever was found first
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(records, func(a, b record) int { return strings.Compare(a.name, b.name) })
	for i, r := range records {
		if i > 0 && records[i-1].name == r.name {
			return nil, baddata.Errorf("%s: the image %q stands in %s, %s, already", r.at(l), r.name, records[i-1].list, records[i-1].place())
		}
	}
	for _, split := range []string{"train", "test", Query.String(), Gallery.String(), "val"} {
		if set := s.listed(split, records, o); len(set.Items) > 0 {
			s.splits = append(s.splits, set)
		}
	}
	s.all = s.listed("all", records, o)
	s.layout = "list"
	s.note(unlisted(l.files, records))
	return s, nil
}

// find holds the name against the files.
func (r *record) find(l lists) error {
	if why := archive.UnsafeName(r.name); why != "" {
		return baddata.Errorf("%s: the path %q %s: expected a plain relative path", r.at(l), r.name, why)
	}
	r.name = path.Clean(r.name) // ./a and a//b are the same files as a and a/b
	if err := l.files.Check(r.name); err != nil {
		return baddata.Errorf("%s: the image %q cannot be read: %w", r.at(l), r.name, err)
	}
	return nil
}

// in tells whether the record belongs to a split, or to the one of its role; "all" takes every record.
func (r *record) in(split string) bool {
	return split == "all" || r.split == split || r.role != NoRole && r.role.String() == split
}

// listed is the set of the records of a split. Only in a split as it was listed have images a role: in any other there is
// nobody to look for them, or nobody to be looked for.
func (s *Source) listed(split string, records []record, o Options) *Set {
	var part []*record
	var names, classes []string
	for i := range records {
		r := &records[i]
		if !r.in(split) {
			continue
		}
		part, names, classes = append(part, r), append(names, r.name), append(classes, r.class)
	}
	if o.Labels == "none" {
		clear(classes)
	}
	set := s.newSet(split, names, classes)
	for i, r := range part {
		set.Items[i].Box = r.box
		if r.split == split {
			set.Items[i].Role = r.role
		}
	}
	return set
}

// lines are the lines of a list that hold something, with their numbers from 1; a byte order mark is passed over.
func lines(b []byte) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
			n++
			if line = strings.TrimSpace(line); line != "" && !yield(n, line) {
				return
			}
		}
	}
}

// splitColumns splits a line of a list in n columns that are separated by spaces; the last takes what is left, so that a
// path may hold spaces.
func splitColumns(line string, n int) ([]string, bool) {
	columns := make([]string, 0, n)
	for len(columns) < n-1 {
		at := strings.IndexAny(line, " \t")
		if at < 0 {
			return nil, false
		}
		columns = append(columns, line[:at])
		line = strings.TrimLeft(line[at:], " \t")
	}
	return append(columns, line), line != ""
}

// numberIn reads a whole number from lo to hi.
func numberIn(text string, lo, hi int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= lo && n <= hi
}
