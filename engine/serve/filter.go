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
	return f.Duplicate == nil && len(f.Split)+len(f.Label)+len(f.Folder)+len(f.Group)+len(f.Quality)+len(f.Tag)+len(f.Path) == 0
}

// passing are those of the items that pass, in their order.
func (f *Filter) passing(v *view, tags collection.Tags, items []int) ([]int, error) {
	if f.none() {
		return items, nil
	}
	groups := map[int]bool{}
	for _, name := range f.Group {
		g := -1
		if v.groups != nil {
			g = v.groups.Find(name)
		}
		if g < 0 {
			return nil, failf(http.StatusBadRequest, "there is no group %.100q", name)
		}
		groups[g] = true
	}
	for _, pattern := range f.Path {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, failf(http.StatusBadRequest, "path %.100q is no pattern: expected one such as *.jpg, or a part of a path", pattern)
		}
	}
	list := []int{}
	for _, i := range items {
		if (len(groups) == 0 || groups[v.group(i)]) && f.passes(v, tags, i) {
			list = append(list, i)
		}
	}
	return list, nil
}

// passes tells whether an item passes all but the groups.
func (f *Filter) passes(v *view, tags collection.Tags, i int) bool {
	it := &v.c.Items[i]
	name := rawname.Text(it.Path)
	return (f.Duplicate == nil || v.inCopies[int32(i)] == *f.Duplicate) &&
		oneOf(f.Split, func(s string) bool { return s == it.Split }) &&
		oneOf(f.Label, func(s string) bool { return s == rawname.Text(it.Label) }) &&
		oneOf(f.Folder, func(s string) bool { return strings.HasPrefix(name, strings.TrimSuffix(s, "/")+"/") }) &&
		oneOf(f.Quality, func(s string) bool { return slices.Contains(v.faults[v.number[i]], s) }) &&
		oneOf(f.Tag, func(s string) bool { return tags.Has(s, it.ID()) }) &&
		oneOf(f.Path, func(s string) bool { return pathMatches(s, name) })
}

// oneOf tells whether one of the list is wanted, or the list is empty.
func oneOf(list []string, wanted func(string) bool) bool {
	return len(list) == 0 || slices.ContainsFunc(list, wanted)
}

// pathMatches tells whether a path holds the text in any case or, where that has a * or a ?, whether it or its last part matches.
func pathMatches(pattern, name string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return strings.Contains(strings.ToLower(name), strings.ToLower(pattern))
	}
	whole, _ := path.Match(pattern, name)
	last, _ := path.Match(pattern, path.Base(name))
	return whole || last
}
