package machine

import (
	"math"
	"runtime"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/sys/unix"
)

// processLimit is a limit of the process and how much of it is used, in bytes.
type processLimit struct{ limit, used int64 }

// processLimits are the limits of the process on address space (ulimit -v) and on writable memory (ulimit -d).
func processLimits() []processLimit {
	var list []processLimit
	for _, r := range []struct {
		resource int
		used     string
	}{{unix.RLIMIT_AS, "VmSize:"}, {unix.RLIMIT_DATA, "VmData:"}} {
		var l unix.Rlimit
		if unix.Getrlimit(r.resource, &l) == nil && l.Cur <= math.MaxInt64 {
			list = append(list, processLimit{int64(l.Cur), readAmount("/proc/self/status", r.used)})
		}
	}
	return list
}

// keepBelowLimits makes the garbage collector run earlier when memory comes near a limit, so that garbage alone does not
// exceed it. Without a limit, or with GOMEMLIMIT set, it does nothing. Results do not depend on it.
func keepBelowLimits() {
	// An error means that the control group cannot be read: then no limit is known.
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

// memoryOfGo is the memory that the garbage collector's limit counts, in bytes.
func memoryOfGo() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}
