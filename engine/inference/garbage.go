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
