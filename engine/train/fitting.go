package train

import (
	"fmt"
	"sort"
	"strings"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// StepFindings are what machine.Doctor says of a training step of c on dev; an error where dev cannot hold it.
func StepFindings(c setting.Config, dev *kernels.Device) ([]machine.Finding, error) {
	c, _, err := fit(c, c.Batch, GroupOf(c), dev)
	if err != nil {
		return nil, err
	}
	bytes, err := StepMemory(c)
	if err != nil {
		return nil, err
	}
	less := ""
	if !c.Recompute {
		c.Recompute = true
		n, err := StepMemory(c)
		if err != nil {
			return nil, err
		}
		c.Recompute, less = false, fmt.Sprintf(", with --recompute %d MiB", n>>20)
	}
	return []machine.Finding{{
		Name: "step memory", Value: fmt.Sprintf("%d MiB", bytes>>20),
		Note: fmt.Sprintf("activations and gradients of %s at %d px, batch %d%s%s; --batch changes it",
			c.Backbone, c.ViewSize(), c.Batch, with(c), less),
	}}, nil
}

// FindingsIn are what machine.Doctor says of training steps of c on a device with so many bytes free, which need not be of this machine.
func FindingsIn(free int64) func(setting.Config, *kernels.Device) ([]machine.Finding, error) {
	return func(c setting.Config, _ *kernels.Device) ([]machine.Finding, error) {
		need, err := stepBytes(c, c.Batch, GroupOf(c))
		if err != nil {
			return nil, err
		}
		about := fmt.Sprintf("%s, --method %s, %s %d, --batch %d%s", c.Backbone, c.Method, sideFlag(c), c.ViewSize(), c.Batch, with(c))
		fit := machine.Finding{Name: "in " + room(free), Value: "fits", Note: room(free-need.all()) + " stay free"}
		if need.all() > free {
			fit = lesserFinding(c, free)
		}
		list := []machine.Finding{
			{Name: "step", Value: room(need.all()), Note: about + stepHolds},
			fit, batchFinding(c, free, ", with the other settings as they are"),
		}
		if !c.Recompute {
			c.Recompute = true
			list = append(list, batchFinding(c, free, ", with --recompute"))
		}
		return list, nil
	}
}

// stepHolds is what the memory of a step and of the evaluation beside it is for.
const stepHolds = ": activations, gradients, images, parameters with their moments, evaluation"

// lesserFinding is how a step that does not fit in free bytes would.
func lesserFinding(c setting.Config, free int64) machine.Finding {
	f := machine.Finding{Name: "in " + room(free), Value: "does not fit"}
	var notes []string
	for _, w := range lesser(c, c.Batch, GroupOf(c), free) {
		notes = append(notes, fmt.Sprintf("with %s it needs %s", w.flags, room(w.need.all())))
	}
	if notes == nil {
		notes = []string{fmt.Sprintf("nor does it with --recompute in up to %d parts (--accumulate)", min(c.Batch, mostParts))}
	}
	f.Note = strings.Join(notes, ", ")
	return f
}

// mostImages is the largest batch that is looked for.
const mostImages = 4096

// batchFinding is the largest --batch of which a step fits in free bytes; settings says of which step.
func batchFinding(c setting.Config, free int64, settings string) machine.Finding {
	over := func(images int) bool {
		c.Batch = images
		need, err := stepBytes(c, images, GroupOf(c))
		return err != nil || need.all() > free
	}
	f := machine.Finding{Name: "largest batch", Note: "in " + room(free) + settings}
	top := 1
	for top < mostImages && !over(top) {
		top *= 2
	}
	largest := top/2 + sort.Search(top-top/2, func(i int) bool { return over(top/2 + 1 + i) })
	switch {
	case top == mostImages && largest >= mostImages:
		f.Value = fmt.Sprintf("%d or more", mostImages)
	case largest == 0:
		f.Value = "none"
	default:
		f.Value = fmt.Sprint(largest)
	}
	return f
}
