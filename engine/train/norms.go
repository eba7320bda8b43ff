package train

import (
	"encoding/json"
	"math"

	"udml-gpu/kernels"
)

// LayerNorms are the lengths of a parameter or statistic and of its gradient.
type LayerNorms struct {
	Name      string  `json:"name"`
	Elements  int     `json:"elements"`
	Parameter Length  `json:"parameter"`
	Gradient  *Length `json:"gradient,omitempty"` // statistics have none
}

// Length is the L2 norm of the finite elements of a tensor, the largest of them, and how many are not finite.
type Length struct {
	Norm      finiteOrText `json:"norm"`
	Largest   finiteOrText `json:"largest"`
	NotFinite int          `json:"not_finite"`
}

// layerNorms are the norms of all parameters and statistics and of the gradients of the last batch, computed on the host.
func (t *Trainer) layerNorms() []LayerNorms {
	var list []LayerNorms
	for _, p := range t.Network.Store.Params() {
		n := LayerNorms{Name: p.Name, Elements: p.Value.Len(), Parameter: lengthOf(p.Value)}
		if p.Grad != nil {
			g := lengthOf(p.Grad)
			n.Gradient = &g
		}
		list = append(list, n)
	}
	return list
}

// lengthOf measures an array of float32.
func lengthOf(a *kernels.Array) Length {
	var l Length
	sum, largest := 0.0, 0.0
	for _, v := range kernels.Read[float32](a) {
		x := math.Abs(float64(v))
		if math.IsNaN(x) || math.IsInf(x, 0) {
			l.NotFinite++
			continue
		}
		sum += x * x
		largest = max(largest, x)
	}
	l.Norm, l.Largest = finiteOrText(math.Sqrt(sum)), finiteOrText(largest)
	return l
}

// finiteOrText is a number in JSON, or "NaN", "Inf" or "-Inf", for which JSON has no numbers.
type finiteOrText float64

// MarshalJSON writes a number or one of the three texts.
func (f finiteOrText) MarshalJSON() ([]byte, error) {
	switch v := float64(f); {
	case math.IsNaN(v):
		return []byte(`"NaN"`), nil
	case math.IsInf(v, 1):
		return []byte(`"Inf"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Inf"`), nil
	default:
		return json.Marshal(v)
	}
}
