package eval

import "math"

// AMI is the mutual information of two labellings of the same images, adjusted for chance: (MI - E) / (mean entropy - E), E the mutual
// information that is expected of labellings with the same cluster sizes (Vinh, Epps and Bailey, JMLR 2010). It equals
// sklearn.metrics.adjusted_mutual_info_score: 1 for equal labellings, about 0 by chance. Two labellings of one cluster each, or of a cluster
// for each image, give 1.
func AMI(a, b []int32) float64 {
	c := contingencyOf(a, b)
	if len(c.truth) == len(c.found) && (len(c.truth) <= 1 || len(c.truth) == c.images) {
		return 1
	}
	expected := c.expectedMutual()
	below := (entropy(c.truth)+entropy(c.found))/2 - expected
	if below < 0 {
		below = min(below, -0x1p-52)
	} else {
		below = max(below, 0x1p-52)
	}
	return (c.mutual() - expected) / below
}

// mutual is the mutual information of both labels, in nats.
func (c *contingency) mutual() float64 {
	n, sum := float64(c.images), 0.0
	for i, count := range c.cells {
		p, outer := float64(count)/n, float64(c.truth[c.truthOf[i]])*float64(c.found[c.foundOfCell[i]])
		sum += p * (math.Log(float64(count)*n) - math.Log(outer))
	}
	return max(sum, 0)
}

// expectedMutual is the mutual information expected of two random labellings with the cluster sizes of c: the sum over pairs of sizes
// (a, b) and over the n images that both clusters may share of n/N log(N n / (a b)) times the hypergeometric probability of n. Pairs of
// equal sizes are computed once.
func (c *contingency) expectedMutual() float64 {
	logs := make([]float64, c.images+1) // log n!
	for i := 1; i <= c.images; i++ {
		logs[i] = logs[i-1] + math.Log(float64(i))
	}
	known, sum := map[[2]int]float64{}, 0.0
	for _, a := range c.truth {
		for _, b := range c.found {
			v, ok := known[[2]int{a, b}]
			if !ok {
				v = expectedOfPair(a, b, c.images, logs)
				known[[2]int{a, b}] = v
			}
			sum += v
		}
	}
	return sum
}

// expectedOfPair is the part of expectedMutual of a pair of clusters of a and b of all images; logs[n] is log n!.
func expectedOfPair(a, b, all int, logs []float64) float64 {
	sum := 0.0
	for n := max(1, a+b-all); n <= min(a, b); n++ {
		gain := float64(n) / float64(all) * math.Log(float64(all)*float64(n)/(float64(a)*float64(b)))
		sum += gain * math.Exp(logs[a]+logs[b]+logs[all-a]+logs[all-b]-logs[all]-logs[n]-logs[a-n]-logs[b-n]-logs[all-a-b+n])
	}
	return sum
}
