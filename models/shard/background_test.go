package shard_test

import (
	"testing"
	"time"

	"udml-gpu/kernels"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// begun is Sum in the background, while the rank exchanges something else that waits for it.
func begun(g *shard.Group, by shard.Transport, op string, dst *kernels.Array, parts []*kernels.Array, live []bool) {
	g.BeginSum(by, op, dst, parts, live)
	g.Agree("meanwhile", 1)
	g.Wait()
}

func TestBeginSum(t *testing.T) {
	live := []bool{true, true, false, true, true}
	for _, n := range []int{33, 17_001} {
		for ranks := 1; ranks <= 5; ranks++ {
			shardtest.Run(t, ranks, wantSum(t, kernels.CPU(), shard.Exact, kernels.Float32, 5, n, live, begun))
		}
		shardtest.RunOn(t, []string{"a", "a", "b"}, wantSum(t, kernels.CPU(), shard.Exact, kernels.Float32, 5, n, live, begun))
	}
}

// TestSumsInTheirOrder: sums that ranks begin at different times, and gathers between them, meet those of the other ranks.
func TestSumsInTheirOrder(t *testing.T) {
	const sums, n = 5, 20_000
	shardtest.Run(t, 3, func(c shard.Carrier) {
		g, live := shard.New(3, c), []bool{true, true, true}
		arrays := make([]*kernels.Array, sums)
		for i := range arrays {
			arrays[i] = kernels.CPU().New(kernels.Float32, n+i)
			kernels.Data[float32](arrays[i])[0] = float32(i * (1 + c.Rank()))
			time.Sleep(time.Duration(c.Rank()*i) * time.Millisecond)
			g.BeginSum(shard.Exact, "sum", arrays[i], arrays[i:i+1], live)
			if i == 2 {
				if got := g.Agree("agree", 1<<c.Rank()); got != 7 {
					t.Errorf("rank %d: %b", c.Rank(), got)
				}
			}
		}
		g.Wait()
		for i, a := range arrays {
			if got := kernels.Data[float32](a)[0]; got != float32(6*i) || g.Err() != nil {
				t.Errorf("rank %d, sum %d: %g, want %d (%v)", c.Rank(), i, got, 6*i, g.Err())
			}
		}
	})
}

// TestErrorInTheBackground: the first error is that of the group, and nothing more is exchanged.
func TestErrorInTheBackground(t *testing.T) {
	f := &failing{}
	g := shard.New(2, f)
	for range 2 {
		a := part(kernels.Float32, 0, 3)
		g.BeginSum(shard.Exact, "sum", a, []*kernels.Array{a}, []bool{true, true})
	}
	if g.Agree("agree", 2) != 2 || f.calls != 1 || g.Err() == nil || g.Err().Error() != "call 1 fails" {
		t.Errorf("%d calls, %v", f.calls, g.Err())
	}
}
