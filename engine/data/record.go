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
	"udml-gpu/engine/data/rawname"
)

// record is the entry of one image in the lists of a data set.
type record struct {
	name  string // path inside the source
	class string // "": no label
	split string // "": none
	role  Role   // within its split
	box   picture.Box
	list  string // the list that names it, for messages
	line  int
	unit  string // what line counts, if not lines
}

// at is where a list names the image, for messages.
func (r record) at(l lists) string { return fmt.Sprintf("%s, %s", l.display(r.list), r.place()) }

// place is the position of the image in its list.
func (r record) place() string {
	unit := r.unit
	if unit == "" {
		unit = "line"
	}
	return fmt.Sprintf("%s %d", unit, r.line)
}

// fromRecords makes the splits of s from the records of its lists. Every image must exist and be listed once.
func fromRecords(s *Source, l lists, records []record, o Options) (*Source, error) {
	faults := make([]error, len(records))
	spread(len(records), func(i int) { faults[i] = records[i].find(l) })
	for _, err := range faults { // report the first in list order, whichever was found first
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(records, func(a, b record) int { return strings.Compare(a.name, b.name) })
	for i, r := range records {
		if i > 0 && records[i-1].name == r.name {
			return nil, baddata.Errorf("%s: the image %q is already listed in %s, %s",
				r.at(l), r.name, records[i-1].list, records[i-1].place())
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
	s.note(previews(records))
	return s, nil
}

// find checks the name and that its file can be read. The name may be one that is no UTF-8, written as text.
func (r *record) find(l lists) error {
	if name := rawname.Bytes(r.name); name != r.name && archive.UnsafeName(r.name) == "" && !l.has(path.Clean(r.name)) {
		r.name = name
	}
	if why := archive.UnsafeName(r.name); why != "" {
		return baddata.Errorf("%s: the path %q %s: expected a plain relative path", r.at(l), r.name, why)
	}
	r.name = path.Clean(r.name) // so that ./a and a//b are found as a and a/b
	if err := l.files.Check(r.name); err != nil {
		return baddata.Errorf("%s: the image %q cannot be read: %w", r.at(l), r.name, err)
	}
	return nil
}

// inSplit tells whether the record belongs to the split, or to the split named after its role; "all" takes every record.
func (r *record) inSplit(split string) bool {
	return split == "all" || r.split == split || r.role != NoRole && r.role.String() == split
}

// listed is the set of the records of a split. Images keep their roles only in the split that lists them: in any other, queries or
// gallery are missing.
func (s *Source) listed(split string, records []record, o Options) *Set {
	var part []*record
	var names []string
	for i := range records {
		r := &records[i]
		if !r.inSplit(split) {
			continue
		}
		part, names = append(part, r), append(names, r.name)
	}
	set := s.newSet(split, names, func(i int) string {
		if o.Labels == "none" {
			return ""
		}
		return part[i].class
	})
	for i, r := range part {
		set.setBox(i, r.box)
		if r.split == split {
			set.Items[i].Role = r.role
		}
	}
	return set
}

// lines are the lines of a list that are not blank, with their numbers from 1, without a byte order mark.
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

// splitColumns splits a line into n columns separated by spaces. The last column takes the rest of the line, so that a
// path may contain spaces.
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
