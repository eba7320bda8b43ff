package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// valueOf is the value of an optional var.
func valueOf(v *tape.Var) *kernels.Array {
	if v == nil {
		return nil
	}
	return v.Value()
}

// gradOf is where the gradient of optional input i goes.
func gradOf(b *tape.Back, v *tape.Var, i int) *kernels.Array {
	if v == nil {
		return nil
	}
	return b.Grad(i)
}
