// Package selection picks images of a collection: a diverse subset, typical ones, outlying ones, and those between two groups.
package selection

import (
	"cmp"
	"context"
	"math"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/kernels"
)

// Ways are the ways to pick.
var Ways = []string{"diverse", "typical", "outlying", "uncertain"}

// Choice is an image that was picked, and why.
type Choice struct {
	Item  int
	Score float64 // what it was picked by: see the functions
}

// nearest is how many neighbours say how typical an image is.
const nearest = 20

// Pick picks n of the items (ascending) or as many as there are, in the order in which they were picked.
func Pick(ctx context.Context, dev *kernels.Device, c *collection.Collection, items []int, n int, by string, ui images.UI,
) ([]Choice, error) {
	n = min(n, len(items))
	var list []Choice
	switch by {
	case "diverse":
		list = diverse(ctx, c, items, n, ui)
	case "uncertain":
		var err error
		if list, err = uncertain(c, items, n); err != nil {
			return nil, err
		}
	default:
		g := neighbours.Find(dev, c, items, nearest, ui.Working("comparing images"), func() bool { return ctx.Err() != nil })
		if by == "typical" {
			list = typical(g, n)
		} else {
			list = outlying(g, n)
		}
	}
	return list, ctx.Err()
}

// diverse is the greedy k-centre (Gonzalez, 1985; the core-set of Sener and Savarese, ICLR 2018): first the image nearest to the mean of
// all, then each time the one that is furthest from all that were picked, of equal ones the first. The score is that
// distance, Euclidean between unit vectors; with the last one's, every image has a picked one within it.
func diverse(ctx context.Context, c *collection.Collection, items []int, n int, ui images.UI) []Choice {
	far := make([]float64, len(items)) // squared distance to the nearest that was picked
	for i := range far {
		far[i] = math.Inf(1)
	}
	at, score := central(c, items), 0.0
	var list []Choice
	for len(list) < n && ctx.Err() == nil {
		list = append(list, Choice{items[at], score})
		centre := c.Row(items[at])
		kernels.Tiles(len(items), 1024, func(lo, hi int) {
			row := make([]float32, c.Dim())
			for i := lo; i < hi; i++ {
				far[i] = min(far[i], squared(centre, c.RowIn(row, items[i])))
			}
		})
		far[at] = -1
		at = slices.Index(far, slices.Max(far))
		score = math.Sqrt(max(0, far[at]))
		ui.Worked("picking images", len(list), n)
	}
	return list
}

// central is the index of the item nearest to the mean of all.
func central(c *collection.Collection, items []int) int {
	mean, row := make([]float32, c.Dim()), make([]float32, c.Dim())
	sum := make([]float64, c.Dim())
	for _, i := range items {
		for d, v := range c.RowIn(row, i) {
			sum[d] += float64(v)
		}
	}
	for d, v := range sum {
		mean[d] = float32(v / float64(len(items)))
	}
	best, at := math.Inf(1), 0
	for n, i := range items {
		if s := squared(mean, c.RowIn(row, i)); s < best {
			best, at = s, n
		}
	}
	return at
}

func squared(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return sum
}

// density is the mean cosine of an image and its neighbours.
func density(g *neighbours.Graph, n int) float64 {
	_, score := g.Of(n)
	sum := 0.0
	for _, s := range score {
		sum += float64(s)
	}
	return sum / float64(max(1, len(score)))
}

// byDensity are the nodes by falling density.
func byDensity(g *neighbours.Graph) (order []int, of []float64) {
	order, of = make([]int, len(g.Items)), make([]float64, len(g.Items))
	for n := range order {
		order[n], of[n] = n, density(g, n)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(of[b], of[a]) })
	return order, of
}

// typical are images with near neighbours: by falling mean cosine to their 20 nearest, which is the score, without the neighbours of those
// that were picked before, so that each stands for its surroundings. Where these run out the left out ones follow.
func typical(g *neighbours.Graph, n int) []Choice {
	order, of := byDensity(g)
	covered := make([]bool, len(order))
	var list, left []Choice
	for _, at := range order {
		if covered[at] {
			left = append(left, Choice{g.Items[at], of[at]})
			continue
		}
		list = append(list, Choice{g.Items[at], of[at]})
		to, _ := g.Of(at)
		for _, m := range to {
			covered[m] = true
		}
	}
	return append(list, left...)[:n]
}

// outlying are images without near neighbours: by rising mean cosine to their 20 nearest, which is the score.
func outlying(g *neighbours.Graph, n int) []Choice {
	order, of := byDensity(g)
	slices.Reverse(order)
	list := make([]Choice, n)
	for i := range list {
		list[i] = Choice{g.Items[order[i]], of[order[i]]}
	}
	return list
}

// uncertain are images between two groups: by rising difference, which is the score, of the cosines to the means of the nearest and the
// second nearest group that cluster has saved.
func uncertain(c *collection.Collection, items []int, n int) ([]Choice, error) {
	g, err := c.Groups()
	if err != nil {
		return nil, err
	}
	if g.K < 2 {
		return nil, baddata.Errorf("%s has one group, so that no image is between two: udml-gpu cluster %s --k 2 or more makes some",
			c.Path, c.Path)
	}
	means := unitMeans(c, g)
	list := make([]Choice, len(items))
	kernels.Tiles(len(items), 256, func(lo, hi int) {
		buffer := make([]float32, c.Dim())
		for k := lo; k < hi; k++ {
			row := c.RowIn(buffer, items[k])
			first, second := math.Inf(-1), math.Inf(-1)
			for _, m := range means {
				s := 0.0
				for d, v := range row {
					s += float64(v) * m[d]
				}
				if s > first {
					first, second = s, first
				} else if s > second {
					second = s
				}
			}
			list[k] = Choice{items[k], first - second}
		}
	})
	slices.SortStableFunc(list, func(a, b Choice) int { return cmp.Compare(a.Score, b.Score) })
	return list[:n], nil
}

// unitMeans are the means of the groups at length 1.
func unitMeans(c *collection.Collection, g *collection.Groups) [][]float64 {
	means := make([][]float64, g.K)
	for k := range means {
		means[k] = make([]float64, c.Dim())
	}
	row := make([]float32, c.Dim())
	for i, k := range g.Of {
		if k >= 0 {
			for d, v := range c.RowIn(row, i) {
				means[k][d] += float64(v)
			}
		}
	}
	for _, m := range means {
		sum := 0.0
		for _, v := range m {
			sum += v * v
		}
		for d := range m {
			m[d] /= max(math.Sqrt(sum), 1e-12)
		}
	}
	return means
}
