package machine

import (
	"math"
	"runtime"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/sys/unix"
)

// processLimit is a limit of the process and what it uses of it, in bytes.
type processLimit struct{ limit, used int64 }

// processLimits are the limits of the process (ulimit -v and -d): of its addresses, and of what it may write to.
func processLimits() []processLimit {
	var list []processLimit
	for _, r := range []struct {
		resource int
		used     string
	}{{unix.RLIMIT_AS, "VmSize:"}, {unix.RLIMIT_DATA, "VmData:"}} {
		var l unix.Rlimit
		if unix.Getrlimit(r.resource, &l) == nil && l.Cur <= math.MaxInt64 {
			list = append(list, processLimit{int64(l.Cur), meminfo("/proc/self/status", r.used)})
		}
	}
	return list
}

// keepBelowLimits has the garbage collector run sooner rather than let the program meet a limit that garbage alone brings near. Where there
// is no limit, or GOMEMLIMIT says what to do, it does nothing. What is computed does not depend on it.
func keepBelowLimits() {
	// An error is a control group that cannot be read: no limit is known then.
	_, _ = memlimit.Set(memlimit.WithProvider(func() (uint64, error) {
		limit, err := memlimit.FromCgroup()
		if err != nil {
			limit = math.MaxInt64
		}
		for _, l := range processLimits() {
			limit = min(limit, uint64(max(l.limit-l.used, 0))+memoryOfGo())
		}
		if limit >= math.MaxInt64 {
			return 0, memlimit.ErrNoLimit
		}
		return limit, nil
	}))
}

// memoryOfGo is what the garbage collector's limit counts.
func memoryOfGo() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}
