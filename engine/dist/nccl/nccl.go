// Package nccl has the GPUs of the ranks of a run exchange arrays by NCCL, beside the carrier that connects their hosts. Unless
// shard.Group.AddFast asks for its sums, NCCL moves bytes only: what is added up is added by the program's own kernels, in their order, so
// that the bytes of a run are the same without it.
package nccl

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"udml-gpu/cgo/nccl"
	"udml-gpu/engine/dist"
	"udml-gpu/kernels"
)

// carrier is a shard.DeviceCarrier.
type carrier struct {
	dev        *kernels.Device
	comm       *nccl.Comm
	rank, size int
	limit      func() time.Duration
	progress   *kernels.Progress
	unmarked   atomic.Int32 // exchanges since the last mark
	done       chan struct{}
	watching   sync.WaitGroup

	mu  sync.Mutex
	op  string // of the last exchange
	err error  // the first
}

// marked is after how many exchanges a mark is set, at the latest, by which the watch sees the device come on. A step has up to some
// hundred exchanges, and a mark costs the device some microseconds.
const marked = 16

// ExchangeArrays is that of shard.DeviceCarrier. What fails is a *dist.PeerError, and the fault of the device.
func (c *carrier) ExchangeArrays(op string, to, from [][]*kernels.Array) error {
	if len(to) != c.size || len(from) != c.size {
		panic(fmt.Sprintf("nccl: arrays to %d and from %d ranks where there are %d", len(to), len(from), c.size))
	}
	var messages []nccl.Message
	for r := range c.size {
		if r != c.rank {
			messages = appendMessages(appendMessages(messages, r, false, to[r]), r, true, from[r])
		}
	}
	return c.queue(op, len(messages) == 0, func(stream unsafe.Pointer) error { return c.comm.Exchange(stream, messages) })
}

// AddArray is that of shard.DeviceCarrier.
func (c *carrier) AddArray(op string, a *kernels.Array) error {
	return c.queue(op, a.Len() == 0, func(stream unsafe.Pointer) error {
		return c.comm.Add(stream, a.Address(), a.Len(), a.DType() == kernels.Float64)
	})
}

// queue has a call of NCCL take its turn among the ops of the device, unless there is nothing to do or an earlier one has failed.
func (c *carrier) queue(op string, nothing bool, call func(stream unsafe.Pointer) error) error {
	c.mu.Lock()
	err := c.err
	c.op = op
	c.mu.Unlock()
	if err != nil || nothing {
		return err
	}
	c.dev.Queue("NCCL, to "+op, func(stream unsafe.Pointer) error {
		err := call(stream)
		if err == nil {
			_, err = settled(c.comm, c.limit())
		}
		if err != nil {
			return c.fail(err)
		}
		return nil
	})
	c.queued()
	return nil
}

// queued counts an exchange.
func (c *carrier) queued() {
	if c.unmarked.Add(1) == marked {
		c.unmarked.Store(0)
		c.progress.Mark()
	}
}

// Launched is that of shard.DeviceCarrier.
func (c *carrier) Launched(op string) {
	c.mu.Lock()
	c.op = op
	c.mu.Unlock()
	c.queued()
}

func appendMessages(list []nccl.Message, peer int, receive bool, arrays []*kernels.Array) []nccl.Message {
	for _, a := range arrays {
		if a.Len() > 0 {
			list = append(list, nccl.Message{Peer: peer, Receive: receive, Address: a.Address(), Bytes: a.Bytes()})
		}
	}
	return list
}

// Err is the first error.
func (c *carrier) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// fail makes an error of NCCL that of the carrier and of the device, whose queue then does nothing more. It returns the first error.
func (c *carrier) fail(err error) error {
	c.mu.Lock()
	if c.err == nil {
		c.err = &dist.PeerError{Rank: -1, Op: c.op, Err: err}
	}
	err = c.err
	c.mu.Unlock()
	c.dev.Fail(err)
	return err
}

// The pace of asking.
const (
	askEvery   = time.Millisecond       // while this rank waits
	watchEvery = 100 * time.Millisecond // while it computes
)

// errSlow is the error of a communicator that takes too long.
var errSlow = errors.New("no answer in time")

// settled waits until no call of the communicator goes on any more.
func settled(c *nccl.Comm, limit time.Duration) (waited time.Duration, err error) {
	for start := time.Now(); ; time.Sleep(askEvery) {
		busy, err := c.State()
		if waited = time.Since(start); err != nil || !busy {
			return waited, err
		}
		if limit > 0 && waited > limit {
			return waited, fmt.Errorf("%w: %.4g s", errSlow, limit.Seconds())
		}
	}
}

// watch notices that a rank is gone, and that the device does not come on: it waits for a rank that does not send. It then ends what the
// device does, so that this rank can end too.
func (c *carrier) watch() {
	var last uint64
	since := time.Now()
	for {
		select {
		case <-c.done:
			return
		case <-time.After(watchEvery):
		}
		_, err := c.comm.State()
		if c.unmarked.Swap(0) > 0 {
			c.progress.TryMark()
		}
		placed, passed := c.progress.Marks()
		if passed != last || placed == passed {
			last, since = passed, time.Now()
		}
		if limit := c.limit(); err == nil && time.Since(since) > limit {
			err = fmt.Errorf("no answer in %.4g s", limit.Seconds())
		}
		if err != nil {
			_ = c.fail(err)
			_ = c.comm.Abort() // the first error is what counts
			return
		}
	}
}

// closeLimit is how long the end waits for the other ranks to come so far.
const closeLimit = 2 * time.Second

// close ends the communicator, on the thread of the device: in good order if all ranks do.
func (c *carrier) close() {
	close(c.done)
	c.watching.Wait()
	if c.Err() == nil && c.comm.Finalize() == nil {
		if _, err := settled(c.comm, closeLimit); err == nil {
			_ = c.comm.Destroy() // nothing is left that could be lost
			return
		}
	}
	_ = c.comm.Abort()
}
