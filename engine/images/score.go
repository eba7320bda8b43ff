package images

import (
	"fmt"

	"udml-gpu/engine/data"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/setting"
)

// Scored are images that scores are made of: a cache.Cache, or Listed.
type Scored interface {
	Len() int
	Unlabelled() int
	Labels() []int32
	Ks() []int
	Roles() (queries, gallery []int32)
}

// ScoreOptions are those of every evaluation of the images, so that figures compare: with each other, and with papers by
// the K and the roles that the data set is published with.
func ScoreOptions(c setting.Config, images Scored) eval.Options {
	o := eval.Options{Ks: images.Ks(), Restarts: 3, Iterations: 50, Seed: c.Seed}
	o.Queries, o.Gallery = images.Roles()
	return o
}

// Scorable is nil when labels are known that scores can be made of. Where every image has a label and they do not do, that
// is found, and said, when the scores are made.
func Scorable(c setting.Config, images Scored) error {
	switch n := images.Unlabelled(); n {
	case 0:
		return nil
	case images.Len():
		return fmt.Errorf("none of the %d images has a label", n)
	}
	return eval.CheckLabelled(images.Labels(), ScoreOptions(c, images))
}

// Listed are the images of a set without those that were skipped, which are in no cache.
func Listed(set *data.Set, skipped []data.Skip) Scored {
	return &scored{listed(Read(set, skipped)), set}
}

type scored struct {
	listed
	set *data.Set
}

func (s *scored) Ks() []int { return s.set.Ks }

func (s *scored) Labels() []int32 {
	labels := make([]int32, len(s.listed))
	for i := range s.listed {
		labels[i] = s.listed[i].Label
	}
	return labels
}

func (s *scored) Roles() (queries, gallery []int32) {
	if !s.set.HasRoles() {
		return nil, nil
	}
	return data.RolesOf(s.listed)
}
