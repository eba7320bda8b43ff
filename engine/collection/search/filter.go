package search

import (
	"path"
	"slices"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
)

// Filter says which items are searched; an empty list allows all.
type Filter struct {
	Splits []string
	Labels []string
	Globs  []string // of paths, as path.Match knows them; ** stands for any number of folders, a pattern without a slash for the file name
	Groups []string // names or numbers, of the groups that cluster has saved
}

// Allowed are the items that pass the filter and are not gone, ascending. A pattern that cannot be read, and a value that no item has,
// are a *baddata.Error: most likely it is misspelt.
func (f *Filter) Allowed(c *collection.Collection) ([]int, error) {
	for _, g := range f.Globs {
		if _, err := match(g, "a/b"); err != nil {
			return nil, baddata.Errorf("--glob %q is no pattern: %v; expected one such as '2024/*.jpg' or '**/beach/**'", g, err)
		}
	}
	inGroups, err := f.groups(c)
	if err != nil {
		return nil, err
	}
	var list []int
	for i := range c.Items {
		it := &c.Items[i]
		if !it.Gone && oneOf(f.Splits, it.Split) && f.labelled(it.Label) && f.globbed(it.Path) && (inGroups == nil || inGroups[i]) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return nil, f.nothing(c)
	}
	return list, nil
}

func oneOf(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }

// labelled tells whether a label is wanted, as it is or as JSON shows it.
func (f *Filter) labelled(label string) bool {
	return oneOf(f.Labels, label) || oneOf(f.Labels, rawname.Text(label))
}

func (f *Filter) globbed(name string) bool {
	if len(f.Globs) == 0 {
		return true
	}
	return slices.ContainsFunc(f.Globs, func(g string) bool { ok, _ := match(g, name); return ok })
}

// groups are the items of the wanted groups; nil where all are wanted.
func (f *Filter) groups(c *collection.Collection) (map[int]bool, error) {
	if len(f.Groups) == 0 {
		return nil, nil
	}
	g, err := c.Groups()
	if err != nil {
		return nil, err
	}
	in := map[int]bool{}
	for _, name := range f.Groups {
		at := g.Find(name)
		if at < 0 {
			return nil, baddata.Errorf("--group %s: %s has no such group; its %d groups have the numbers 0 to %d and the names that "+
				"udml-gpu cluster has printed", name, c.Path, g.K, g.K-1)
		}
		for i, of := range g.Of {
			if int(of) == at {
				in[i] = true
			}
		}
	}
	return in, nil
}

// nothing is the error where no item passes.
func (f *Filter) nothing(c *collection.Collection) error {
	if len(c.Live()) == 0 {
		return baddata.Errorf("%s holds no images: all of them are gone; udml-gpu embed --update %s looks again", c.Path, c.Path)
	}
	var parts []string
	for _, p := range []struct {
		flag string
		list []string
	}{{"--split", f.Splits}, {"--label", f.Labels}, {"--glob", f.Globs}, {"--group", f.Groups}} {
		for _, v := range p.list {
			parts = append(parts, p.flag+" "+v)
		}
	}
	return baddata.Errorf("no image of %s passes %s", c.Path, strings.Join(parts, ", "))
}

// match is path.Match with ** for any number of folders. A pattern without a slash is matched with the last part of the name.
func match(pattern, name string) (bool, error) {
	if !strings.Contains(pattern, "/") {
		return path.Match(pattern, path.Base(name))
	}
	return matchParts(strings.Split(pattern, "/"), strings.Split(name, "/"))
}

func matchParts(pattern, name []string) (bool, error) {
	for len(pattern) > 0 && pattern[0] != "**" {
		if len(name) == 0 {
			return false, checkParts(pattern)
		}
		if ok, err := path.Match(pattern[0], name[0]); !ok || err != nil {
			return false, cmpErr(err, pattern[1:])
		}
		pattern, name = pattern[1:], name[1:]
	}
	if len(pattern) == 0 {
		return len(name) == 0, nil
	}
	for skip := 0; skip <= len(name); skip++ {
		if ok, err := matchParts(pattern[1:], name[skip:]); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// cmpErr is err, or what is wrong with the rest of the pattern.
func cmpErr(err error, rest []string) error {
	if err != nil {
		return err
	}
	return checkParts(rest)
}

func checkParts(pattern []string) error {
	for _, p := range pattern {
		if _, err := path.Match(p, ""); err != nil {
			return err
		}
	}
	return nil
}
