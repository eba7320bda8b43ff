package faultfs

import (
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"math/rand/v2"
)

// SyncDir implements disk.FS: after it the changes of names in this folder, and in no other, are on disk.
func (d *Disk) SyncDir(path string) error {
	n, err := d.existing("open", path, fs.ModeDir)
	if err != nil {
		return err
	}
	var rest []change
	for _, c := range d.changes {
		if c.folder == n {
			apply(n.onDisk, c.names)
		} else {
			rest = append(rest, c)
		}
	}
	d.changes = rest
	return nil
}

// lost are the possible contents of an unsynced file after a power cut.
var lost = []struct {
	name string
	left func(written []byte) []byte
}{
	{"empty", func(b []byte) []byte { return b[:0] }},
	{"cut off", func(b []byte) []byte { return b[:len(b)/2] }},
	{"zeros", func(b []byte) []byte { return make([]byte, len(b)) }},
	{"whole", func(b []byte) []byte { return b }},
}

// PowerCuts yields the disks that a power cut now may leave behind, each with a description: of the unsynced changes
// of names, some have happened, and unsynced files have one of the contents in lost.
func (d *Disk) PowerCuts() iter.Seq2[string, *Disk] {
	return func(yield func(string, *Disk) bool) {
		for _, happened := range choices(len(d.changes)) {
			for _, l := range lost {
				unsynced := 0
				left := d.cut(happened, func(b []byte) []byte { unsynced++; return l.left(b) })
				if !yield(fmt.Sprintf("changes %v, files %s", happened, l.name), left) {
					return
				}
				if unsynced == 0 { // the other contents give the same disk
					break
				}
			}
		}
	}
}

// choices are the subsets of n changes to try: all of them where there are few; otherwise every prefix and
// its complement, every single change and its complement, and a few random ones (the same ones each time).
func choices(n int) (list [][]bool) {
	add := func(in func(i int) bool) {
		c := make([]bool, n)
		for i := range c {
			c[i] = in(i)
		}
		list = append(list, c)
	}
	if n <= 5 {
		for bits := range 1 << n {
			add(func(i int) bool { return bits>>i&1 == 1 })
		}
		return list
	}
	for k := range n + 1 {
		add(func(i int) bool { return i < k })
		add(func(i int) bool { return i >= k })
		add(func(i int) bool { return i == k })
		add(func(i int) bool { return i != k })
	}
	random := rand.New(rand.NewPCG(1, uint64(n)))
	for range 16 {
		add(func(int) bool { return random.IntN(2) == 1 })
	}
	return list
}

// cut is a new disk with the content of this one and the changes that happened.
func (d *Disk) cut(happened []bool, left func([]byte) []byte) *Disk {
	onDisk := map[*node]map[string]*node{}
	for i, c := range d.changes {
		if !happened[i] {
			continue
		}
		if onDisk[c.folder] == nil {
			onDisk[c.folder] = maps.Clone(c.folder.onDisk)
		}
		apply(onDisk[c.folder], c.names)
	}
	return &Disk{root: d.root.survivor(onDisk, left)}
}

// survivor is a copy of n after the power cut.
func (n *node) survivor(onDisk map[*node]map[string]*node, left func([]byte) []byte) *node {
	if n.mode != fs.ModeDir {
		data := n.data
		if !n.synced {
			data = left(data)
		}
		return &node{mode: n.mode, data: data, synced: true}
	}
	names, changed := onDisk[n]
	if !changed {
		names = n.onDisk
	}
	c := newFolder()
	for name, child := range names {
		c.names[name] = child.survivor(onDisk, left)
	}
	c.onDisk = maps.Clone(c.names)
	return c
}
