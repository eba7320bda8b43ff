package data

import (
	"sync"
	"sync/atomic"
)

const (
	// spreadWorkers is how many files are asked about at a time: on a network file system each answer takes a round trip.
	spreadWorkers = 16
	// spreadRun is how many calls a goroutine makes before it looks for more: one is a microsecond where the file system
	// has the answer at hand.
	spreadRun = 256
)

// spread calls f(0) to f(n-1) from several goroutines.
func spread(n int, f func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	work := func() {
		for {
			lo := int(next.Add(spreadRun)) - spreadRun
			if lo >= n {
				return
			}
			for i := lo; i < min(lo+spreadRun, n); i++ {
				f(i)
			}
		}
	}
	for range min(spreadWorkers, (n+spreadRun-1)/spreadRun) {
		wait.Go(work)
	}
	wait.Wait()
}
