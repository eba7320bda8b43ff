package data

import "golang.org/x/sync/errgroup"

const (
	// spreadWorkers is how many calls run at a time: on a network file system each file costs a round trip.
	spreadWorkers = 16
	// spreadRun is how many calls a goroutine makes: where the file system has the answer in memory, a call takes only a microsecond.
	spreadRun = 256
)

// spread calls f(0) to f(n-1) from several goroutines.
func spread(n int, f func(i int)) {
	var group errgroup.Group
	group.SetLimit(spreadWorkers)
	for lo := 0; lo < n; lo += spreadRun {
		group.Go(func() error {
			for i := lo; i < min(lo+spreadRun, n); i++ {
				f(i)
			}
			return nil
		})
	}
	_ = group.Wait() // no call returns an error
}
