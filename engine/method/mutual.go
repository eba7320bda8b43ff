package method

import (
	"context"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// mutual is instance discrimination whose positives are mutual neighbours. Before each epoch the whole training set is embedded and
// whitened; two images that are each among the other's nearest are neighbours, the closer the more of their nearest images they share. The
// second view of an image shows one of its neighbours, drawn by how close they are.
type mutual struct {
	discrimination
	neighbours int
	share      float64
	from       int
}

func newMutual() Method { return &mutual{} }

// mutualPower is how far the embedding is whitened before neighbours are looked for: the default of the final whitening.
const mutualPower = 0.5

// Settings are those of the loss and of the choice of positives.
func (m *mutual) Settings() []table.Row {
	return append(
		m.discrimination.settings(),
		table.Int("mutual-neighbours", &m.neighbours, 10, "nearest images of each that may be its positives, if it is among theirs").
			Within(1, 1000).Unpreset(),
		table.Float("mutual-share", &m.share, 1, "probability that the second view shows a mutual neighbour, where an image has one").
			Within(0, 1).Unpreset(),
		table.Int("mutual-from", &m.from, 0, "first epoch with neighbours; before it both views show the same image").
			Within(0, 1<<30).Auto("1 with pretrained weights, 2 from scratch").Unpreset(),
	)
}

// ProvenFromPretrained is Proven.ProvenFromPretrained: 30 of 36 runs on six sets gained or lost little, and the rate of the others was too
// high (docs/selection.md).
func (*mutual) ProvenFromPretrained() {}

// Rows is Planner.Rows.
func (*mutual) Rows(images, _ int) int { return images }

// Plan shows every image once as the first view, and draws what the second shows.
func (m *mutual) Plan(ctx context.Context, e Epoch) (*Plan, error) {
	if e.Number < m.first(e) {
		return nil, nil
	}
	pooled, embedding, err := e.Embed(ctx)
	if err != nil {
		return nil, err
	}
	pooled.Free()
	unit, err := whitened(embedding, embedding.Dim(1), mutualPower)
	if err != nil {
		return nil, baddata.Errorf("--method mutual cannot find neighbours in epoch %d: %v", e.Number, err)
	}
	defer unit.Free()
	k := min(m.neighbours+1, e.Images) // an image is among its nearest
	index, err := e.Neighbours(unit, k)
	defer index.Free()
	if err != nil {
		return nil, err
	}
	near := kernels.Read[int32](index)
	return &Plan{First: e.Order, Second: m.second(e, mutualNeighbours(near, k))}, e.Fault()
}

// first is the first epoch with neighbours. An untrained network tells few images apart.
func (m *mutual) first(e Epoch) int {
	switch {
	case m.from > 0:
		return m.from
	case e.Pretrained:
		return 1
	}
	return 2
}

// second is the image that the second view of each row shows: a neighbour, drawn in proportion to what the two share, or the image.
func (m *mutual) second(e Epoch, of []neighbourhood) []int32 {
	second := make([]int32, len(e.Order))
	for row, image := range e.Order {
		second[row] = image
		words := rng.Key{Seed: e.Seed, Epoch: uint32(e.Number), Sample: uint32(image), Op: rng.OpNeighbour, View: 2}.At(0)
		if float64(words[0]) < m.share*(1<<32) {
			second[row] = of[image].draw(image, float64(words[1])/(1<<32))
		}
	}
	return second
}

// neighbourhood are the mutual neighbours of an image and how much of their nearest images each shares with it.
type neighbourhood struct {
	images []int32
	shared []float64 // the Jaccard index, above 0
}

// draw is the neighbour at u of 0 to 1 along the sum of what they share; the image where it has no neighbour.
func (n neighbourhood) draw(image int32, u float64) int32 {
	sum := 0.0
	for _, w := range n.shared {
		sum += w
	}
	rest := u * sum
	for i, w := range n.shared {
		image = n.images[i]
		if rest < w {
			break
		}
		rest -= w
	}
	return image
}

// mutualNeighbours are the mutual neighbours of each image, nearest first. near [N,k] are the images nearest to each, itself among them, or
// -1 for none. With R(i) the images near i, and i itself, another image j is a neighbour of i if j is in R(i) and i in R(j), and they share
//
//	|R(i) n R(j)| / |R(i) u R(j)|
//
// as the distance of Zhong, Zheng, Cao and Li, "Re-ranking Person Re-identification with k-reciprocal Encoding" (CVPR 2017), has it of sets
// that are expanded there. It costs O(N k^2).
func mutualNeighbours(near []int32, k int) []neighbourhood {
	if len(near) == 0 {
		return nil
	}
	n := len(near) / k
	sets, of := make([][]int32, n), make([]neighbourhood, n)
	for i := range sets {
		sets[i] = append(make([]int32, 0, k+1), int32(i))
		for _, j := range near[i*k : (i+1)*k] {
			if j >= 0 && int(j) != i {
				sets[i] = append(sets[i], j)
			}
		}
	}
	in := make([]int32, n) // i+1 for the images of R(i)
	for i, set := range sets {
		for _, j := range set {
			in[j] = int32(i + 1)
		}
		for _, j := range set[1:] {
			common, mutual := 0, false
			for _, other := range sets[j] {
				if in[other] == int32(i+1) {
					common++
				}
				mutual = mutual || int(other) == i
			}
			if mutual {
				of[i].images = append(of[i].images, j)
				of[i].shared = append(of[i].shared, float64(common)/float64(len(set)+len(sets[j])-common))
			}
		}
	}
	return of
}
