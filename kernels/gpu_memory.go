package kernels

import (
	"fmt"
	"slices"
	"sync"

	"udml-gpu/cgo/cuda"
)

// pool keeps device memory that was given back, by size: the driver's own allocation would wait for the device, and a
// replayed step allocates the same sizes again. Memory is handed out in the order of the queue, which makes reuse safe
// while the last op that used it is still running.
type pool struct {
	sync.Mutex
	free    map[int][]uint64
	watched map[block]bool // memory handed out during a capture; nil outside of one
	forked  bool           // within Device.Fork
	held    []block        // given back there, and not yet joined: only for what forks ask for
}

// blockSize rounds up, so that batches of similar sizes share memory.
func blockSize(bytes int) int {
	grain := 512
	if bytes > 1<<20 {
		grain = 64 << 10
	}
	return (bytes + grain - 1) / grain * grain
}

func (p *pool) take(size int) (uint64, bool) {
	p.Lock()
	defer p.Unlock()
	addr, ok := p.takeHeld(size)
	if !ok {
		list := p.free[size]
		if len(list) == 0 {
			return 0, false
		}
		addr = list[len(list)-1]
		p.free[size] = list[:len(list)-1]
	}
	if p.watched != nil {
		p.watched[block{addr, size}] = true
	}
	return addr, true
}

// takeHeld is memory that an earlier fork, or this one, has given back: forks run one after another.
func (p *pool) takeHeld(size int) (uint64, bool) {
	if !p.forked {
		return 0, false
	}
	i := slices.IndexFunc(p.held, func(b block) bool { return b.size == size })
	if i < 0 {
		return 0, false
	}
	addr := p.held[i].addr
	p.held = slices.Delete(p.held, i, i+1)
	return addr, true
}

func (p *pool) put(addr uint64, bytes int) {
	if addr == 0 {
		return
	}
	p.Lock()
	defer p.Unlock()
	b := block{addr, blockSize(bytes)}
	if p.forked {
		p.held = append(p.held, b)
		return
	}
	p.add(b)
}

func (p *pool) add(b block) {
	if p.free == nil {
		p.free = map[int][]uint64{}
	}
	p.free[b.size] = append(p.free[b.size], b.addr)
}

// drain takes all free memory out of the pool.
func (p *pool) drain() []uint64 {
	p.Lock()
	defer p.Unlock()
	var all []uint64
	for _, list := range p.free {
		all = append(all, list...)
	}
	p.free = nil
	return all
}

// MemoryError is a device without room for an array.
type MemoryError struct {
	Device             string
	Asked, Free, Total int64 // bytes
}

// Error gives the sizes asked for and free.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("%s has no room for another %s: %s of %s are free", e.Device, humanSize(e.Asked), humanSize(e.Free),
		humanSize(e.Total))
}

// humanSize is a number of bytes for people.
func humanSize(n int64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}

// alloc is device memory of at least so many bytes; 0, and a fault of the device, where there is none left.
func (g *gpu) alloc(bytes int) uint64 {
	if bytes == 0 {
		return 0
	}
	n := blockSize(bytes)
	addr, ok := g.pool.take(n)
	if !ok {
		addr = g.allocNew(n)
	}
	if g.poison.Load() {
		g.fill(addr, 0xff, bytes)
	}
	return addr
}

// allocNew is alloc of memory that is not the pool's, of a size of blockSize.
func (g *gpu) allocNew(n int) (addr uint64) {
	g.now(func(t *thread) (err error) {
		addr, err = t.alloc(n, &g.pool)
		if cuda.IsOutOfMemory(err) {
			free, total, _ := t.ctx.MemInfo()
			return &MemoryError{fmt.Sprintf("cuda:%d (%s)", g.index, g.info.Name), int64(n), free, total}
		}
		return err
	})
	return addr
}

// alloc asks the driver; where it has no room, it frees the pool's memory and asks once more.
func (t *thread) alloc(n int, p *pool) (uint64, error) {
	if err := t.outsideCapture("new device memory"); err != nil {
		return 0, err
	}
	addr, err := t.ctx.Alloc(n)
	if !cuda.IsOutOfMemory(err) {
		return addr, err
	}
	for _, a := range p.drain() {
		if err := t.ctx.FreeMemory(a); err != nil {
			return 0, err
		}
	}
	return t.ctx.Alloc(n)
}

// MemoryInfo is free and total memory of a GPU in bytes, with the pool's counted as free; zeros on the CPU.
func (d *Device) MemoryInfo() (free, total int64) {
	if d.gpu == nil {
		return 0, 0
	}
	d.gpu.now(func(t *thread) (err error) {
		free, total, err = t.ctx.MemInfo()
		return err
	})
	return free + d.gpu.pool.bytes(), total
}

// bytes is how much free memory the pool keeps.
func (p *pool) bytes() int64 {
	p.Lock()
	defer p.Unlock()
	n := int64(0)
	for size, list := range p.free {
		n += int64(size * len(list))
	}
	return n
}
