package eval

import "math"

// AMI is the mutual information of two labellings of the same images, adjusted for chance: (I - E[I]) / (mean of their entropies - E[I]),
// E[I] the expectation over all labellings with clusters of the same sizes (Vinh et al., "Information theoretic measures for clusterings
// comparison", JMLR 2010). It equals sklearn.metrics.adjusted_mutual_info_score: 1 for labellings that agree, and 0 where only one of
// them has a single cluster.
func AMI(truth, found []int32) float64 { return contingencyOf(truth, found).ami() }

func (c *contingency) ami() float64 {
	switch {
	case len(c.cells) == len(c.truth) && len(c.cells) == len(c.found): // the same groups, one image each or one group in all among them
		return 1
	case len(c.truth) == 1 || len(c.found) == 1:
		return 0
	}
	expected := expectedMutual(c.truth, c.found, c.images)
	// The labellings differ, so that the mean entropy is above I, and I is at most the smaller of both: the divisor is not 0.
	return (c.mutual() - expected) / ((entropy(c.truth)+entropy(c.found))/2 - expected)
}

// expectedMutual is the expectation, in nats, of the mutual information of labellings of n images with clusters of sizes a and b, each of
// which sums to n. Clusters of equal size have equal terms, so that it sums over distinct pairs of sizes: of some 10,000 classes and as
// many clusters, as in Stanford Online Products, there are about a thousand, and never more than 2 n.
func expectedMutual(a, b []int, n int) float64 {
	t := newLogs(n)
	sizesA, countsA := distinct(a)
	sizesB, countsB := distinct(b)
	sum := 0.0
	for i, x := range sizesA {
		for j, y := range sizesB {
			sum += float64(countsA[i]) * float64(countsB[j]) * t.expectedCell(x, y)
		}
	}
	return sum
}

// distinct are the different sizes, ascending, and how many there are of each.
func distinct(sizes []int) (values, counts []int) {
	most := 0
	for _, s := range sizes {
		most = max(most, s)
	}
	of := make([]int, most+1)
	for _, s := range sizes {
		of[s]++
	}
	for s, count := range of {
		if count > 0 {
			values, counts = append(values, s), append(counts, count)
		}
	}
	return values, counts
}

// logs are the logarithms of 0..n and of their factorials.
type logs struct {
	n               int
	log, factorials []float64
}

func newLogs(n int) *logs {
	t := &logs{n, make([]float64, n+1), make([]float64, n+1)}
	for i := 1; i <= n; i++ {
		t.log[i] = math.Log(float64(i))
		t.factorials[i], _ = math.Lgamma(float64(i + 1))
	}
	return t
}

// expectedCell is the expected part of two clusters of x and y images in the mutual information: sum over the k images that they may
// share of k/n log(n k / (x y)), weighted by the hypergeometric probability of k.
func (t *logs) expectedCell(x, y int) float64 {
	n, f, sum := t.n, t.factorials, 0.0
	fixed := f[x] + f[y] + f[n-x] + f[n-y] - f[n]
	for k := max(1, x+y-n); k <= min(x, y); k++ {
		p := math.Exp(fixed - f[k] - f[x-k] - f[y-k] - f[n-x-y+k])
		sum += float64(k) / float64(n) * (t.log[n] + t.log[k] - t.log[x] - t.log[y]) * p
	}
	return sum
}
