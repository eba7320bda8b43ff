package data

import (
	"context"
	"crypto/sha256"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"udml-gpu/engine/data/picture"
)

// Findings are the results of Scan.
type Findings struct {
	Damaged    []Skip     // images that cannot be read or decoded, or whose box lies outside them, by name
	Duplicates [][]string // groups of names, of files with the same bytes, each by name
}

// Scan decodes every image of the set on the given number of goroutines (0: one a core) and compares the files by their
// SHA-256. Images of more than maxPixels (0: DefaultMaxPixels) count as damaged. progress may be nil; it is called from one goroutine
// at a time. When ctx ends first, its error is returned.
func (s *Set) Scan(ctx context.Context, workers int, maxPixels int64, progress func(done, total int)) (*Findings, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	c := &scan{
		set: s, sums: make([][sha256.Size]byte, len(s.Items)), errs: make([]error, len(s.Items)), maxPixels: maxPixels, progress: progress,
	}
	var wait sync.WaitGroup
	for range min(workers, len(s.Items)) {
		wait.Go(func() { c.work(ctx) })
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return c.findings(), nil
}

// scan is one run of Scan: workers take the images one by one.
type scan struct {
	set  *Set
	next atomic.Int64
	sums [][sha256.Size]byte // zero for a file that cannot be read
	errs []error

	maxPixels int64

	mu       sync.Mutex // guards the fields below
	done     int
	progress func(done, total int)
}

func (c *scan) work(ctx context.Context) {
	for ctx.Err() == nil {
		i := int(c.next.Add(1) - 1)
		if i >= len(c.set.Items) {
			return
		}
		c.sums[i], c.errs[i] = c.set.scanImage(i, c.maxPixels)
		c.mu.Lock()
		if c.done++; c.progress != nil {
			c.progress(c.done, len(c.set.Items))
		}
		c.mu.Unlock()
	}
}

// scanImage reads image i and gives the hash of its file; err says why it cannot be used.
func (s *Set) scanImage(i int, maxPixels int64) (sum [sha256.Size]byte, err error) {
	raw, err := s.ReadImage(i)
	if err != nil {
		return sum, err
	}
	sum = sha256.Sum256(raw)
	im, err := picture.Decode(raw, maxPixels)
	if err == nil {
		_, err = s.Box(i).Crop(im)
	}
	return sum, err
}

func (c *scan) findings() *Findings {
	f := &Findings{}
	same := map[[sha256.Size]byte][]string{}
	for i, item := range c.set.Items {
		if c.errs[i] != nil {
			f.Damaged = append(f.Damaged, Skip{item.Name, c.errs[i]})
		}
		if c.sums[i] != ([sha256.Size]byte{}) {
			same[c.sums[i]] = append(same[c.sums[i]], item.Name)
		}
	}
	for _, names := range same {
		if len(names) > 1 {
			f.Duplicates = append(f.Duplicates, names)
		}
	}
	slices.SortFunc(f.Duplicates, slices.Compare)
	return f
}
