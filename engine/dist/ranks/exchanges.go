package ranks

import (
	"sync"
	"time"

	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// Exchange is one exchange with the other ranks, for a log of what happened before a run ended.
type Exchange struct {
	Op           string `json:"op"`
	Bytes        int    `json:"bytes"` // sent and received
	Microseconds int64  `json:"microseconds"`
	Failed       bool   `json:"failed,omitempty"`
}

// kept is how many exchanges are remembered.
const kept = 64

// recent are the last exchanges.
type recent struct {
	lock  sync.Mutex
	list  [kept]Exchange
	count int
}

// Exchange is that of the carrier, and is remembered.
func (r *Ranks) Exchange(op string, to, from [][]byte) error {
	bytes := 0
	for i := range to {
		if i != r.Rank() {
			bytes += len(to[i]) + len(from[i])
		}
	}
	return r.remembered(op, bytes, func() error { return r.carrier.Exchange(op, to, from) })
}

// adder is a carrier whose library adds up numbers.
type adder interface {
	shard.Adder
	Library() string // its name and version
}

// Adder adds up numbers of the ranks by the library that connects them, whose name comes with it: MPI. Over TCP there is none.
func (r *Ranks) Adder() (a shard.Adder, library string) {
	if c, ok := r.carrier.(adder); ok {
		return additions{r, c}, c.Library()
	}
	return nil, ""
}

// Over is what carries bytes between the ranks: the name and the version of an MPI library, or TCP.
func (r *Ranks) Over() string {
	if c, ok := r.carrier.(adder); ok {
		return c.Library()
	}
	return "TCP"
}

// additions are those of a carrier, remembered.
type additions struct {
	r *Ranks
	a shard.Adder
}

// Add is that of shard.Adder.
func (s additions) Add(op string, t kernels.DType, b []byte) error {
	return s.r.remembered(op, 2*len(b), func() error { return s.a.Add(op, t, b) })
}

// remembered does and remembers an exchange.
func (r *Ranks) remembered(op string, bytes int, do func() error) error {
	began := time.Now()
	err := do()
	e := Exchange{Op: op, Bytes: bytes, Microseconds: time.Since(began).Microseconds(), Failed: err != nil}
	r.recent.lock.Lock()
	defer r.recent.lock.Unlock()
	r.recent.list[r.recent.count%kept] = e
	r.recent.count++
	return err
}

// Recent are the last exchanges, in order. It may be called from any goroutine.
func (r *Ranks) Recent() []Exchange {
	r.recent.lock.Lock()
	defer r.recent.lock.Unlock()
	at := r.recent.count % kept
	if r.recent.count < kept {
		return append([]Exchange(nil), r.recent.list[:at]...)
	}
	return append(append([]Exchange(nil), r.recent.list[at:]...), r.recent.list[:at]...)
}
