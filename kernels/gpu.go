package kernels

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"udml-gpu/cgo/cuda"
)

// gpu is the CUDA side of a Device. One goroutine, locked to its thread, makes all driver calls: it takes commands from
// a queue in order and puts their work on one stream, so that ops run in the order in which they were called.
// After the first fault it goes on taking commands and does nothing.
type gpu struct {
	index     int
	info      cuda.Info
	precision Precision
	queue     chan command
	fault     atomic.Pointer[error]
	pool      pool
	closers   closers
	closed    atomic.Bool
	beside    sync.RWMutex       // written by a capture, read by Beside
	poison    atomic.Bool        // fresh memory is filled with NaN first: tests
	types     map[*Kernel]string // of parameters, where the driver knows them: on the emulated device
	thread    thread
}

// command is an entry of the queue: a launch, or a function for everything that is rarer.
type command struct {
	run         func(t *thread) error
	call        string        // what run asks of the GPU, for Count; "": no work
	always      bool          // run even after a fault
	done        chan struct{} // closed afterwards; nil: the caller does not wait
	kernel      *Kernel
	grid, block [3]int
	shared, n   int
	args        [maxArgs]uint64
}

// queueLength is how far the host may be ahead of the driver, in commands: some steps of a small network.
const queueLength = 4096

// thread is the state of the goroutine that makes the driver calls.
type thread struct {
	ctx       *cuda.Context
	stream    cuda.Stream // all ops, but those of forks
	copies    cuda.Stream // uploads that run beside them
	forks     forks
	module    cuda.Module
	functions []loaded // by kernel id
	each      bool     // UDML_SYNC: wait and check after every command
	capturing bool     // commands are recorded into a graph
	refused   error    // the first in the capture
	bounce    bounce
	args      [maxArgs]uint64
	counts    map[string]int // nil: nobody counts
	shapes    map[shape]int  // of launches; nil: nobody asks
}

type loaded struct {
	f      cuda.Function
	known  bool
	shared int // dynamic shared memory that the driver allows it
}

// start opens the device on a goroutine of its own and waits for the outcome.
func (g *gpu) start() error {
	opened := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and its context with it
		err := g.thread.open(g.index)
		if err == nil {
			g.types = g.thread.readTypes()
		}
		opened <- err
		if err == nil {
			g.serve()
		}
	}()
	return <-opened
}

func (t *thread) open(index int) (err error) {
	t.each = os.Getenv("UDML_SYNC") == "1"
	if t.ctx, err = cuda.Open(index); err != nil {
		return err
	}
	defer func() {
		if err != nil { // the context's end is that of its streams
			_ = t.ctx.Close()
		}
	}()
	if t.stream, err = t.ctx.NewStream(); err != nil {
		return err
	}
	if t.copies, err = t.ctx.NewStream(); err != nil {
		return err
	}
	if err = t.forks.open(t.ctx); err != nil {
		return err
	}
	t.module, err = loadModule(t.ctx)
	return err
}

// serve takes commands until the queue is closed.
func (g *gpu) serve() {
	t := &g.thread
	for c := range g.queue {
		if g.fault.Load() == nil || c.always {
			err := t.do(&c)
			if err == nil && t.each && c.kernel != nil && !t.capturing {
				err = named(t.stream.Sync(), c.kernel.name)
			}
			switch {
			case err == nil:
			case t.capturing: // the graph cannot be made; nothing is lost
				t.refused = cmp.Or(t.refused, err)
			default:
				g.fail(err)
			}
		}
		if c.done != nil {
			close(c.done)
		}
	}
}

func (t *thread) do(c *command) error {
	t.count(c)
	if c.run != nil {
		return c.run(t)
	}
	l, err := t.function(c.kernel)
	if err != nil {
		return err
	}
	if c.shared > l.shared {
		if err := l.f.SetShared(c.shared); err != nil {
			return err
		}
		l.shared = c.shared
	}
	copy(t.args[:], c.args[:c.n])
	return l.f.Launch(c.grid, c.block, c.shared, t.stream, t.args[:c.n])
}

// function finds a kernel in the module on its first use.
func (t *thread) function(k *Kernel) (*loaded, error) {
	for k.id >= len(t.functions) {
		t.functions = append(t.functions, loaded{})
	}
	l := &t.functions[k.id]
	if l.known {
		return l, nil
	}
	f, err := t.module.Function(k.name)
	if err == nil {
		*l = loaded{f, true, everyShared}
	}
	return l, err
}

// named adds the kernel's name to the error of waiting for it.
func named(err error, kernel string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("kernel %s: %w", kernel, err)
}

func (g *gpu) fail(err error) { g.fault.CompareAndSwap(nil, &err) } // keeps the first fault

func (g *gpu) err() error {
	if p := g.fault.Load(); p != nil {
		return *p
	}
	return nil
}

// later queues f.
func (g *gpu) later(f func(t *thread) error) { g.queue <- command{run: f} }

// now queues f and waits until it has run.
func (g *gpu) now(f func(t *thread) error) {
	done := make(chan struct{})
	g.queue <- command{run: f, done: done}
	<-done
}

func (g *gpu) sync() {
	g.now(func(t *thread) error {
		if err := t.outsideCapture("waiting for the device"); err != nil {
			return err
		}
		if err := t.copies.Sync(); err != nil {
			return err
		}
		if err := t.forks.other.Sync(); err != nil {
			return err
		}
		return t.stream.Sync()
	})
}

// close gives everything back and ends the goroutine.
func (g *gpu) close() {
	if g.closed.Swap(true) {
		return
	}
	done := make(chan struct{})
	g.queue <- command{run: func(t *thread) error { return t.close(g) }, always: true, done: done}
	<-done
	close(g.queue)
}

// close ignores errors: after a fault the driver refuses most calls, and closing the context frees the rest.
func (t *thread) close(g *gpu) error {
	_ = t.stream.Sync()
	_ = t.forks.other.Sync()
	g.closers.run()
	for _, addr := range g.pool.drain() {
		_ = t.ctx.FreeMemory(addr)
	}
	t.freeBounce()
	_ = t.module.Unload()
	_ = t.stream.Destroy()
	_ = t.copies.Destroy()
	t.forks.close()
	return t.ctx.Close()
}
