package kernels

import (
	"fmt"
	"math"
)

// Arg is one argument of a kernel: the 8 bytes that the driver reads of it, and of which type they are.
type Arg struct {
	bits uint64
	kind kind
}

// kind is the letter of an argument's type, as cgo/emu/registry.h has it for the parameters of kernels: pointers have the capital
// letter of their elements.
type kind byte

const (
	intKind             kind = 'i'
	unsignedKind        kind = 'u'
	longKind            kind = 'l'
	unsignedLongKind    kind = 'm'
	floatKind           kind = 'f'
	doubleKind          kind = 'd'
	floatPointer        kind = 'F'
	doublePointer       kind = 'D'
	intPointer          kind = 'I'
	unsignedCharPointer kind = 'B'
	brainPointer        kind = 'H'
	otherPointer        kind = 'P' // of a kernel: to a type that no array has
	nullPointer         kind = '0' // of a launch
)

// String is the type as C has it.
func (k kind) String() string {
	switch k {
	case intKind:
		return "int"
	case unsignedKind:
		return "unsigned"
	case longKind:
		return "long long"
	case unsignedLongKind:
		return "unsigned long long"
	case floatKind:
		return "float"
	case doubleKind:
		return "double"
	case floatPointer:
		return "float *"
	case doublePointer:
		return "double *"
	case intPointer:
		return "int *"
	case unsignedCharPointer:
		return "unsigned char *"
	case brainPointer:
		return "bfloat *"
	case otherPointer:
		return "a pointer"
	case 0:
		return "nothing"
	case nullPointer:
		return "a null pointer"
	}
	return "a type that launches cannot give"
}

// Ptr is a pointer to a's elements; a null pointer for a nil array.
func Ptr(a *Array) Arg { return PtrAt(a, 0) }

// PtrAt is a pointer to element i of a and those after it.
func PtrAt(a *Array, i int) Arg {
	if a == nil {
		return Arg{kind: nullPointer}
	}
	return Arg{a.addr + uint64(i*a.dtype.Size()), pointerTo(a.dtype)}
}

func pointerTo(t DType) kind {
	switch t {
	case Float32:
		return floatPointer
	case Float64:
		return doublePointer
	case Int32:
		return intPointer
	case BFloat16:
		return brainPointer
	}
	return unsignedCharPointer
}

// I32 is an int.
func I32(v int) Arg {
	if v != int(int32(v)) {
		panic(fmt.Sprintf("kernels: %d does not fit an int of a kernel", v))
	}
	return Arg{uint64(uint32(int32(v))), intKind}
}

// I64 is a long long.
func I64(v int) Arg { return Arg{uint64(v), longKind} }

// U32 is an unsigned int.
func U32(v uint32) Arg { return Arg{uint64(v), unsignedKind} }

// U64 is an unsigned long long.
func U64(v uint64) Arg { return Arg{v, unsignedLongKind} }

// F32 is a float.
func F32(v float64) Arg { return Arg{uint64(math.Float32bits(float32(v))), floatKind} }

// F64 is a double.
func F64(v float64) Arg { return Arg{math.Float64bits(v), doubleKind} }

// Bool is an int: 1 or 0.
func Bool(v bool) Arg {
	if v {
		return I32(1)
	}
	return I32(0)
}

// readTypes asks the driver for the parameters of all kernels. Only the emulated device knows them.
func (t *thread) readTypes() map[*Kernel]string {
	registry.Lock()
	defer registry.Unlock()
	var all map[*Kernel]string
	for _, k := range registry.list {
		if types, known := t.module.Types(k.name); known {
			if all == nil {
				all = map[*Kernel]string{}
			}
			all[k] = types
		}
	}
	return all
}

// checkTypes panics when a launch's arguments are not the kernel's parameters. On a real GPU, whose driver does not know them, it does
// nothing.
func (g *gpu) checkTypes(k *Kernel, args []Arg) {
	types, known := g.types[k]
	if !known {
		return
	}
	if len(args) != len(types) {
		panic(fmt.Sprintf("kernels: %s launched with %d arguments, it takes %d", k.name, len(args), len(types)))
	}
	for i, a := range args {
		if takes := kind(types[i]); !a.kind.fits(takes) {
			panic(fmt.Sprintf("kernels: %s launched with %v as argument %d, it takes %v", k.name, a.kind, i, takes))
		}
	}
}

// fits: an argument of kind k may be given to a parameter of kind p. A pointer to a type that no array has
// takes every array.
func (k kind) fits(p kind) bool {
	switch {
	case k == nullPointer:
		return p == otherPointer || p.points()
	case p == otherPointer:
		return k.points()
	}
	return k == p
}

// points: an array has such a pointer.
func (k kind) points() bool {
	return k == floatPointer || k == doublePointer || k == intPointer || k == unsignedCharPointer || k == brainPointer
}
