// Package criteria judges a network without labels, by figures that no training loss optimises, and chooses between the network that
// training began with and what it has become. docs/selection.md has how far the figures agree with labels.
package criteria

import (
	"udml-gpu/engine/eval"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// Sample is the most images that Measure is given: the standard error of a share of so many is below 0.016.
const Sample = 1024

// ReliabilitySample is the most images of which a run without training measures Reliability: it costs three forward passes of each. The
// standard error of a share of so many is below 0.032.
const ReliabilitySample = 256

// Fewest is the fewest images by which networks are compared: below it the figures are chance.
const Fewest = 64

// Views is how many random views of an image (View) Measure is given.
const Views = 2

// Figures are what is measured of a network. Rank and Overlap decide from pretrained weights, PooledRank from scratch (KeepTrained); the
// others are for comparison.
type Figures struct {
	PooledRank float64 `json:"pooled_rank"`       // eval.EffectiveRank of the pooled features, before any whitening; more is better
	Rank       float64 `json:"rank"`              // eval.EffectiveRank of the embedding; more is better
	LiDAR      float64 `json:"lidar"`             // LiDAR, from 1; more is better
	Overlap    float64 `json:"neighbour_overlap"` // NeighbourOverlap, 0 to 1; more is better
	Stability  float64 `json:"cluster_stability"` // ClusterStability, up to 1; more is better
	Hubness    float64 `json:"hubness"`           // Hubness; less is better
}

// Measure is the figures of a network that makes of N images, 2 or more, the pooled features [N,C] and the embedding x
// [(1 + Views) N,D] float32, finite: that of the centre crops, then of the first random view of each image (View), then of the second. The
// ranks of g, which may be nil, have the same rows and get the same figures. It waits for the device. The error is that of a rank that is
// gone.
func Measure(pooled, x *kernels.Array, seed uint64, g *shard.Group) (Figures, error) {
	n := pooled.Dim(0)
	centre, a, b := x.Rows(0, n), x.Rows(n, 2*n), x.Rows(2*n, 3*n)
	f := Figures{
		Overlap: Reliability(x), Stability: ClusterStability(a, b, seed), LiDAR: LiDAR(x, 1+Views),
		Hubness: Hubness(centre, neighbours), PooledRank: eval.EffectiveRank(pooled), Rank: eval.EffectiveRank(centre),
	}
	return f, g.Err()
}

// neighbours is how many of an image are looked at.
const neighbours = 5
