package machine

import (
	"bytes"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// AvailableMemory is what this process can still take, in bytes: the machine's, or less by the limits of its control group and of the
// process. 0: unknown.
func AvailableMemory() int64 {
	free := meminfo("/proc/meminfo", "MemAvailable:")
	limit := number("/sys/fs/cgroup/memory.max")
	if used := number("/sys/fs/cgroup/memory.current"); limit > 0 && used > 0 && limit-used < free {
		free = limit - used + meminfo("/sys/fs/cgroup/memory.stat", "inactive_file")
	}
	if group, err := memlimit.FromCgroup(); err == nil {
		free = least(free, int64(min(group, math.MaxInt64))-meminfo("/proc/self/status", "RssAnon:"))
	}
	for _, l := range processLimits() {
		free = least(free, l.limit-l.used)
	}
	return max(free, 0)
}

// least is the smaller of two amounts of memory of which the first is unknown when it is 0. What is known is at least one byte.
func least(known, also int64) int64 {
	if known == 0 || also < known {
		return max(also, 1)
	}
	return known
}

// number is the one in the file, or 0.
func number(path string) int64 {
	b, _ := os.ReadFile(path)
	n, _ := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64)
	return n
}

// meminfo is the figure behind name in the file, in bytes, or 0.
func meminfo(path, name string) int64 {
	b, _ := os.ReadFile(path)
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != name {
			continue
		}
		n, _ := strconv.ParseInt(fields[1], 10, 64)
		if len(fields) == 3 && fields[2] == "kB" {
			n <<= 10
		}
		return n
	}
	return 0
}
