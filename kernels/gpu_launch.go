package kernels

import (
	"fmt"
	"math"
	"strings"
	"sync"
)

// Kernel names a CUDA kernel of the embedded module. A room declares each of its kernels once, as a package variable.
type Kernel struct {
	name   string
	shared int // dynamic shared memory it may be launched with, where that is more than every kernel may have
	id     int // position among all kernels of the program
}

// everyShared is the dynamic shared memory that a kernel may have without asking for it.
const everyShared = 48 << 10

// MostShared is the dynamic shared memory that a kernel may ask for on every GPU that the kernels are compiled for: GPUs of compute
// capability 8.6, 8.9 and 12.0 have that much, others more.
const MostShared = 99 << 10

// registry holds all kernels, so that a test can look for each of them in the module.
var registry struct {
	sync.Mutex
	list []*Kernel
}

// NewKernel declares the kernel of that name.
func NewKernel(name string) *Kernel { return NewSharedKernel(name, 0) }

// NewSharedKernel declares a kernel that is launched with up to so many bytes of dynamic shared memory, at most MostShared.
func NewSharedKernel(name string, shared int) *Kernel {
	if shared > MostShared {
		panic(fmt.Sprintf("kernels: %s declared with %d bytes of shared memory; some GPUs have %d", name, shared, MostShared))
	}
	return declare(name, shared)
}

// NewHopperKernel declares a kernel that multiplies by warpgroups, for GPUs of compute capability 9.0 alone (Device.Hopper), with up to so
// many bytes of dynamic shared memory, which only they have.
func NewHopperKernel(name string, shared int) *Kernel { return declare(name, shared) }

// Hopper says whether a device runs the kernels of NewHopperKernel with so many bytes of dynamic shared memory. Their machine code does not
// run on newer GPUs.
func (d *Device) Hopper(shared int) bool {
	if d.gpu == nil {
		return false
	}
	i := d.Info()
	return i.Major == 9 && i.Minor == 0 && i.SharedPerBlock >= shared
}

func declare(name string, shared int) *Kernel {
	registry.Lock()
	defer registry.Unlock()
	k := &Kernel{name: name, shared: shared, id: len(registry.list)}
	registry.list = append(registry.list, k)
	return k
}

// Name is the kernel's name in the module.
func (k *Kernel) Name() string { return k.name }

// Dim is the extent of a grid or a block along x, y, z; zeros count as 1.
type Dim struct{ X, Y, Z int }

func (d Dim) sizes() [3]int { return [3]int{max(1, d.X), max(1, d.Y), max(1, d.Z)} }

// Blocks is how many blocks of per elements cover n: at least 1, at most as many as a grid may have along x.
func Blocks(n, per int) int { return max(1, min((n+per-1)/per, math.MaxInt32)) }

// Launch is how a kernel is started.
type Launch struct {
	Grid, Block Dim
	Shared      int // bytes of dynamic shared memory
}

// elementThreads is the block of kernels that work element by element: 8 warps, of which every GPU fits several.
const elementThreads = 256

// elementBlocks bounds the grid of such kernels: enough for 16 blocks on each of 256 multiprocessors. Their threads loop.
const elementBlocks = 4096

// Elements is the launch of a kernel that loops over n elements.
func Elements(n int) Launch {
	return Launch{Grid: Dim{X: min(Blocks(n, elementThreads), elementBlocks)}, Block: Dim{X: elementThreads}}
}

// maxArgs is the largest number of arguments a kernel may have.
const maxArgs = 32

// Launch queues kernel k with its arguments in the order of its parameters, one Arg each, and does not wait. A launch
// that fails is a fault of the device. The caller must not launch an empty grid (a 0 in an array's shape).
func (d *Device) Launch(k *Kernel, l Launch, args ...Arg) {
	if d.gpu == nil {
		panic("kernels: " + k.name + " launched on " + d.name)
	}
	if len(args) > maxArgs {
		panic(fmt.Sprintf("kernels: %s has %d arguments, at most %d are possible", k.name, len(args), maxArgs))
	}
	d.gpu.checkTypes(k, args)
	if l.Shared > max(everyShared, k.shared) {
		panic(fmt.Sprintf("kernels: %s launched with %d bytes of shared memory, declared with %d", k.name, l.Shared, k.shared))
	}
	c := command{kernel: k, grid: l.Grid.sizes(), block: l.Block.sizes(), shared: l.Shared, n: len(args)}
	for i, a := range args {
		c.args[i] = a.bits
	}
	d.gpu.queue <- c
}

// LoadKernels finds every kernel that this program declares in the device's module, which otherwise happens on first
// use, and returns how many there are. The error names those that are missing.
func (d *Device) LoadKernels() (int, error) {
	registry.Lock()
	list := registry.list
	registry.Unlock()
	if d.gpu == nil {
		return len(list), nil
	}
	var missing []string
	d.gpu.now(func(t *thread) error {
		for _, k := range list {
			if _, err := t.function(k); err != nil {
				missing = append(missing, k.name)
			}
		}
		return nil
	})
	if missing == nil {
		return len(list), d.Err()
	}
	return len(list), fmt.Errorf("the module has no kernel %s", strings.Join(missing, ", "))
}
