package train

import (
	"udml-gpu/engine/dist/nccl"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// adding is a carrier whose library may add up numbers; over TCP there is none.
type adding interface {
	Adder() (a shard.Adder, library string)
}

// addFast is --reduce fast on several ranks: libraries add up. Rank 0 logs which, and what follows from it.
func (s *Session) addFast(g *shard.Group, dev *kernels.Device) {
	var a shard.Adder
	by := "rank by rank"
	if c, ok := s.Carrier.(adding); ok {
		if found, library := c.Adder(); found != nil {
			a, by = found, "by "+library
		}
	}
	if g.Direct(dev) {
		by = "by NCCL " + nccl.Version()
	}
	g.AddFast(a)
	if g.Rank() == 0 {
		s.Log.Info().Str("reduce", "fast").Int("ranks", g.Ranks()).Msgf("--reduce fast: sums over ranks are added up %s; the run has its "+
			"bytes only on %d ranks, and added up so", by, g.Ranks())
	}
}
