package accord

import (
	"encoding/json"
	"fmt"
	"strings"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// Fact is something that has to be the same on all ranks.
type Fact struct{ Name, Value string }

// Program is the fact of the program that runs.
func Program() Fact { return Fact{"programs", machine.Version() + "\n" + machine.Program()} }

// Machine is the fact of all that decides the bytes of a result besides program, settings and images.
func Machine(dev *kernels.Device) (Fact, error) {
	now, err := json.MarshalIndent(machine.CurrentEnvironment(dev), "", "")
	return Fact{"libraries or machine", string(now)}, err
}

// Same is a UsageError unless the facts of all ranks are those of rank 0. A rank whose facts differ names itself and the first
// difference.
func Same(g *shard.Group, facts ...Fact) error {
	var differs error
	for _, f := range facts {
		first := g.Share("compare "+f.Name, f.Value)
		if g.Err() == nil && first != f.Value && differs == nil {
			differs = setting.Usage("rank %d on %s has other %s than rank 0: %s", g.Rank(), machine.Host(), f.Name,
				difference(f.Value, first))
		}
	}
	var bits uint32
	if differs != nil {
		bits = 1
	}
	bits = g.Agree("compare the ranks", bits)
	switch {
	case differs != nil:
		return differs
	case g.Err() == nil && bits != 0:
		return setting.Usage("the ranks do not fit together: another one says how it differs from rank 0")
	}
	return g.Err()
}

// difference is the first line in which the texts differ.
func difference(mine, first string) string {
	a, b := strings.Split(mine, "\n"), strings.Split(first, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "nothing", "nothing"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return fmt.Sprintf("%q, and there %q", x, y)
		}
	}
	return "nothing"
}
