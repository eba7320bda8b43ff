package eval

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// ClassSums are the results of queries, summed over those of each class: of C classes in the order of their labels, lists of C. Recall@K
// and MAP@R, their confidence intervals and those of the difference between two embeddings follow from them.
type ClassSums struct {
	Queries   []int         `json:"queries"`
	Hits      map[int][]int `json:"hits"`      // by K: queries with an image of their class among the K nearest
	Matched   []int         `json:"matched"`   // queries of which the class has an image to find: those of MAP@R
	Precision []float64     `json:"precision"` // sum of their average precisions at R
}

// byClass sums the results of queries of n classes.
func (r retrieval) byClass(class []int32, n int, ks []int) *ClassSums {
	s := &ClassSums{Queries: make([]int, n), Hits: map[int][]int{}, Matched: make([]int, n), Precision: make([]float64, n)}
	for i, c := range class {
		s.Queries[c]++
		if r.precision[i] >= 0 {
			s.Matched[c]++
			s.Precision[c] += r.precision[i]
		}
	}
	for _, k := range ks {
		hits := make([]int, n)
		for i, c := range class {
			if r.first[i] >= 0 && int(r.first[i]) < k {
				hits[c]++
			}
		}
		s.Hits[k] = hits
	}
	return s
}

// Ks are the K of Hits, ascending.
func (s *ClassSums) Ks() []int { return slices.Sorted(maps.Keys(s.Hits)) }

// Recall is Recall@K of all queries; K is one of Ks.
func (s *ClassSums) Recall(k int) float64 {
	return float64(total(s.Hits[k])) / float64(total(s.Queries))
}

// MAPAtR is MAP@R of all queries.
func (s *ClassSums) MAPAtR() float64 { return total(s.Precision) / float64(total(s.Matched)) }

func total[N int | float64](list []N) (sum N) {
	for _, v := range list {
		sum += v
	}
	return sum
}

// Check is an error if the sums, which may be those of a file, contradict each other or are of no query.
func (s *ClassSums) Check() error {
	n := len(s.Queries)
	if len(s.Matched) != n || len(s.Precision) != n {
		return errors.New("its lists have different lengths")
	}
	for c, queries := range s.Queries {
		matched, precision := s.Matched[c], s.Precision[c]
		if queries > math.MaxInt32 || matched < 0 || matched > queries || !(precision >= 0 && precision <= float64(matched)) {
			return fmt.Errorf("the sums of class %d contradict each other", c)
		}
	}
	for k, hits := range s.Hits {
		if k < 1 || len(hits) != n {
			return fmt.Errorf("its hits at %d are not those of %d classes", k, n)
		}
		for c, h := range hits {
			if h < 0 || h > s.Matched[c] {
				return fmt.Errorf("the hits at %d of class %d contradict its queries", k, c)
			}
		}
	}
	if total(s.Matched) == 0 || len(s.Hits) == 0 {
		return errors.New("it holds no result of a query")
	}
	return nil
}
