package serve

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/rawname"
)

// filterOf reads the filter of a request's query.
func filterOf(q url.Values) (f Filter, err error) {
	f = Filter{
		Split: q["split"], Label: q["label"], Folder: q["folder"], Group: q["group"], Quality: q["quality"], Tag: q["tag"], Path: q["path"],
		Taken: q["taken"],
	}
	if text := q.Get("duplicate"); text != "" {
		b, err := strconv.ParseBool(text)
		if err != nil {
			return f, failf(http.StatusBadRequest, "duplicate=%.40q: expected true or false", text)
		}
		f.Duplicate = &b
	}
	return f, nil
}

// none tells whether everything passes.
func (f *Filter) none() bool {
	lists := len(f.Split) + len(f.Label) + len(f.Folder) + len(f.Group) + len(f.Quality) + len(f.Tag) + len(f.Path) + len(f.Taken)
	return f.Duplicate == nil && lists == 0
}

// passing are those of the items that pass, in their order.
func (f *Filter) passing(v *view, tags collection.Tags, items []int) ([]int, error) {
	if f.none() {
		return items, nil
	}
	s, err := f.sieve(v, tags)
	if err != nil {
		return nil, err
	}
	list := []int{}
	for _, i := range items {
		if s.fails(int(v.number[i])) == 0 {
			list = append(list, i)
		}
	}
	return list, nil
}

// sieve is a filter made ready for one view: what passes, by the codes of the columns.
type sieve struct {
	v      *view
	gates  [columnCount][]bool // by code; nil: all pass
	tagged bitset              // images with one of the tags; nil: all pass
	paths  []string
}

// failsPath is the bit of an image whose path does not pass; no count is of such images.
const failsPath = 1 << (byTag + 1)

// sieve makes the filter ready.
func (f *Filter) sieve(v *view, tags collection.Tags) (*sieve, error) {
	s := &sieve{v: v, paths: f.Path}
	for _, pattern := range f.Path {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, failf(http.StatusBadRequest, "path %.100q is no pattern: expected one such as *.jpg, or a part of a path", pattern)
		}
	}
	for _, taken := range f.Taken {
		if taken != noDate && !isYear(taken) && monthOf(taken) != taken {
			return nil, failf(http.StatusBadRequest, "taken=%.40q: expected a year such as 2024, a month such as 2024-05, or none", taken)
		}
	}
	groups := map[string]bool{}
	for _, name := range f.Group {
		g := -1
		if v.groups != nil {
			g = v.groups.Find(name)
		}
		if g < 0 {
			return nil, failf(http.StatusBadRequest, "there is no group %.100q", name)
		}
		groups[strconv.Itoa(g)] = true
	}
	is := func(list []string) func(string) bool {
		return func(name string) bool { return slices.Contains(list, name) }
	}
	s.gate(bySplit, len(f.Split) > 0, is(f.Split))
	s.gate(byLabel, len(f.Label) > 0, is(f.Label))
	s.gate(byFolder, len(f.Folder) > 0, func(name string) bool { return slices.ContainsFunc(f.Folder, holds(name)) })
	s.gate(byGroup, len(f.Group) > 0, func(name string) bool { return groups[name] })
	s.gate(byTaken, len(f.Taken) > 0, func(name string) bool { return slices.ContainsFunc(f.Taken, covers(name)) })
	if f.Duplicate != nil {
		s.gate(byDuplicate, true, func(name string) bool { return name == strconv.FormatBool(*f.Duplicate) })
	}
	s.faults(f.Quality)
	if len(f.Tag) > 0 {
		s.tagged = newBitset(len(v.live))
		for _, tag := range f.Tag {
			for _, n := range v.tagged(tag, tags[tag]) {
				s.tagged.set(int(n))
			}
		}
	}
	return s, nil
}

// gate lets those codes pass whose names pass.
func (s *sieve) gate(facet int, on bool, pass func(name string) bool) {
	if !on {
		return
	}
	s.gates[facet] = make([]bool, len(s.v.columns[facet].names))
	for code, name := range s.v.columns[facet].names {
		s.gates[facet][code] = pass(name)
	}
}

// faults lets images with one of the faults pass.
func (s *sieve) faults(list []string) {
	if len(list) == 0 {
		return
	}
	names := s.v.columns[byQuality].names
	s.gates[byQuality] = make([]bool, 1<<len(names))
	for code := range s.gates[byQuality] {
		for at, name := range names {
			if code>>at&1 == 1 && slices.Contains(list, name) {
				s.gates[byQuality][code] = true
			}
		}
	}
}

// fails has a bit for each facet that an image does not pass; 0: it passes. Paths, which are slow, are looked at only where that can
// matter.
func (s *sieve) fails(n int) (bits uint) {
	for facet := range s.gates {
		if gate := s.gates[facet]; gate != nil && !gate[s.v.columns[facet].of[n]] {
			bits |= 1 << facet
		}
	}
	if s.tagged != nil && !s.tagged.has(n) {
		bits |= 1 << byTag
	}
	if len(s.paths) > 0 && bits&(bits-1) == 0 {
		name := rawname.Text(s.v.c.Items[s.v.live[n]].Path)
		if !slices.ContainsFunc(s.paths, func(p string) bool { return pathMatches(p, name) }) {
			bits |= failsPath
		}
	}
	return bits
}

// holds tells whether a folder is, or lies above, the one of that name.
func holds(name string) func(string) bool {
	return func(folder string) bool {
		return strings.HasPrefix(name+"/", strings.TrimSuffix(folder, "/")+"/") && name != ""
	}
}

// covers tells whether a year, a month or none is that of the month of that name.
func covers(month string) func(string) bool {
	return func(taken string) bool {
		return taken == month || taken == noDate && month == "" || month != "" && isYear(taken) && month[:len(taken)] == taken
	}
}

func isYear(text string) bool { return len(text) == 4 && monthOf(text+"-01") != "" }

// pathMatches tells whether a path holds the text in any case or, where that has a * or a ?, whether it or its last part matches.
func pathMatches(pattern, name string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return strings.Contains(strings.ToLower(name), strings.ToLower(pattern))
	}
	whole, _ := path.Match(pattern, name)
	last, _ := path.Match(pattern, path.Base(name))
	return whole || last
}

// bitset is a set of numbers of images.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(n int)      { b[n/64] |= 1 << (n % 64) }
func (b bitset) has(n int) bool { return b[n/64]>>(n%64)&1 == 1 }
