package machine

import (
	"bytes"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// AvailableMemory is the memory that this process can still take, in bytes: that of the machine, or less where its control
// group or the process has a limit. 0: unknown.
func AvailableMemory() int64 {
	free := readAmount("/proc/meminfo", "MemAvailable:")
	limit := readNumber("/sys/fs/cgroup/memory.max")
	if used := readNumber("/sys/fs/cgroup/memory.current"); limit > 0 && used > 0 && limit-used < free {
		free = limit - used + readAmount("/sys/fs/cgroup/memory.stat", "inactive_file")
	}
	if group, err := memlimit.FromCgroup(); err == nil {
		free = smaller(free, int64(min(group, math.MaxInt64))-readAmount("/proc/self/status", "RssAnon:"))
	}
	for _, l := range processLimits() {
		free = smaller(free, l.limit-l.used)
	}
	return max(free, 0)
}

// smaller is the smaller of two amounts of memory; known is unknown if it is 0. The result is at least 1, so that an
// exceeded limit does not read as unknown.
func smaller(known, also int64) int64 {
	if known == 0 || also < known {
		return max(also, 1)
	}
	return known
}

// readNumber is the number in the file, or 0.
func readNumber(path string) int64 {
	b, _ := os.ReadFile(path)
	n, _ := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64)
	return n
}

// readAmount is the amount that follows name in the file, in bytes, or 0.
func readAmount(path, name string) int64 {
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
