package ranks_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/dist/launch"
	"udml-gpu/engine/dist/nccl"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/shard"
)

// TestMain is also the program that the tests below start as ranks.
func TestMain(m *testing.M) {
	if mode := os.Getenv("UDML_NCCL_TEST"); mode != "" {
		err := rank(mode)
		fmt.Fprintf(os.Stderr, "ended: %v\n", err)
		if errors.As(err, new(*dist.PeerError)) {
			os.Exit(dist.ExitPeer)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// rank sums on its GPU until what the mode says happens.
func rank(mode string) error {
	r, err := ranks.Join(context.Background(), os.Getenv, time.Second, func(error) {}) // what TCP notices is not what is tested
	if err != nil {
		return err
	}
	dev, err := kernels.CUDA(r.LocalRank(), kernels.FP32)
	if err != nil {
		return err
	}
	defer dev.Close()
	g := shard.New(4, r)
	if err := nccl.Attach(g, dev, "here", r.Limit.Get, zerolog.New(os.Stderr)); err != nil {
		return err
	}
	r.Limit.InSteps(0)
	mode, fast := strings.CutPrefix(mode, "fast ")
	if fast {
		g.AddFast(nil)
	}
	if mode, ok := strings.CutPrefix(mode, "graph "); ok {
		return sumByGraph(g, dev, mode)
	}
	for round := range 100 {
		if mode == "right" && round == 3 {
			return nil
		}
		if mode == "killed" && r.Rank() == 1 && round == 2 {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		if mode == "hang" && r.Rank() == 1 && round == 2 {
			time.Sleep(4 * time.Second) // it does not come so far
			return nil
		}
		if err := sumOnce(g, dev, round); err != nil {
			return err
		}
	}
	return nil
}

// sumOnce adds up an array of the shards, and waits for the result.
func sumOnce(g *shard.Group, dev *kernels.Device, round int) error {
	const n = 40_000 // more than a rank forms alone
	first, last := g.Own()
	var parts []*kernels.Array
	for s := first; s < last; s++ {
		parts = append(parts, kernels.Of(dev, slices.Repeat([]float32{float32(s + round)}, n), n))
	}
	g.Sum("sum", parts[0], parts, []bool{true, true, true, true})
	got := kernels.Read[float32](parts[0])
	if err := errors.Join(dev.Err(), g.Err()); err != nil {
		return err
	}
	for i, v := range got {
		if v != float32(6+4*round) {
			return fmt.Errorf("element %d is %v", i, v)
		}
	}
	return nil
}

// sumByGraph sums by a graph that holds the exchanges. In mode hang one rank does not launch it a third time.
func sumByGraph(g *shard.Group, dev *kernels.Device, mode string) error {
	const n = 40_000
	first, last := g.Own()
	total, parts := dev.New(kernels.Float32, n), []*kernels.Array{}
	for s := first; s < last; s++ {
		parts = append(parts, dev.New(kernels.Float32, n))
	}
	sum := func() { g.Sum("sum", total, parts, []bool{true, true, true, true}) }
	sum() // takes the memory that it needs
	graph, err := dev.Capture(sum)
	if err != nil {
		return err
	}
	defer graph.Free()
	for round := range 5 {
		if mode == "hang" && g.Rank() == 1 && round == 2 {
			time.Sleep(4 * time.Second)
			return nil
		}
		for i, p := range parts {
			kernels.Write(p, slices.Repeat([]float32{float32(first + i + round)}, n))
		}
		graph.Launch()
		g.Launched("graph of sums")
		got := kernels.Read[float32](total)
		if err := errors.Join(dev.Err(), g.Err()); err != nil {
			return err
		}
		for i, v := range got {
			if v != float32(6+4*round) {
				return fmt.Errorf("element %d is %v in round %d", i, v, round)
			}
		}
	}
	return nil
}

// started runs two ranks in a mode, with variables added, and returns what they say.
func started(t *testing.T, mode string, env ...string) string {
	t.Helper()
	log, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	_, err = launch.Run(context.Background(), launch.Options{
		Ranks: 2, Command: []string{os.Args[0]}, Stdout: log, Stderr: log,
		Env: append(append(os.Environ(), "UDML_NCCL_TEST="+mode), env...),
	})
	said, failed := os.ReadFile(log.Name())
	if err = errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// TestNCCL: ranks that sum on their GPUs by NCCL, also by a graph; one that is killed, and one that does not come, are noticed by the
// device that waits.
func TestNCCL(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		parity.Graphs(t)
		var env []string
		if parity.Emulated(t) {
			env = append(env, "UDML_EMU_DEVICES=2", "UDML_LIBNCCL="+parity.StandInAt(t, "../../..", "libnccl.so.2"))
		} else if kernels.CUDACount() < 2 {
			parity.LeaveOut(t, "needs two GPUs")
		}
		if check := strings.Replace(os.Getenv("UDML_LIBCUDA"), "/plain/", "/check/", 1); parity.Emulated(t) && isFile(check) {
			for _, mode := range []string{"right", "graph right", "fast right", "fast graph right"} {
				if said := started(t, mode, append(env, "UDML_LIBCUDA="+check)...); strings.Count(said, "ended: <nil>") != 2 {
					t.Errorf("%s with checks:\n%s", mode, said)
				}
			}
		}
		for mode, want := range map[string][]string{
			"right":  {"ended: <nil>", "rank 1: ended: <nil>", "exchange arrays by NCCL"},
			"killed": {"ended: another rank: NCCL failed: remote process exited", "exchange arrays by NCCL"},
			"hang":   {"ended: another rank: no answer in 1 s (sum)", "exchange arrays by NCCL"},

			"fast right":       {"ended: <nil>", "rank 1: ended: <nil>", "exchange arrays by NCCL"},
			"fast hang":        {"ended: another rank: no answer in 1 s (sum)", "exchange arrays by NCCL"},
			"fast graph right": {"ended: <nil>", "rank 1: ended: <nil>", "exchange arrays by NCCL"},

			"graph right": {"ended: <nil>", "rank 1: ended: <nil>", "exchange arrays by NCCL"},
			"graph hang":  {"ended: another rank: no answer in 1 s (graph of sums)", "exchange arrays by NCCL"},
		} {
			start := time.Now()
			said := started(t, mode, env...)
			for _, w := range want {
				if !strings.Contains(said, w) {
					t.Errorf("%s: %q is not in\n%s", mode, w, said)
				}
			}
			if mode == "killed" && time.Since(start) > 20*time.Second {
				t.Errorf("it took %v", time.Since(start))
			}
		}
	})
}

func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
