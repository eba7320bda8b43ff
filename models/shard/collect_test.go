package shard_test

import (
	"bytes"
	"testing"

	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// TestCollect: rank 0, or every rank, gets bytes of other lengths from each rank, in their order.
func TestCollect(t *testing.T) {
	if got := (*shard.Group)(nil).Collect("", []byte("own"), false); len(got) != 1 || string(got[0]) != "own" {
		t.Error(got)
	}
	of := func(rank, round int) []byte { return bytes.Repeat([]byte{byte(rank)}, (rank*3+round)%4) }
	for ranks := 2; ranks <= 4; ranks++ {
		shardtest.Run(t, ranks, func(c shard.Carrier) {
			g := shard.New(ranks, c)
			for round := range 5 {
				all := round%2 == 1
				got := g.Collect("collect", of(c.Rank(), round), all)
				if g.Err() != nil || !all && c.Rank() > 0 && got != nil {
					t.Errorf("rank %d: %v (%v)", c.Rank(), got, g.Err())
				}
				if !all && c.Rank() > 0 {
					continue
				}
				for r := range ranks {
					if len(got) != ranks || !bytes.Equal(got[r], of(r, round)) {
						t.Fatalf("rank %d of %d, round %d: %v", c.Rank(), ranks, round, got)
					}
				}
			}
			b := []byte{byte(c.Rank() + 7)}
			if g.FromFirst("first", b); b[0] != 7 {
				t.Errorf("rank %d has %v from rank 0", c.Rank(), b)
			}
		})
	}
	if g := shard.New(2, &failing{}); g.Collect("collect", nil, true) != nil || g.Err() == nil {
		t.Error("an exchange that fails gives something")
	}
}

// boasting is a carrier whose rank 1 says that it brings 4 GiB.
type boasting struct{}

func (boasting) Rank() int { return 0 }
func (boasting) Size() int { return 2 }
func (boasting) Exchange(_ string, _, from [][]byte) error {
	copy(from[1], "\xff\xff\xff\xff")
	return nil
}

// TestCollectTakesNoMemoryForALie: a length beyond the limit is an error.
func TestCollectTakesNoMemoryForALie(t *testing.T) {
	if g := shard.New(2, boasting{}); g.Collect("collect", nil, true) != nil || g.Err() == nil {
		t.Error("4 GiB were taken")
	}
}
