package layer

import (
	"math"

	"udml-gpu/kernels/rng"
	"udml-gpu/models/tape"
)

// Parameter is a trained parameter of that name, to which nothing is appended, and shape: a class token, positions. It begins with a
// normal distribution of mean 0 and deviation std, cut at 2 std, as torch.nn.init.trunc_normal_ with a = -2 std, b = 2 std; 0 gives
// zeros. A parameter of four axes is a convolution's weight: stored OIHW in files, OHWI in memory.
func Parameter(s *Scope, name string, std float64, shape ...int) *tape.Var {
	return s.Tape.Param(s.param(name, true, s.normal(name, std), shape...))
}

// Redraw gives the weights of a layer that DenseSpec.Std has drawn other numbers of the same distribution, a function of the epoch too,
// and biases of 0. name is the layer's full name.
func (s *Store) Redraw(name string, std float64, epoch int) {
	weight := name + ".weight"
	key := s.initKey(weight)
	key.Epoch = uint32(epoch)
	set(s.byName[weight].Value, normalOf(key, std))
	if bias := s.byName[name+".bias"]; bias != nil {
		bias.Value.Zero()
	}
}

// normal is a normal distribution of mean 0 and deviation std, cut at 2 std; a function of the seed and the parameter's name. Each
// number is the quantile of a uniform one, as in torch.
func (s *Scope) normal(name string, std float64) start {
	if std == 0 {
		return constant(0)
	}
	return normalOf(s.initKey(name), std)
}

func normalOf(key rng.Key, std float64) start {
	inside := math.Erf(math.Sqrt2) // the part of the distribution within 2 std
	return func(i int) float64 {
		// (word+0.5) 2^-32 is symmetric about 1/2, and never 0 or 1
		u := (float64(key.At(uint32(i / 4))[i%4])+0.5)*0x1p-31 - 1
		return std * math.Sqrt2 * math.Erfinv(inside*u)
	}
}
