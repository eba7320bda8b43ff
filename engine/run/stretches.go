package run

import (
	"errors"
	"maps"
	"slices"
)

// An epoch up to stretchedEpochs has its figures over up to maxStretches stretches of its steps too: a run of two epochs would be drawn
// with two points. Of later epochs the means are enough, and a state stays small.
const (
	stretchedEpochs = 32
	maxStretches    = 32
)

// Stretches are sums of figures over equal stretches of the steps of an epoch.
type Stretches struct {
	Steps   []int                `json:"steps"`   // of the epoch, at the end of each stretch
	Counted []int                `json:"counted"` // steps of the stretch that were not skipped
	Sums    map[string][]float64 `json:"sums"`    // of the loss, its terms, and AgreementKey
}

// Within are the means of figures within an epoch.
type Within struct {
	Steps   []int                `json:"steps"`   // of the epoch, at the end of each stretch that has a step that was not skipped
	Figures map[string][]float64 `json:"figures"` // a mean for each of them
}

// NewStretches are those of a new epoch; nil where its means are enough.
func NewStretches(epoch, steps int) *Stretches {
	if epoch > stretchedEpochs || steps < 2 {
		return nil
	}
	return &Stretches{Sums: map[string][]float64{}}
}

// Begin begins step of an epoch of total steps, both from 1, and says in which stretch it is. counted: it was not skipped.
func (s *Stretches) Begin(step, total int, counted bool) (at int) {
	n := min(maxStretches, total)
	if at = (step - 1) * n / max(1, total); at >= len(s.Steps) {
		at = len(s.Steps) // where no step was left out that is the same
		s.Steps, s.Counted = append(s.Steps, step), append(s.Counted, 0)
		for name := range s.Sums {
			s.Sums[name] = append(s.Sums[name], 0)
		}
	}
	s.Steps[at] = step
	if counted {
		s.Counted[at]++
	}
	return at
}

// Add adds a figure of a step to a stretch.
func (s *Stretches) Add(at int, name string, v float64) {
	if s.Sums[name] == nil {
		s.Sums[name] = make([]float64, len(s.Steps))
	}
	s.Sums[name][at] += v
}

// Clone is a copy; nil of nil.
func (s *Stretches) Clone() *Stretches {
	if s == nil {
		return nil
	}
	c := &Stretches{Steps: slices.Clone(s.Steps), Counted: slices.Clone(s.Counted), Sums: maps.Clone(s.Sums)}
	for name, v := range c.Sums {
		c.Sums[name] = slices.Clone(v)
	}
	return c
}

// Means are the means of all stretches; nil where there are fewer than two to draw.
func (s *Stretches) Means() *Within {
	if s == nil {
		return nil
	}
	w := &Within{Figures: map[string][]float64{}}
	for i, n := range s.Counted {
		if n == 0 {
			continue
		}
		w.Steps = append(w.Steps, s.Steps[i])
		for name, sums := range s.Sums {
			w.Figures[name] = append(w.Figures[name], sums[i]/float64(n))
		}
	}
	if len(w.Steps) < 2 {
		return nil
	}
	return w
}

// check is an error for lists that do not fit together or to an epoch of which so many steps are done.
func (s *Stretches) check(steps int) error {
	bad := errors.New("its figures within the epoch contradict each other")
	if s == nil {
		return nil
	}
	if len(s.Steps) > maxStretches || len(s.Counted) != len(s.Steps) || len(s.Steps) > 0 && s.Steps[len(s.Steps)-1] != steps {
		return bad
	}
	for i := range s.Steps {
		before := 0
		if i > 0 {
			before = s.Steps[i-1]
		}
		if s.Steps[i] <= before || s.Counted[i] < 0 || s.Counted[i] > s.Steps[i]-before {
			return bad
		}
	}
	for _, sums := range s.Sums {
		if len(sums) != len(s.Steps) {
			return bad
		}
	}
	if s.Sums == nil {
		s.Sums = map[string][]float64{}
	}
	return nil
}
