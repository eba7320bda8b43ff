package file

import (
	"fmt"
	"slices"
	"strings"
)

// quantisedNames are the last words of names that only formats of quantised weights have: of bitsandbytes, GPTQ, AWQ, compressed-tensors
// and torchao.
var quantisedNames = []string{
	"SCB", "weight_format", "absmax", "quant_map", "nested_absmax", "nested_quant_map", "qweight", "qzeros", "weight_packed",
	"weight_scale", "weight_scale_inv", "weight_zero_point",
}

// Quantised says which tensor shows that f holds quantised weights; "" where none does. f needs no elements.
func (f *Weights) Quantised() string {
	for _, t := range f.Tensors {
		last := t.Name[strings.LastIndexByte(t.Name, '.')+1:]
		switch narrow := t.DType == "I8" || t.DType == "U8" || strings.HasPrefix(t.DType, "F8_"); {
		case slices.Contains(quantisedNames, last), strings.HasPrefix(last, "bitsandbytes__"):
			return fmt.Sprintf("the tensor %.100q", t.Name)
		case last == "weight" && narrow:
			return fmt.Sprintf("the tensor %.100q is %s", t.Name, t.DType)
		}
	}
	return ""
}
