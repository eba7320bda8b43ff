package survey

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// TestOf: ranks on two hosts, told apart by their names, see one folder and each other.
func TestOf(t *testing.T) {
	for _, ranks := range []int{2, 3} {
		hosts, folder := []string{"a", "a", "b"}[:ranks], t.TempDir()
		all := make([]*Survey, ranks)
		shardtest.Run(t, ranks, func(c shard.Carrier) {
			var err error
			own := folder
			if c.Rank() > 0 {
				own = "elsewhere" // that of rank 0 counts
			}
			if all[c.Rank()], err = Of(c, hosts, "cpu", own); err != nil {
				t.Error(err)
			}
		})
		if t.Failed() {
			return
		}
		for _, s := range all {
			if len(s.Ranks) != ranks || len(s.Warnings) != 0 || s.Folder != folder {
				t.Fatalf("%d ranks: %+v", ranks, s)
			}
			if (s.BetweenHosts != nil) != (ranks == 3) || !(s.WithinHost.Latency > 0 && s.WithinHost.BytesPerSecond > 0) {
				t.Errorf("%d ranks: links %v and %v", ranks, s.WithinHost, s.BetweenHosts)
			}
			for i, r := range s.Ranks {
				if r.Rank != i || r.Host != hosts[i] || r.PID != os.Getpid() || r.Cores < 1 || !r.SeesFolder || r.Device != "cpu" {
					t.Errorf("rank %d is %+v", i, r)
				}
				if !(math.Abs(r.ClockSkew) <= s.ClockError) { // one clock
					t.Errorf("rank %d is %g s off, measured to %g", i, r.ClockSkew, s.ClockError)
				}
			}
		}
		if left, _ := os.ReadDir(folder); len(left) > 0 {
			t.Errorf("%v is left in the folder", left)
		}
	}
}

// TestNotYet: of a folder that a run would make, the nearest one above that exists is looked at.
func TestNotYet(t *testing.T) {
	folder := t.TempDir()
	shardtest.Run(t, 2, func(c shard.Carrier) {
		s, err := Of(c, []string{"a", "a"}, "cpu", filepath.Join(folder, "runs", "a"))
		if err != nil || s.Folder != folder || !s.Ranks[1].SeesFolder {
			t.Errorf("rank %d: %+v, %v", c.Rank(), s, err)
		}
	})
}

// TestUnwritable: a folder that rank 0 cannot write to is an error on all ranks.
func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	shardtest.Run(t, 2, func(c shard.Carrier) {
		_, err := Of(c, []string{"a", "a"}, "cpu", file)
		if err == nil || !strings.Contains(err.Error(), file+" cannot be written by rank 0") {
			t.Errorf("rank %d: %v", c.Rank(), err)
		}
	})
}

// late is a carrier whose rank's messages with times are so late.
type late struct {
	shard.Carrier
	by time.Duration
}

func (l late) Exchange(op string, to, from [][]byte) error {
	if op == "tell the time" && l.Rank() == 1 {
		now := time.Now().Add(l.by).UnixNano()
		for i := range 8 {
			to[0][i] = byte(now >> (8 * i))
		}
	}
	return l.Carrier.Exchange(op, to, from)
}

// TestClocks: a clock that goes ahead is found, and is worth a warning.
func TestClocks(t *testing.T) {
	shardtest.Run(t, 3, func(c shard.Carrier) {
		s, err := Of(late{c, 90 * time.Second}, []string{"a", "b", "c"}, "cpu", t.TempDir())
		if err != nil {
			t.Error(err)
			return
		}
		if got := s.Ranks[1].ClockSkew; !(math.Abs(got-90) <= s.ClockError+0.1) || math.Abs(s.Ranks[2].ClockSkew) > s.ClockError {
			t.Errorf("the clocks are %g and %g s off, measured to %g", got, s.Ranks[2].ClockSkew, s.ClockError)
		}
		want := "the clock of rank 1 on b is 90.0 s off that of rank 0: times in logs do not compare"
		if !slices.Contains(s.Warnings, want) {
			t.Errorf("%q lack %q", s.Warnings, want)
		}
	})
}

// TestWarnings: what hinders a run is said.
func TestWarnings(t *testing.T) {
	good := func(n int) Rank {
		return Rank{
			Rank: n, Host: "a", Device: "cuda:0 H100", UUID: fmt.Sprint("GPU-", n), SeesFolder: true, SharedMemory: 8 << 30,
		}
	}
	for want, change := range map[string]func(r *Rank){
		"": func(*Rank) {},
		"rank 0 on a and rank 1 on a use the same GPU (GPU-0): start one rank":          func(r *Rank) { r.UUID = "GPU-0" },
		"rank 1 on a computes on cpu, and rank 0 on cuda:0 H100":                        func(r *Rank) { r.UUID, r.Device = "", "cpu" },
		"rank 1 on a does not see what rank 0 writes into runs: --out has to be on":     func(r *Rank) { r.SeesFolder = false },
		"/dev/shm of rank 1 on a has 64 MiB: libraries for several GPUs want 1 GiB":     func(r *Rank) { r.SharedMemory = 64 << 20 },
		"the clock of rank 1 on a is -3.0 s off that of rank 0: times in logs do not c": func(r *Rank) { r.ClockSkew = -3 },
	} {
		s := &Survey{Folder: "runs", Ranks: []Rank{good(0), good(1)}}
		change(&s.Ranks[1])
		s.warn()
		if n := len(s.Warnings); want == "" && n > 0 || want != "" && (n != 1 || !strings.HasPrefix(s.Warnings[0], want)) {
			t.Errorf("%q, want %q", s.Warnings, want)
		}
	}
}

// TestNodes: the NUMA nodes of the cores that a process may use.
func TestNodes(t *testing.T) {
	root := t.TempDir()
	for n, list := range []string{"0-3,8-11\n", "4-7,12\n", "\n"} {
		dir := filepath.Join(root, fmt.Sprint("node", n))
		if os.Mkdir(dir, 0o777) != nil || os.WriteFile(filepath.Join(dir, "cpulist"), []byte(list), 0o666) != nil {
			t.Fatal("no files")
		}
	}
	for _, c := range []struct{ cores, want []int }{{[]int{9}, []int{0}}, {[]int{3, 12}, []int{0, 1}}, {[]int{13}, nil}, {nil, nil}} {
		var set unix.CPUSet
		for _, core := range c.cores {
			set.Set(core)
		}
		if got := nodes(root, &set); !slices.Equal(got, c.want) {
			t.Errorf("cores %v are of nodes %v, want %v", c.cores, got, c.want)
		}
	}
}
