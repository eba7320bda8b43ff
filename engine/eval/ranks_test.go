package eval

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// likeness is an embedding of n images of so many classes, whose classes overlap.
func likeness(n, classes, d int) (*kernels.Array, []int32) {
	dev := kernels.CPU()
	x, centre := optest.Uniform(dev, kernels.Float32, 1, -1, 1, n, d), optest.Uniform(dev, kernels.Float32, 2, -1, 1, classes, d)
	labels := make([]int32, n)
	for i := range n {
		labels[i] = int32(i % classes)
		for k := range d {
			optest.Set(x, i*d+k, optest.Get(x, i*d+k)+optest.Get(centre, int(labels[i])*d+k))
		}
	}
	return x, labels
}

// TestRanksScoreTheSame: scores, and what is found on the way, are the same on one and on several ranks, with and without queries and a
// gallery, of 101 images and of more than are searched for at a time, and of fewer than there are ranks; with more and with fewer starts of
// k-means than ranks, of which another one is the best in each case.
func TestRanksScoreTheSame(t *testing.T) {
	every := func(n, from, to int) (list []int32) {
		for i := range n {
			if i%7 >= from && i%7 < to {
				list = append(list, int32(i))
			}
		}
		return list
	}
	for _, c := range []struct {
		n, classes int
		roles      bool
		starts     int
		seed       uint64
	}{{101, 7, false, 2, 5}, {101, 9, true, 5, 1}, {101, 9, false, 3, 2}, {4, 2, false, 1, 5}, {searchBlock + 700, 12, false, 2, 5}} {
		x, labels := likeness(c.n, c.classes, 6)
		o := Options{Restarts: c.starts, Iterations: 3, Seed: c.seed}
		if c.roles {
			o.Queries, o.Gallery = every(c.n, 0, 3), every(c.n, 3, 7)
		}
		want, err := EvaluateLabelled(context.Background(), x, labels, o)
		if err != nil {
			t.Fatal(err)
		}
		views, _ := ViewRecall(x, nil)
		nearest, _ := NearestOther(x, nil)
		for ranks := 1; ranks <= 5; ranks++ {
			shardtest.Run(t, ranks, func(carrier shard.Carrier) {
				g := shard.New(ranks+2, carrier)
				o := o
				polls := 0
				o.Group, o.Poll = g, func() error { polls++; return g.Err() }
				got, err := EvaluateLabelled(context.Background(), x, labels, o)
				if polls < 2 || c.starts == 5 && ranks == 5 && polls > 30 { // one rank tries five starts, and polls 66 times
					t.Errorf("%+v, %d ranks: %d polls", c, ranks, polls)
				}
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%+v, %d ranks: %+v, want %+v (%v)", c, ranks, got, want, err)
				}
				if got, err := ViewRecall(x, g); err != nil || got != views {
					t.Errorf("%+v, %d ranks: view recall %g, want %g (%v)", c, ranks, got, views, err)
				}
				if got, err := NearestOther(x, g); err != nil || !slices.Equal(kernels.Read[int32](got), kernels.Read[int32](nearest)) {
					t.Errorf("%+v, %d ranks: other neighbours (%v)", c, ranks, err)
				}
			})
		}
	}
}

// TestFromBest: of ranks with starts the first that has found the smallest inertia gives its labels to all; one without starts never does.
func TestFromBest(t *testing.T) {
	for _, c := range []struct {
		inertia []float64
		starts  []int
		want    int32
	}{
		{[]float64{3, 2, 4}, []int{0, 1, 2, 3}, 1},
		{[]float64{2, 2, 2}, []int{0, 1, 2, 3}, 0},
		{[]float64{0, 0, 5}, []int{0, 0, 0, 1}, 2},
		{[]float64{0, 7, 5}, []int{0, 0, 1, 2}, 2},
	} {
		shardtest.Run(t, 3, func(carrier shard.Carrier) {
			rank := int32(carrier.Rank())
			labels := []int32{rank, rank, rank}
			err := fromBest(shard.New(3, carrier), c.starts, c.inertia[rank], labels)
			if err != nil || !slices.Equal(labels, []int32{c.want, c.want, c.want}) {
				t.Errorf("%+v, rank %d: %v (%v)", c, rank, labels, err)
			}
		})
	}
}

// TestPollEndsAnEvaluation: an error of Poll is that of Evaluate, in the search and in the k-means.
func TestPollEndsAnEvaluation(t *testing.T) {
	x, labels := likeness(101, 7, 6)
	gone := errors.New("gone")
	for after := range 4 {
		polls := 0
		_, err := Evaluate(context.Background(), x, labels, Options{Restarts: 3, Seed: 5, Poll: func() error {
			if polls++; polls > after {
				return gone
			}
			return nil
		}})
		if !errors.Is(err, gone) {
			t.Errorf("after %d calls: %v", after, err)
		}
	}
}

// TestALostRankEndsAnEvaluation: the others give the error of the carrier.
func TestALostRankEndsAnEvaluation(t *testing.T) {
	x, labels := likeness(101, 7, 6)
	shardtest.Run(t, 3, func(carrier shard.Carrier) {
		if carrier.Rank() == 1 {
			return
		}
		g := shard.New(3, carrier)
		if _, err := Evaluate(context.Background(), x, labels, Options{Restarts: 1, Group: g}); err == nil || g.Err() == nil {
			t.Error("scores without a rank")
		}
		if _, err := ViewRecall(x, g); err == nil {
			t.Error("view recall without a rank")
		}
	})
}
