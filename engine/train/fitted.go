package train

import (
	"fmt"

	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// fit is c, with --recompute where a step on batches from that many images fits only so on some rank, each with its dev: the bytes are the
// same, so that nobody has to be asked. The line says what was done; "" where nothing was. Errors are those of CheckFits.
func fit(c setting.Config, images int, g *shard.Group, dev *kernels.Device) (setting.Config, string, error) {
	free, where := freeOn(dev)
	return fitted(c, images, g, free, where)
}

// fitted is fit with so many bytes free on this rank.
func fitted(c setting.Config, images int, g *shard.Group, free int64, where string) (setting.Config, string, error) {
	err := checkFits(c, images, g, free, where)
	again := c
	again.Recompute = true
	why, short := "a step does not fit on another rank", uint32(0)
	if err != nil && !c.Recompute && checkFits(again, images, g, free, where) == nil {
		err, short = nil, 1
		why = fmt.Sprintf("a step needs more memory than the %s that are free%s", room(free), where)
	}
	if g.Ranks() > 1 {
		short = g.Agree("agree on what fits", short)
	}
	if short == 0 || err != nil {
		return c, "", err
	}
	const but = ": blocks of the backbone are computed again (--recompute), for about a third more time and the same result"
	return again, why + but, g.Err()
}
