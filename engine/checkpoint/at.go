package checkpoint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// At is the position in training of a checkpoint: after Epoch whole epochs and Step more steps (0 at an epoch's end).
type At struct{ Epoch, Step int }

// String is the name of the checkpoint's folder: 000003, or 000003-000120 within an epoch.
func (a At) String() string {
	if a.Step == 0 {
		return fmt.Sprintf("%06d", a.Epoch)
	}
	return fmt.Sprintf("%06d-%06d", a.Epoch, a.Step)
}

var atName = regexp.MustCompile(`^\d{6,}(-\d{6,})?$`)

// ParseAt is the position in the name of a checkpoint's folder; ok is false for any other name.
func ParseAt(name string) (at At, ok bool) {
	if !atName.MatchString(name) {
		return At{}, false
	}
	epoch, step, within := strings.Cut(name, "-")
	var err error
	if at.Epoch, err = strconv.Atoi(epoch); err == nil && within {
		at.Step, err = strconv.Atoi(step)
	}
	if err != nil || at.String() != name { // another spelling of the same position is not one of our names
		return At{}, false
	}
	return at, true
}

// Compare is negative when a comes before b.
func (a At) Compare(b At) int {
	return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Step, b.Step))
}

// stored is a checkpoint's folder.
type stored struct {
	name string
	at   At
}

// list is the checkpoints, newest first. One that is being moved aside for a new one of the same position comes after
// that.
func (s *Store) list() ([]stored, error) {
	entries, err := s.fs.ReadDir(s.parent)
	if err != nil {
		return nil, err
	}
	var list []stored
	for _, e := range entries {
		if at, ok := ParseAt(strings.TrimPrefix(e.Name(), oldPrefix)); ok && e.IsDir() {
			list = append(list, stored{e.Name(), at})
		}
	}
	slices.SortFunc(list, func(a, b stored) int {
		return cmp.Or(b.at.Compare(a.at), strings.Compare(b.name, a.name)) // digits sort after the dot of .old-
	})
	return list, nil
}
