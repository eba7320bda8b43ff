package train

import (
	"context"
	"os"
	"slices"
	"time"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/dist"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/models/shard"
)

// Several ranks train a run together: each computes its shards of a batch, and all of them the same of the whole. Rank 0 alone writes the
// run's files. Signals reach ranks at different times, so that the ranks agree on them, between steps and between batches of an evaluation:
// what a rank has been asked for ends the context that all work under at the same place.

// together is what ranks agree on besides numbers.
type together struct {
	work   *accord.Work    // nil before it begins
	wanted bool            // a rank has been asked for a checkpoint
	late   bool            // diskIsLate at the last agreement
	limit  *dist.Limit     // of the carrier; nil: none
	took   []time.Duration // that the last ones took

	rankLog *run.RankLog // nil on the rank that leads
}

// The bits of an agreement, besides accord.AskedToStop.
const (
	askedToSave = 2 * accord.AskedToStop
	diskIsLate  = 4 * accord.AskedToStop // rank 0 has yet to write the checkpoint before the one that is due
)

// under is the context that a run of several ranks works under: it ends by agreement. That of a single rank is ctx.
func (t *Trainer) under(ctx context.Context) context.Context {
	if t.group.Ranks() == 1 {
		return ctx
	}
	if t.work == nil {
		t.work = accord.Under(ctx, t.group)
	}
	t.work.Under(ctx)
	return t.work.Context()
}

// agree has all ranks know what any of them has been asked for. They call it at the same places. The error is that of a rank that is gone.
func (t *Trainer) agree() error {
	if t.group.Ranks() == 1 {
		return nil
	}
	var bits uint32
	select {
	case <-t.requests:
		bits = askedToSave
	default:
	}
	if t.leads() && t.saving.done != nil && t.checkpointDue() {
		bits |= diskIsLate
	}
	bits, err := t.work.Agree(bits)
	t.wanted = t.wanted || bits&askedToSave != 0
	if t.late = bits&diskIsLate != 0; t.late {
		t.limit.Elsewhere()
	}
	return err
}

// requested says whether a signal has asked for a checkpoint since the last call.
func (t *Trainer) requested() bool {
	if t.group.Ranks() > 1 {
		asked := t.wanted
		t.wanted = false
		return asked
	}
	select {
	case <-t.requests:
		return true
	default:
		return false
	}
}

// leads says whether this rank writes the run's files.
func (s *Session) leads() bool { return s.Carrier == nil || s.Carrier.Rank() == 0 }

// leads says whether this rank writes the run's files.
func (t *Trainer) leads() bool { return t.group.Rank() == 0 }

// tookStep notes how long a step took.
func (t *Trainer) tookStep(step time.Duration) {
	if t.took = append(t.took, step); len(t.took) > usualSteps {
		t.took = t.took[1:]
	}
}

// inStep limits how long another rank is waited for in the step that begins; the first one may take long.
func (t *Trainer) inStep() {
	if t.limit == nil || t.late || len(t.took) == 0 {
		return
	}
	sorted := slices.Clone(t.took)
	slices.Sort(sorted)
	t.limit.InSteps(sorted[len(sorted)/2])
}

// usualSteps is of how many steps the median is the usual time of one.
const usualSteps = 15

// join has the ranks agree on the program, the settings and the run's folder, before any work. Rank 0 calls make, which makes the folder
// or locks it; others see it then.
func join(c *setting.Config, g *shard.Group, make func() (*run.Dir, error)) (*run.Dir, error) {
	if g.Ranks() == 1 {
		return make()
	}
	same := *c // but for what may differ from host to host
	same.Out, same.Data, same.Cache, same.CacheRAM, same.Workers, same.Device = "", "", "", "", 0, ""
	text, err := same.YAML()
	if err != nil {
		return nil, err
	}
	if err := accord.Same(g, accord.Program(), accord.Fact{Name: "settings", Value: string(text)}); err != nil {
		return nil, err
	}
	var dir *run.Dir
	if g.Rank() == 0 {
		if dir, err = make(); err != nil {
			return nil, err
		}
	}
	c.Out = g.Share("name the run", c.Out)
	if g.Rank() > 0 && g.Err() == nil {
		dir = run.At(c.Out)
		err = seen(dir, g.Rank())
	}
	if err == nil {
		err = g.Err()
	}
	return dir, err
}

// seen is an error if this rank does not see the run's folder.
func seen(dir *run.Dir, rank int) error {
	for range 20 { // a network file system may show it late
		if run.Holds(dir.Name) {
			return nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	at, _ := os.Getwd()
	return baddata.Errorf("rank %d on %s does not see the run %s (from %s), which rank 0 has made: --out must be on a file system that "+
		"all hosts share", rank, machine.Host(), dir.Name, at)
}

// sameInputs is a UsageError on a rank whose images, or whose machine, differ from those of rank 0.
func (t *Trainer) sameInputs() error {
	if t.group.Ranks() == 1 {
		return nil
	}
	here, err := accord.Machine(t.Network.Device)
	if err != nil {
		return err
	}
	return accord.Same(t.group, accord.Fact{Name: "images", Value: t.train.Fingerprint() + "\n" + t.test.Fingerprint()}, here)
}
