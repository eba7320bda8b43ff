package setting

import (
	"slices"

	"udml-gpu/engine/setting/table"
)

// stopping is the heading of the settings that say when a run is given up, including those of methods.
const stopping = "stopping"

// StopSettings say when training is given up.
type StopSettings struct {
	MaxBadSteps   int     // in a row; 0: any number
	CollapseRank  float64 // 0: off
	CollapseEvals int     // in a row; 0: off
}

// stoppingRows are the settings about steps, then those of methods, then those about the embedding.
func (c *Config) stoppingRows() []table.Row {
	steps := table.Int("max-bad-steps", &c.MaxBadSteps, 10,
		"steps in a row with numbers that are not finite that end training with code 4; 0: no limit").Within(0, 1e9).Free().Unpreset()
	embedding := []table.Row{
		table.Float("collapse-rank", &c.CollapseRank, 1.5, "an effective rank of the embedding below this is a collapse; 0: off").
			Within(0, 65536).Free().Unpreset(),
		table.Int("collapse-evals", &c.CollapseEvals, 2,
			"evaluations (--eval-every) in a row with a rank below --collapse-rank that end training with code 4; 0: off").
			Within(0, 1e6).Free().Unpreset(),
	}
	return table.Group(stopping, slices.Concat([]table.Row{steps}, c.ownRows(stopping), embedding)...)
}
