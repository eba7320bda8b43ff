package inference

import (
	"os"
	"runtime"
	"runtime/debug"
)

// garbage is how many bytes of garbage a pass may pile up beside what is alive. The collector's usual allowance is as much as is
// alive: the list of a large set would then take twice its size, for no use.
const garbage = 6 << 20

// leastPercent bounds how often the collector runs for it.
const leastPercent = 20

// sparePercent is leastPercent for short work.
const sparePercent = 10

// SpareGarbage is BoundGarbage for short work, such as the making of a list, in which what is alive grows: garbage is bounded by a small
// part of it.
func SpareGarbage() (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(sparePercent)
	return func() { debug.SetGCPercent(was) }
}

// BoundGarbage sets the collector's allowance for a pass over images and gives a function that puts back what it was. GOGC in the
// environment stands.
func BoundGarbage() (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	was := debug.SetGCPercent(min(100, max(leastPercent, int(100*garbage/max(1, m.HeapAlloc)))))
	return func() { debug.SetGCPercent(was) }
}
