package serve

import (
	"maps"
	"path"
	"slices"
	"strconv"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/rawname"
)

// The facets that images are filtered by.
const (
	bySplit = iota
	byLabel
	byFolder
	byGroup
	byTaken
	byQuality
	byDuplicate
	columnCount
	byTag = columnCount // has no column: an image has any number of tags
)

// column is what each image has of a facet, as one code: a place in names, where 0 is none, but for faults, whose code is a sum of bits.
type column struct {
	names []string // by code; after the first ascending, but for groups, which have their numbers
	of    []int32  // by number
}

// noDate is the value of images that have no date.
const noDate = "none"

// columnsOf prepares the columns of the live images.
func (v *view) columnsOf() (list [columnCount]column) {
	it := func(n int) *collection.Item { return &v.c.Items[v.live[n]] }
	list[bySplit] = v.named(func(n int) string { return it(n).Split })
	list[byLabel] = v.named(func(n int) string { return rawname.Text(it(n).Label) })
	list[byFolder] = v.named(func(n int) string { return folderOf(rawname.Text(it(n).Path)) })
	list[byTaken] = v.named(func(n int) string { return monthOf(it(n).Taken) })
	groups := []string{""}
	if v.groups != nil {
		for g := range v.groups.K {
			groups = append(groups, strconv.Itoa(g))
		}
	}
	list[byGroup] = v.coded(groups, func(n int) int { return v.group(v.live[n]) + 1 })
	list[byQuality] = v.faultColumn()
	list[byDuplicate] = v.coded([]string{"", "false", "true"}, func(n int) int {
		if v.inCopies[int32(v.live[n])] {
			return 2
		}
		return 1
	})
	return list
}

func (v *view) coded(names []string, code func(n int) int) column {
	c := column{names, make([]int32, len(v.live))}
	for n := range c.of {
		c.of[n] = int32(code(n))
	}
	return c
}

// named is the column of texts; the empty one is none.
func (v *view) named(text func(n int) string) column {
	found := map[string]int32{"": 0}
	c := column{of: make([]int32, len(v.live))}
	for n := range c.of {
		t := text(n)
		code, ok := found[t]
		if !ok {
			code = int32(len(found))
			found[t] = code
		}
		c.of[n] = code
	}
	c.names = slices.Sorted(maps.Keys(found))
	place := make([]int32, len(found))
	for at, name := range c.names {
		place[found[name]] = int32(at)
	}
	for n, code := range c.of {
		c.of[n] = place[code]
	}
	return c
}

// faultColumn has a bit for each of its names.
func (v *view) faultColumn() column {
	found := map[string]bool{}
	for _, faults := range v.faults {
		for _, f := range faults {
			found[f] = true
		}
	}
	names := slices.Sorted(maps.Keys(found))
	return v.coded(names, func(n int) (code int) {
		for _, f := range v.faults[n] {
			at, _ := slices.BinarySearch(names, f)
			code |= 1 << at
		}
		return code
	})
}

// folderOf is the folder of a path; "": none.
func folderOf(name string) string {
	if dir := path.Dir(name); dir != "." && dir != "/" {
		return dir
	}
	return ""
}

// monthOf is the year and the month of a time, as 2006-01; "" where it has none.
func monthOf(taken string) string {
	const layout = "dddd-dd"
	if len(taken) < len(layout) {
		return ""
	}
	for at, kind := range []byte(layout) {
		if c := taken[at]; kind == 'd' && (c < '0' || c > '9') || kind == '-' && c != '-' {
			return ""
		}
	}
	if month := taken[5:7]; month < "01" || month > "12" {
		return ""
	}
	return taken[:len(layout)]
}
