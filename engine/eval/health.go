package eval

import (
	"math"

	"udml-gpu/engine/whiten"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// EffectiveRank is the number of directions that an embedding [N,D] effectively uses, from 1 to min(N,D): exp of the entropy of
// its singular values (not centred, not squared) divided by their sum. It is RankMe (Garrido et al., ICML 2023; Roy
// and Vetterli, EUSIPCO 2007). It is 0 where undefined: if all values are zero or one is not finite. It is computed
// on the host.
func EffectiveRank(emb *kernels.Array) float64 {
	host := kernels.Wrap(kernels.CPU(), hostValues(emb), emb.Shape()...)
	if !finite(kernels.Data[float32](host)) {
		return 0
	}
	s, sum := whiten.SingularValues(host), 0.0
	for _, v := range s {
		sum += v
	}
	if !(sum > 0) {
		return 0
	}
	h := 0.0
	for _, v := range s {
		if p := v / sum; p > 0 {
			h -= p * math.Log(p)
		}
	}
	return math.Exp(h)
}

// Agreement is the mean cosine of the two views of each image, rows i and B+i of f [2B,D] float32, from -1 to 1. It is also near
// 1 in a collapsed network. 0 without rows. It is computed on the host, and waits for f.
func Agreement(f *kernels.Array) float64 {
	b, d, x := f.Dim(0)/2, f.Dim(1), hostValues(f)
	if b == 0 {
		return 0
	}
	sum := 0.0
	for i := range b {
		u, v := x[i*d:(i+1)*d], x[(b+i)*d:(b+i+1)*d]
		sum += dot(u, v) / max(math.Sqrt(dot(u, u)*dot(v, v)), 1e-12)
	}
	return sum / float64(b)
}

// ViewRecall is the share of the rows of f [2B,D] whose nearest other row by cosine is the other view of the same
// image, row i+B or i-B. Chance gives 1/(2B-1). 0 without rows. The ranks of g, which may be nil, have the same rows and share the search;
// the error is that of a rank that is gone.
func ViewRecall(f *kernels.Array, g *shard.Group) (float64, error) {
	n := f.Dim(0)
	if n < 2 {
		return 0, nil
	}
	nearest, err := NearestOther(f, g)
	defer nearest.Free()
	hits := 0
	for i, j := range kernels.Read[int32](nearest) {
		if int(j) == (i+n/2)%n {
			hits++
		}
	}
	return float64(hits) / float64(n), err
}

// ExpectedLive is the expected number of clusters, of k, that have members if images labels are uniformly
// random: k (1 - (1 - 1/k)^images).
func ExpectedLive(k, images int) float64 {
	if k < 1 || images < 1 {
		return 0
	}
	return float64(k) * -math.Expm1(float64(images)*math.Log1p(-1/float64(k)))
}

// UsageEntropy is the entropy of the cluster sizes over log K: 1 when all K clusters have the same size, 0 when one holds
// everything, when K is 1, or without any members.
func UsageEntropy(sizes []int64) float64 {
	if len(sizes) < 2 {
		return 0
	}
	return entropy(sizes) / math.Log(float64(len(sizes)))
}
