// Package survey has the ranks of a run look at their machines and at each other, for doctor.
package survey

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/scaling/collectives"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// Rank is one process of the run, as it sees itself.
type Rank struct {
	Rank         int     `json:"rank"`
	Host         string  `json:"host"`
	PID          int     `json:"pid"`
	Device       string  `json:"device"`
	UUID         string  `json:"gpu_uuid,omitempty"`
	Cores        int     `json:"cores"`                // that the system lets it use
	NUMA         []int   `json:"numa_nodes,omitempty"` // of these cores
	SharedMemory int64   `json:"shared_memory_bytes"`  // size of /dev/shm; 0: none
	MemLock      int64   `json:"memlock_bytes"`        // that it may lock; -1: no limit
	SeesFolder   bool    `json:"sees_folder"`          // a file that rank 0 has just written
	ClockSkew    float64 `json:"clock_skew_seconds"`   // of its clock against that of rank 0
}

// Survey is what rank 0 prints.
type Survey struct {
	Launcher     string            `json:"launcher"`
	Why          string            `json:"found_by"` // variables
	Ranks        []Rank            `json:"ranks"`
	Folder       string            `json:"folder"`
	ClockError   float64           `json:"clock_error_seconds"` // of ClockSkew, at most
	WithinHost   *collectives.Link `json:"within_host,omitempty"`
	BetweenHosts *collectives.Link `json:"between_hosts,omitempty"`
	Warnings     []string          `json:"warnings"`
}

// Of looks at all ranks. hosts are the names of their machines, device is what --device says, folder is where a run is to be written: of
// one that does not exist yet the nearest above it is looked at. All ranks call it; the result is the same on all of them.
func Of(c shard.Carrier, hosts []string, device, folder string) (*Survey, error) {
	g := shard.New(c.Size(), c)
	folder = g.Share("name the folder", existing(folder))
	sees, err := seen(g, folder)
	if err != nil {
		return nil, err
	}
	skew, inexact := clocks(c)
	own := here(hosts, g.Rank(), device)
	own.SeesFolder = sees
	s := &Survey{Folder: folder, Warnings: []string{}}
	if s.Ranks, err = gather(g, own); err != nil {
		return nil, err
	}
	measured, err := json.Marshal(skewOf{skew, inexact})
	if err != nil {
		return nil, err
	}
	var of skewOf
	text := g.Share("compare clocks", string(measured))
	if err := g.Err(); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &of); err != nil || len(of.Skew) != len(s.Ranks) {
		return nil, fmt.Errorf("rank 0 has sent %q as clocks", text)
	}
	s.ClockError = of.Inexact
	for r := range s.Ranks {
		s.Ranks[r].ClockSkew = of.Skew[r]
	}
	if s.WithinHost, s.BetweenHosts, err = collectives.Links(c, hosts); err != nil {
		return nil, err
	}
	s.warn()
	return s, nil
}

// gather has all ranks know what each says of itself.
func gather(g *shard.Group, own Rank) ([]Rank, error) {
	text, err := json.Marshal(own)
	if err != nil {
		return nil, err
	}
	var list []Rank
	for r, text := range g.Texts("gather what ranks see", string(text)) {
		var one Rank
		if err := json.Unmarshal([]byte(text), &one); err != nil && g.Err() == nil {
			return nil, fmt.Errorf("rank %d has sent %q: %w", r, text, err)
		}
		list = append(list, one)
	}
	return list, g.Err()
}

type skewOf struct {
	Skew    []float64
	Inexact float64
}

