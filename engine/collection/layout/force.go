package layout

import "math"

// closeness is 1/(1 + a d^2b), the probability on the map that two points at distance d are neighbours.
type closeness struct{ a, b float64 }

// attract is the factor of y - z in the gradient of log closeness at the point y, with z at the squared distance s.
func (c closeness) attract(s float64) float64 {
	return -2 * c.a * c.b * math.Pow(s, c.b-1) / (1 + c.a*math.Pow(s, c.b))
}

// nearby keeps the repulsion of points that lie on each other finite, as umap-learn does.
const nearby = 0.001

// repel is the same of log(1 - closeness), with nearby added to a squared distance.
func (c closeness) repel(s float64) float64 {
	return 2 * c.b / ((nearby + s) * (1 + c.a*math.Pow(s, c.b)))
}

// The tables of a force hold squared distances from 2^leastPower to 2^mostPower, 2^tableBits in each octave.
const (
	leastPower, mostPower = -30, 30
	tableBits             = 7
	tableShift            = 23 - tableBits
	tableFirst            = (127 + leastPower) << tableBits
	tableLast             = (127 + mostPower) << tableBits
)

// force is a function of the squared distance as a table, with lines between its points: their error is below 1e-4 of the value. It is a
// tenth of the time of math.Pow.
type force [tableLast - tableFirst + 2]float32

func forceOf(f func(s float64) float64) *force {
	var t force
	for i := range t {
		t[i] = float32(f(float64(math.Float32frombits(uint32(tableFirst+i) << tableShift))))
	}
	return &t
}

// at is the force at the squared distance s > 0; beyond the table, that at its end.
func (t *force) at(s float32) float32 {
	bits := math.Float32bits(s)
	i := int(bits>>tableShift) - tableFirst
	switch {
	case i < 0:
		return t[0]
	case i >= len(t)-1:
		return t[len(t)-1]
	}
	between := float32(bits&(1<<tableShift-1)) * (1.0 / (1 << tableShift))
	return t[i] + (t[i+1]-t[i])*between
}
