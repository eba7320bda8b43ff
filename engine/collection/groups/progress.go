package groups

import (
	"math"

	"udml-gpu/engine/images"
)

// steps are about as many as a k-means takes; it ends sooner where nothing moves any more.
const steps = restarts * iterations

// counted is stop, which is asked before each step, and shows the progress meanwhile; end removes it.
func counted(ui images.UI, what string, stop func() bool) (counting func() bool, end func()) {
	done := 0
	counting = func() bool {
		ui.Worked(what, done, steps)
		done = min(done+1, steps-1)
		return stop()
	}
	return counting, func() { ui.Worked(what, steps, steps) }
}

// fineTrials are the most numbers that choose tries around the best.
const fineTrials = 7

// trials is how many numbers choose tries at most for n images.
func trials(n int) int {
	count := fineTrials
	for at := max(2, math.Sqrt(float64(n))/4); int(at) <= n/5; at = max(at+1, at*1.4) {
		count++
	}
	return count
}