// here is this process.
func here(hosts []string, rank int, device string) Rank {
	r := Rank{Rank: rank, Host: hosts[rank], PID: os.Getpid(), Device: "cpu", MemLock: -1}
	var info unix.Statfs_t
	if unix.Statfs("/dev/shm", &info) == nil {
		r.SharedMemory = int64(info.Blocks) * info.Bsize
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil && limit.Cur != unix.RLIM_INFINITY {
		r.MemLock = int64(min(limit.Cur, 1<<62))
	}
	var cores unix.CPUSet
	if unix.SchedGetaffinity(0, &cores) == nil {
		r.Cores, r.NUMA = cores.Count(), nodes("/sys/devices/system/node", &cores)
	}
	if n := kernels.CUDACount(); n > 0 && device != "cpu" {
		at := 0
		for _, h := range hosts[:rank] { // the ranks of a host take its GPUs in turn
			if h == hosts[rank] {
				at++
			}
		}
		at %= n
		_, _ = fmt.Sscanf(device, "cuda:%d", &at)
		if gpu, err := kernels.FindCUDA(at); err == nil {
			r.Device, r.UUID = fmt.Sprintf("cuda:%d %s", at, gpu.Name), gpu.UUID
		}
	}
	return r
}

// nodes are the NUMA nodes that have some of the cores.
func nodes(root string, cores *unix.CPUSet) []int {
	var list []int
	for n := 0; ; n++ {
		b, err := os.ReadFile(filepath.Join(root, fmt.Sprintf("node%d", n), "cpulist"))
		if err != nil {
			return list
		}
		for _, part := range strings.Split(strings.TrimSpace(string(b)), ",") {
			first, last := 0, 0
			if k, _ := fmt.Sscanf(part, "%d-%d", &first, &last); k == 1 {
				last = first
			} else if k == 0 {
				continue
			}
			if anySet(cores, first, min(last, first+1<<12)) {
				list = append(list, n)
				break
			}
		}
	}
}

func anySet(cores *unix.CPUSet, first, last int) bool {
	for i := first; i <= last; i++ {
		if cores.IsSet(i) {
			return true
		}
	}
	return false
}

// existing is the folder itself or, since a run makes its own, the nearest one above it that exists.
func existing(folder string) string {
	for {
		_, err := os.Lstat(folder)
		above := filepath.Dir(folder)
		if err == nil || above == folder {
			return folder
		}
		folder = above
	}
}

// seen says whether this rank sees a file that rank 0 writes into the folder.
func seen(g *shard.Group, folder string) (bool, error) {
	name, problem := "", ""
	if g.Rank() == 0 {
		f, err := os.CreateTemp(folder, ".udml-doctor-*")
		if err == nil {
			name = filepath.Base(f.Name())
			defer func() { _ = os.Remove(f.Name()) }() // a leftover is empty and hidden
			err = f.Close()
		}
		if err != nil {
			problem = err.Error()
		}
	}
	if problem = g.Share("name a file", problem); problem != "" {
		return false, baddata.Errorf("the folder %s cannot be written by rank 0 (%s): name another with --out", folder, problem)
	}
	name = g.Share("name a file", name)
	sees := false
	for try := 0; try < 5 && !sees && g.Err() == nil; try++ {
		if try > 0 {
			time.Sleep(300 * time.Millisecond) // a network file system may show it late
		}
		_, err := os.Stat(filepath.Join(folder, name))
		sees = err == nil
	}
	g.Agree("look for a file", 0) // rank 0 removes it when all have looked
	return sees, g.Err()
}

// host is for messages.
func (r Rank) host() string { return fmt.Sprintf("rank %d on %s", r.Rank, r.Host) }

// leastShared is the size of /dev/shm that libraries for several GPUs want; containers have 64 MiB where nothing else is said.
const leastShared = 1 << 30

// warn adds sentences on what will hinder a run.
func (s *Survey) warn() {
	add := func(format string, a ...any) { s.Warnings = append(s.Warnings, fmt.Sprintf(format, a...)) }
	gpus := map[string]Rank{}
	for _, r := range s.Ranks {
		if first, twice := gpus[r.UUID]; twice && r.UUID != "" {
			add("%s and %s use the same GPU (%s): start one rank for each GPU", first.host(), r.host(), r.UUID)
		} else {
			gpus[r.UUID] = r
		}
		if (r.UUID == "") != (s.Ranks[0].UUID == "") {
			add("%s computes on %s, and rank 0 on %s: a run wants one kind of device", r.host(), r.Device, s.Ranks[0].Device)
		}
		if !r.SeesFolder {
			add("%s does not see what rank 0 writes into %s: --out has to be on a file system that all hosts share", r.host(), s.Folder)
		}
		if late := max(r.ClockSkew, -r.ClockSkew) - s.ClockError; late > 1 {
			add("the clock of %s is %.1f s off that of rank 0: times in logs do not compare", r.host(), r.ClockSkew)
		}
		if r.UUID != "" && r.SharedMemory < leastShared {
			add("/dev/shm of %s has %d MiB: libraries for several GPUs want 1 GiB (docker run --shm-size 8g)", r.host(), r.SharedMemory>>20)
		}
	}
}
