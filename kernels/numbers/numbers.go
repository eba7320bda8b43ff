// Package numbers sets a few numbers on a device in order with its ops: those in which one training step differs from another, such as the
// learning rate. Ops that read them there, and not among their launch arguments, can be captured once and launched for every step.
package numbers

import (
	"encoding/binary"
	"fmt"

	"udml-gpu/kernels"
)

// Most is the largest number of words that Set writes.
const Most = 8

// Set writes words of 8 bytes to dst, uint8 [8 len(words)], in the machine's order. It neither waits for a GPU nor needs memory that the
// GPU has yet to read: the words are arguments of a launch. Within a capture that launch would have the words of then, so Set stands before
// it.
func Set(dst *kernels.Array, words ...uint64) {
	kernels.WantType("numbers.Set", "dst", dst, kernels.Uint8)
	kernels.WantShape("numbers.Set", "dst", dst, 8*len(words))
	if len(words) > Most {
		panic(fmt.Sprintf("numbers.Set: %d words, at most %d are possible", len(words), Most))
	}
	if dst.Device().CUDA() {
		setCUDA(dst, words)
		return
	}
	b := kernels.Data[uint8](dst)
	for i, w := range words {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
}
