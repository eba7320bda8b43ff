package cache

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	remote "udml-gpu/engine/store"
)

// unreadable collects the images of a set that cannot be read. Up to maxBad may be skipped.
type unreadable struct {
	set    *data.Set
	maxBad int
	bad    []badImage
}

type badImage struct {
	index int
	err   error
}

// unreadError is a failure to read a file, as opposed to a fault in its content.
type unreadError struct{ error }

func (e *unreadError) Unwrap() error { return e.error }

// Lost is the error of a store that did not deliver an image: other than a damaged image, it is never skipped, since the images of a run
// would depend on the network. nil: bad is another one.
func Lost(bad error) error {
	if f := (*remote.Fault)(nil); errors.As(bad, &f) {
		return baddata.Errorf("%w", f)
	}
	return nil
}

func unreadableOf(set *data.Set, o Options) unreadable {
	return unreadable{set: set, maxBad: badLimit(o.MaxBad, len(set.Items))}
}

// WantReadable is an *Error where more images of the set were skipped than maxBad (Options.MaxBad) allows, or all.
func WantReadable(set *data.Set, maxBad int, skipped []data.Skip) error {
	u := unreadableOf(set, Options{MaxBad: maxBad})
	for _, s := range skipped {
		i, _ := set.Find(s.Name)
		u.bad = append(u.bad, badImage{i, s.Err})
	}
	return u.tooMany()
}

// badLimit is how many of n images may be unreadable.
func badLimit(maxBad, n int) int {
	if maxBad >= 0 {
		return maxBad
	}
	return max(n/100, 5)
}

// tooMany is an *Error where more images are bad than allowed, or all. It sorts them into the order of the set.
func (u *unreadable) tooMany() error {
	slices.SortFunc(u.bad, func(x, y badImage) int { return cmp.Compare(x.index, y.index) })
	total := len(u.set.Items)
	switch {
	case len(u.bad) == total && u.maxBad != AllBad:
		return baddata.Errorf("%s: none of %d images can be read: %s", u.set.SourceName(), total, u.examples())
	case len(u.bad) > u.maxBad:
		return baddata.Errorf("%s: more than %d of %d images cannot be read (the limit is --max-bad): %s",
			u.set.SourceName(), u.maxBad, total, u.examples())
	}
	return nil
}

// examples are the first few bad images with their reasons.
func (u *unreadable) examples() string {
	var parts []string
	for _, bad := range u.bad[:min(len(u.bad), 3)] {
		parts = append(parts, fmt.Sprintf("%s: %v", notes.Shown(u.set.Items[bad.index].Name), bad.err))
	}
	if len(u.bad) > len(parts) {
		parts = append(parts, "...")
	}
	return strings.Join(parts, "; ")
}

// skipped are the bad images by name, in the order of bad.
func (u *unreadable) skipped() (skipped []data.Skip) {
	for _, bad := range u.bad {
		skipped = append(skipped, data.Skip{Name: u.set.Items[bad.index].Name, Err: bad.err})
	}
	return skipped
}
