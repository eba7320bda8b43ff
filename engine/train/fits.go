package train

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// CheckFits is a DeviceError if the device cannot hold a training step of c (resolved) on batches from that many images, and names what
// makes it fit: --recompute, and the smallest --accumulate. It is checked before anything is allocated. g says which shards are of this
// process; nil: batches are not cut.
func CheckFits(c setting.Config, images int, g *shard.Group, dev *kernels.Device) error {
	free, where := freeOn(dev)
	return checkFits(c, images, g, free, where)
}

// freeOn is the memory that is free for dev, in bytes; 0: that is not known. where is how a sentence names the place.
func freeOn(dev *kernels.Device) (free int64, where string) {
	if !dev.CUDA() {
		return machine.AvailableMemory(), ""
	}
	free, _ = dev.MemoryInfo()
	return free, " on " + dev.Name()
}

// checkFits is CheckFits with so many bytes free.
func checkFits(c setting.Config, images int, g *shard.Group, free int64, where string) error {
	c.Batch = min(c.Batch, images)
	if free == 0 || c.Batch == 0 {
		return nil
	}
	need, err := stepBytes(c, images, g)
	if err != nil || need.all() <= free {
		return err
	}
	var tries []string
	for _, less := range lesser(c, images, g, free) {
		tries = append(tries, less.String())
	}
	tries = append(tries, "or lower "+smaller(c))
	if c.Pretrained != "false" {
		tries = append(tries, "--epochs 0 trains nothing")
	}
	tries[0] = strings.TrimPrefix(tries[0], "or ")
	return &machine.DeviceError{Message: fmt.Sprintf("--batch %d at %s %d%s needs about %s for steps and evaluation, and %s are free%s: %s",
		c.Batch, sideFlag(c), c.ViewSize(), with(c), room(need.all()), room(free), where, strings.Join(tries, "; "))}
}

// sideFlag is the flag that sets the side of the views of a step.
func sideFlag(c setting.Config) string {
	if c.Shows() != 0 {
		return "--train-size"
	}
	return "--size"
}

// smaller names the flags whose lower values make a step of c smaller.
func smaller(c setting.Config) string {
	side := sideFlag(c)
	if m, err := c.NewMethod(); err == nil && slices.ContainsFunc(m.Settings(), func(r table.Row) bool { return r.Key == "clusters" }) {
		return "--batch, " + side + " or --clusters"
	}
	return "--batch or " + side
}

// with names the flags of c by which a step takes less memory: " with --accumulate 2", or nothing.
func with(c setting.Config) string {
	var flags []string
	if c.Recompute {
		flags = append(flags, "--recompute")
	}
	if c.Accumulate > 1 {
		flags = append(flags, fmt.Sprintf("--accumulate %d", c.Accumulate))
	}
	if flags == nil {
		return ""
	}
	return " with " + strings.Join(flags, " ")
}

// way is flags with which a step fits, and what it takes then.
type way struct {
	flags string
	need  memory
}

// String is a part of a sentence.
func (w way) String() string { return w.flags + " needs " + room(w.need.all()) }

// lesser are the ways in which a step that does not fit would: blocks that are computed again, the smallest number of parts, and where
// neither helps both together.
func lesser(c setting.Config, images int, g *shard.Group, free int64) (list []way) {
	again := c
	again.Recompute = true
	if !c.Recompute {
		if need, err := stepBytes(again, images, g); err == nil && need.all() <= free {
			list = append(list, way{"--recompute", need})
		}
	}
	if parts, need := fewestParts(c, images, g, free); parts > 0 {
		list = append(list, way{fmt.Sprintf("--accumulate %d", parts), need})
	}
	if list == nil && !c.Recompute {
		if parts, need := fewestParts(again, images, g, free); parts > 0 {
			list = append(list, way{fmt.Sprintf("--recompute --accumulate %d", parts), need})
		}
	}
	return list
}

// room is a size for people: in GiB, or below one in MiB.
func room(bytes int64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}

// mostParts is the largest number of parts that is looked for: planning many takes long.
const mostParts = 64

// fewestParts is the smallest number of parts, above that of c, with which a step takes at most free bytes, and what it takes; 0 where
// none does.
func fewestParts(c setting.Config, images int, g *shard.Group, free int64) (parts int, need memory) {
	below, most := c.Accumulate, min(c.Batch, mostParts)
	fits := func(parts int) bool {
		c.Accumulate = parts
		var err error
		need, err = stepBytes(c, images, g)
		return err == nil && need.all() <= free
	}
	for parts = min(2*below, most); !fits(parts); parts = min(2*parts, most) {
		if below = parts; parts == most {
			return 0, memory{}
		}
	}
	parts = below + 1 + sort.Search(parts-below-1, func(i int) bool { return fits(below + 1 + i) })
	fits(parts)
	return parts, need
}

// memory is what a training step takes, in bytes.
type memory struct {
	planned    int64 // buffers (tape.Arena)
	images     int64 // of the step, and of the loader's three slots
	parameters int64 // with their gradients and two moments
	evaluation int64 // what features before and after training take beside all that (evaluationBytes)
}

func (m memory) all() int64 { return m.planned + m.images + m.parameters + m.evaluation }

// stepBytes is the memory of a step of c on batches of c.Batch of so many images. It is planned and not allocated.
func stepBytes(c setting.Config, images int, g *shard.Group) (memory, error) {
	m, err := c.NewMethod()
	if err != nil {
		return memory{}, err
	}
	precision, err := kernels.ParsePrecision(c.Precision)
	if err != nil {
		return memory{}, err
	}
	dev := kernels.CPUAt(precision) // the plan is the same on every device
	defer dev.Close()
	net, err := network.Outline(c, dev)
	if err != nil {
		return memory{}, err
	}
	l := &Learner{Network: net, method: m, views: viewsOf(m, c), images: images, group: g}
	s, tp := l.record(c.Batch, dev.Outline)
	need := memory{planned: int64(tp.Memory(s.out.Loss, s.out.Keep()...))}
	for _, a := range s.Images {
		need.images += 4 * int64(a.Bytes())
	}
	for _, p := range net.Store.Params() {
		need.parameters += int64(p.Value.Bytes())
		if p.Grad != nil {
			need.parameters += int64(3+len(p.Parts)) * int64(p.Value.Bytes())
		}
	}
	for _, p := range l.methodTensors() {
		need.parameters += int64(p.Value.Bytes())
	}
	need.evaluation = evaluationBytes(net, images, need.planned)
	return need, nil
}

// evaluationBytes is what it takes, beside a step with so many planned bytes, to have the features of the images and of as many others:
// what a forward pass needs more than the step, which has the same buffers; the images of two sizes of batches, a whole and the last; the
// features; and five matrices of their width in float64, which the fit of a whitening holds at once. With a GPU these lie in the memory of
// the host; they are counted all the same, which is little beside what a GPU has.
func evaluationBytes(n *network.Network, images int, planned int64) int64 {
	width, batch := int64(n.Width()), min(images, network.EmbedBatch)
	pass, shown := n.ForwardBytes(batch)
	features := 2 * 4 * int64(images) * (width + int64(n.Config.Dim))
	return max(0, pass-planned) + 2*shown + features + 5*8*width*width
}

// StepMemory is the planned memory of a training step of c, in bytes, where no more images are trained on than a batch has. The
// plan is the same on every device.
func StepMemory(c setting.Config) (int, error) {
	need, err := stepBytes(c, c.Batch, GroupOf(c))
	return int(need.planned), err
}
