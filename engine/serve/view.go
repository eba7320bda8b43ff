package serve

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/audit"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/data/rawname"
)

// view is one generation of the collection with what is looked up in it. It is closed when the last user has released it.
type view struct {
	c         *collection.Collection
	pics      *pictures.Pictures // nil: the images are not there
	noPics    string             // why
	live      []int              // items by number
	number    []int32            // of each item; -1: gone
	byContent []int32            // live items by content, those of one content by number
	faults    [][]string         // by number
	groups    *collection.Groups // nil: none
	copies    *collection.Duplicates
	inCopies  map[int32]bool // items that are in a group of duplicates
	copiesAt  copiesAt
	places    *collection.Map
	sorted    map[string][]int // live items in other orders

	columns [columnCount]column

	counting  sync.Once
	counts    About
	grouping  sync.Once
	groupList []Group
	tagging   sync.Mutex
	tagLists  map[string]taggedList // by tag

	users   atomic.Int32
	changed string // what of the collection's files was opened, to see whether they have changed
}

// openView opens the present generation.
func openView(path string) (*view, error) {
	c, err := collection.Open(path)
	if err != nil {
		return nil, err
	}
	v := &view{c: c, live: c.Live(), inCopies: map[int32]bool{}, tagLists: map[string]taggedList{}, changed: stateOf(path)}
	if v.pics, err = pictures.Open(c); err != nil {
		v.noPics = err.Error()
	}
	v.index()
	// What is not there yet, or is of other images, is as good as absent: the page says which command makes it.
	v.groups, _ = c.Groups()
	v.places, _ = c.Map()
	if v.copies, _ = c.Duplicates(); v.copies != nil {
		for _, g := range v.copies.Groups {
			for _, item := range g.Of {
				v.inCopies[item] = true
			}
		}
	}
	v.faults = audit.Faults(c, v.live)
	v.columns = v.columnsOf()
	v.order()
	v.users.Store(1)
	return v, nil
}

// index prepares the ways from item to number and from content to item.
func (v *view) index() {
	v.number = make([]int32, v.c.Len())
	for i := range v.number {
		v.number[i] = -1
	}
	v.byContent = make([]int32, len(v.live))
	for n, i := range v.live {
		v.number[i], v.byContent[n] = int32(n), int32(i)
	}
	slices.SortStableFunc(v.byContent, func(a, b int32) int { return cmp.Compare(v.c.Items[a].ID(), v.c.Items[b].ID()) })
}

// order prepares the orders that images are listed in, beside that of their paths.
func (v *view) order() {
	it := func(i int) *collection.Item { return &v.c.Items[i] }
	by := func(compare func(a, b *collection.Item) int) []int {
		list := slices.Clone(v.live)
		slices.SortStableFunc(list, func(a, b int) int { return compare(it(a), it(b)) })
		return list
	}
	v.sorted = map[string][]int{
		"path":  v.live,
		"taken": by(func(a, b *collection.Item) int { return cmp.Compare(a.Taken, b.Taken) }),
		"size":  by(func(a, b *collection.Item) int { return cmp.Compare(a.Size, b.Size) }),
		"pixels": by(func(a, b *collection.Item) int {
			return cmp.Compare(int64(a.Width)*int64(a.Height), int64(b.Width)*int64(b.Height))
		}),
		"sharpness":  by(func(a, b *collection.Item) int { return cmp.Compare(a.Look.Sharpness, b.Look.Sharpness) }),
		"brightness": by(func(a, b *collection.Item) int { return cmp.Compare(a.Look.Brightness, b.Look.Brightness) }),
	}
}

func (v *view) release() {
	if v.users.Add(-1) > 0 {
		return
	}
	if v.pics != nil {
		_ = v.pics.Close()
	}
	_ = v.c.Close()
}

// id names a live item: its content id, of the second and further items of that content with -2, -3 and so on.
func (v *view) id(item int) string {
	id := v.c.Items[item].ID()
	first := v.firstOf(id)
	for n := first; n < len(v.byContent); n++ {
		if int(v.byContent[n]) == item && n > first {
			return fmt.Sprintf("%s-%d", id, n-first+1)
		} else if int(v.byContent[n]) == item {
			break
		}
	}
	return id
}

// firstOf is where the items of that content begin in byContent.
func (v *view) firstOf(id string) int {
	at, _ := slices.BinarySearchFunc(v.byContent, id, func(i int32, id string) int { return strings.Compare(v.c.Items[i].ID(), id) })
	return at
}

// item is the live item of an id; -1: there is none.
func (v *view) item(id string) int {
	content, copied, ok := strings.Cut(id, "-")
	nth := 1
	if ok {
		var err error
		if nth, err = strconv.Atoi(copied); err != nil || nth < 2 {
			return -1
		}
	}
	at := v.firstOf(content) + nth - 1
	if at < 0 || at >= len(v.byContent) || v.c.Items[v.byContent[at]].ID() != content {
		return -1
	}
	return int(v.byContent[at])
}

// group is the group of an item; -1: none.
func (v *view) group(item int) int {
	if v.groups == nil {
		return -1
	}
	return int(v.groups.Of[item])
}

// name is that of the collection.
func (v *view) name() string { return rawname.Text(filepath.Base(v.c.Path)) }

// describe is an item as the API gives it.
func (v *view) describe(item int, tags collection.Tags) Item {
	it := &v.c.Items[item]
	d := Item{
		ID: v.id(item), Number: int(v.number[item]), Path: rawname.Text(it.Path), Width: it.Width, Height: it.Height, Size: it.Size,
		Format: it.Format, Taken: it.Taken, Label: rawname.Text(it.Label), Split: it.Split, Group: v.group(item), Tags: []string{},
		Quality: append([]string{}, v.faults[v.number[item]]...),
	}
	for tag := range tags {
		if tags.Has(tag, it.ID()) {
			d.Tags = append(d.Tags, tag)
		}
	}
	slices.Sort(d.Tags)
	return d
}
