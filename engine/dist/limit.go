package dist

import (
	"sync/atomic"
	"time"
)

// The limits of Limit where the user has set none: a step may take 20 times as long as usual, and what is done between steps, such as
// reading images, an evaluation or a plan, half an hour.
const (
	stepsAtLeast = time.Minute
	stepFactor   = 20
	elsewhere    = 30 * time.Minute
)

// Limit is how long a rank waits for another that does not answer, by what the run is doing. The zero value is that of the start.
type Limit struct {
	Fixed time.Duration // that the user has set for steps (--peer-timeout); 0: none
	now   atomic.Int64  // 0: not in steps
}

// Get is the limit now. A nil limit is that of the start.
func (l *Limit) Get() time.Duration {
	if l == nil {
		return elsewhere
	}
	if n := time.Duration(l.now.Load()); n > 0 {
		return n
	}
	return max(elsewhere, l.Fixed)
}

// InSteps is called in steps, of which one usually takes so long.
func (l *Limit) InSteps(usual time.Duration) {
	n := max(stepsAtLeast, stepFactor*usual)
	if l.Fixed > 0 {
		n = l.Fixed
	}
	l.now.Store(int64(n))
}

// Elsewhere is called where steps end. A nil limit is nobody's.
func (l *Limit) Elsewhere() {
	if l != nil {
		l.now.Store(0)
	}
}
