package kernels

import (
	"errors"

	"udml-gpu/cgo/cuda"
)

// Fork calls f, whose ops the device may run beside those that are queued after f has returned, until Join. They begin when all that was
// queued before is done, and ops of several forks run one after another. What they read must not be written before Join, what they write
// neither read nor written; memory that f frees is not used by others until then. It can be captured, with its Join. One goroutine forks,
// joins and queues the ops of the device. To fork or join within f is a fault, to capture an error. On the CPU Fork
// calls f and Join does nothing.
func (d *Device) Fork(f func()) {
	g := d.gpu
	if g == nil {
		f()
		return
	}
	g.later((*thread).fork)
	g.pool.fork(true)
	f()
	g.pool.fork(false)
	g.later((*thread).endFork)
}

// Join has all ops queued from now on wait for those of the forks since the last Join. Capture joins the forks before it.
func (d *Device) Join() {
	if d.gpu == nil {
		return
	}
	d.gpu.later((*thread).join)
	d.gpu.pool.join()
}

// forks is what Fork needs of the driver.
type forks struct {
	begun, done cuda.Event
	other       cuda.Stream // the one of the two streams that ops do not go to now: that of forks, within one that of all others
	inside      bool
	pending     bool // done marks the end of forks that are not joined
}

func (f *forks) open(c *cuda.Context) (err error) {
	if f.begun, err = c.NewEvent(false); err != nil {
		return err
	}
	if f.done, err = c.NewEvent(false); err != nil {
		return err
	}
	f.other, err = c.NewStream()
	return err
}

func (f *forks) close() {
	_ = f.begun.Destroy()
	_ = f.done.Destroy()
	_ = f.other.Destroy()
}

// fork has ops go to the stream of forks.
func (t *thread) fork() error {
	if t.forks.inside {
		return errors.New("a fork within a fork")
	}
	if err := t.forks.begun.Record(t.stream); err != nil {
		return err
	}
	if err := t.forks.other.Wait(t.forks.begun); err != nil {
		return err
	}
	t.swap(true)
	return nil
}

// endFork has ops go to the usual stream again.
func (t *thread) endFork() error {
	if !t.forks.inside { // the fork has failed
		return nil
	}
	err := t.forks.done.Record(t.stream)
	t.forks.pending = err == nil
	t.swap(false)
	return err
}

// join waits for no event of a capture that has ended, which the driver refuses: endCapture leaves nothing pending.
func (t *thread) join() error {
	if t.forks.inside {
		return errors.New("a join within a fork")
	}
	if !t.forks.pending {
		return nil
	}
	t.forks.pending = false
	return t.stream.Wait(t.forks.done)
}

// endForks ends those of a capture, one that a fault left open too: the stream on which the capture began must end it.
func (t *thread) endForks() {
	if t.forks.inside {
		t.swap(false)
	}
	t.forks.pending = false
}

func (t *thread) swap(inside bool) {
	t.stream, t.forks.other, t.forks.inside = t.forks.other, t.stream, inside
}

// fork says whether memory that is given back from now on waits for join.
func (p *pool) fork(inside bool) {
	p.Lock()
	defer p.Unlock()
	p.forked = inside
}

// join gives what forks have given back to all.
func (p *pool) join() {
	p.Lock()
	defer p.Unlock()
	for _, b := range p.held {
		p.add(b)
	}
	p.held = nil
}
