package eval

// averagePrecision is 1/R sum_{i<=R} [i-th nearest is of the class] (share of the class among the first i), over the
// R nearest images, where R is the number of images of the class that can be found.
func averagePrecision(nearest []int32, class []int32, own int32) float64 {
	hits, sum := 0, 0.0
	for i, j := range nearest {
		if class[j] == own {
			hits++
			sum += float64(hits) / float64(i+1)
		}
	}
	return sum / float64(len(nearest))
}

// mapAtR is the mean of the average precisions over the queries whose class has an image to find.
func (r retrieval) mapAtR() float64 {
	n, sum := 0, 0.0
	for _, p := range r.precision {
		if p >= 0 {
			n++
			sum += p
		}
	}
	return sum / float64(n)
}
