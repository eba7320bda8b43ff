package images

import (
	"fmt"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/setting"
)

// ScoreOptions are those of every evaluation of the images, so that figures compare: with each other, and with papers by
// the K and the roles that the data set is published with.
func ScoreOptions(c setting.Config, images *cache.Cache) eval.Options {
	o := eval.Options{Ks: images.Ks(), Restarts: 3, Iterations: 50, Seed: c.Seed}
	o.Queries, o.Gallery = images.Roles()
	return o
}

// Scorable is nil when labels are known that scores can be made of. Where every image has a label and they do not do, that
// is found, and said, when the scores are made.
func Scorable(c setting.Config, images *cache.Cache) error {
	switch n := images.Unlabelled(); n {
	case 0:
		return nil
	case images.Len():
		return fmt.Errorf("none of the %d images has a label", n)
	}
	return eval.CheckLabelled(images.Labels(), ScoreOptions(c, images))
}
