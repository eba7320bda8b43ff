package fill

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/picture"
)

// content is a SHA-256.
type content [sha256.Size]byte

func contentOf(it *collection.Item) (c content) {
	_, _ = hex.Decode(c[:], []byte(it.SHA256)) // whoever read the item has checked it
	return c
}

// sizes are sizes of files; one may seem to be there that is not, by the modulus.
type sizes struct{ bits []uint64 }

// sizeRange is the modulus, in bytes: a bit each, 8 MiB.
const sizeRange = 1 << 26

func (s *sizes) add(size int64) {
	if s.bits == nil {
		s.bits = make([]uint64, sizeRange/64)
	}
	at := uint64(size) % sizeRange
	s.bits[at/64] |= 1 << (at % 64)
}

func (s *sizes) has(size int64) bool {
	at := uint64(size) % sizeRange
	return s.bits != nil && s.bits[at/64]&(1<<(at%64)) != 0
}

// hashed is an item of the set with its content.
type hashed struct {
	sum  content // zero: its file cannot be read
	item int32
}

// match is the last known image of a content.
type match struct {
	row   int // of the present generation, or of the journal
	added bool
	box   picture.Box
	item  int // of the set, with its path; -1: its file is missing
}

// findByContent gives places to those of the items without one whose content is known, and leaves the others to be embedded. found are
// the contents that were found under another path than the one they had, whose file is missing.
func (p *plan) findByContent(ctx context.Context, w *collection.Writer) (found map[content]bool, err error) {
	list, err := p.hashes(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	matches, err := p.matches(w, list)
	found = map[content]bool{}
	for _, h := range list {
		m, ok := matches[h.sum]
		if !ok || m.box != p.set.Box(int(h.item)) {
			continue
		}
		switch {
		case m.item == int(h.item):
			p.touched++
		case m.item >= 0:
			p.copied++
		default:
			p.renamed++
			found[h.sum] = true
		}
		p.places[h.item] = m.placeFor(int(h.item))
	}
	return found, err
}

// placeFor is the place for an item of the set.
func (m *match) placeFor(item int) collection.Place {
	switch {
	case m.added:
		return collection.Added(m.row)
	case m.item == item:
		return collection.Kept(m.row)
	}
	return collection.Moved(m.row)
}

// matches are the known images with the contents of the list, the last of each: those of the journal come last.
func (p *plan) matches(w *collection.Writer, list []hashed) (map[content]match, error) {
	found := map[content]match{}
	look := func(row int, it *collection.Item, added bool) {
		sum := contentOf(it)
		if _, ok := slices.BinarySearchFunc(list, sum, func(h hashed, sum content) int { return bytes.Compare(h.sum[:], sum[:]) }); !ok {
			return
		}
		m := match{row: row, added: added, box: it.Box, item: -1}
		if i, ok := p.set.Find(it.Path); ok {
			m.item = i
		}
		found[sum] = m
	}
	err := w.EachKept(func(row int, it *collection.Item) { look(row, it, false) })
	if err == nil {
		err = w.EachAdded(func(n int, it *collection.Item) { look(n, it, true) })
	}
	return found, err
}

// hashes are the contents of the items without a place whose files have the size of one that is known, by content.
func (p *plan) hashes(ctx context.Context) ([]hashed, error) {
	want := func(i int) bool { return p.missing(i) && p.sizes.has(p.stamps[i].Size) }
	list := make([]hashed, 0, p.count(want))
	for i := range p.places {
		if want(i) {
			list = append(list, hashed{item: int32(i)})
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for k := range list {
		group.Go(func() error {
			if b, err := p.set.ReadImage(int(list[k].item)); err == nil { // else it is reported when it is to be decoded
				list[k].sum = sha256.Sum256(b)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(h hashed) bool { return h.sum == content{} })
	slices.SortFunc(list, func(a, b hashed) int { return bytes.Compare(a.sum[:], b.sum[:]) })
	return list, nil
}
