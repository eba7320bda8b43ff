package train

import "time"

// countSeconds adds the time since the last call to the state's seconds, and to those of the part of the run that it was spent on.
func (t *Trainer) countSeconds() {
	now := time.Now()
	if !t.started.IsZero() {
		seconds := now.Sub(t.started).Seconds()
		if t.state.Seconds += seconds; t.part != nil {
			*t.part += seconds
		}
	}
	t.started = now
}

// spend counts the time until end is called as that of a part of the run, such as &t.state.Spent.Training.
func (t *Trainer) spend(part *float64) (end func()) {
	t.countSeconds()
	before := t.part
	t.part = part
	return func() {
		t.countSeconds()
		t.part = before
	}
}
