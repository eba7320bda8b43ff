package optim

import "math"

// Schedule is the learning rate as a function of the step. Its horizon is independent of the length of the run, so that a run can be
// prolonged without changing the steps already done.
type Schedule struct {
	Base    float64
	Warmup  int // steps of linear warm-up
	Horizon int // steps after which the rate is Final*Base; 0: constant
	Final   float64
}

// At is the learning rate of step n (0 is the first): linear warm-up, then half a cosine down to Final*Base.
func (s Schedule) At(n int) float64 {
	if n < s.Warmup {
		return s.Base * float64(n+1) / float64(s.Warmup)
	}
	if s.Horizon == 0 {
		return s.Base
	}
	done := min(1, float64(n-s.Warmup)/float64(max(1, s.Horizon-s.Warmup)))
	return s.Base * (s.Final + (1-s.Final)*(1+math.Cos(math.Pi*done))/2)
}
