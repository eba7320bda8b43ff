package machine

import "syscall"

// PeakMemory is the largest resident set of this process so far, in bytes; 0 where the system does not tell.
func PeakMemory() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Maxrss << 10 // Linux counts KiB
}
