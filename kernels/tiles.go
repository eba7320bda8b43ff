package kernels

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Tiles calls f for [0,tile), [tile,2 tile), ... up to n, each tile once, on all cores.
// Tiles depend on n and tile alone, so a result that is a function of its tile is the same on any number of cores.
// f must write to its own tile alone; a sum over tiles is kept per tile and added in tile order afterwards.
// A panic inside f is raised again in the caller.
func Tiles(n, tile int, f func(lo, hi int)) {
	if n <= 0 {
		return
	}
	count := (n + tile - 1) / tile
	workers := min(runtime.GOMAXPROCS(0), count)
	if workers == 1 {
		for lo := 0; lo < n; lo += tile {
			f(lo, min(lo+tile, n))
		}
		return
	}
	run := tileRuns.Get().(*tileRun)
	run.n, run.tile, run.f = n, tile, f
	run.next.Store(0)
	run.wait.Add(workers - 1)
	for range workers - 1 {
		go run.help()
	}
	run.work()
	run.wait.Wait()
	p := run.panicked.Swap(nil)
	run.f = nil
	tileRuns.Put(run)
	if p != nil {
		panic(*p)
	}
}

// tileRun is the state shared by the goroutines of one Tiles call: a counter hands out tiles.
type tileRun struct {
	n, tile  int
	f        func(lo, hi int)
	help     func() // helper, bound once, so that starting it allocates nothing
	next     atomic.Int64
	wait     sync.WaitGroup
	panicked atomic.Pointer[any]
}

// tileRuns keeps the states between calls: a step makes hundreds.
var tileRuns = sync.Pool{New: func() any {
	r := new(tileRun)
	r.help = r.helper
	return r
}}

func (r *tileRun) helper() {
	defer r.wait.Done()
	r.work()
}

func (r *tileRun) work() {
	defer r.rescue()
	for {
		lo := int(r.next.Add(1)-1) * r.tile
		if lo >= r.n {
			return
		}
		r.f(lo, min(lo+r.tile, r.n))
	}
}

// rescue keeps the first panic for the caller.
func (r *tileRun) rescue() {
	if p := recover(); p != nil {
		first := p // p itself stays off the heap
		r.panicked.CompareAndSwap(nil, &first)
	}
}

// TileCount is the number of tiles that Tiles makes of n.
func TileCount(n, tile int) int { return (n + tile - 1) / tile }
