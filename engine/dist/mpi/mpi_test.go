package mpi

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"udml-gpu/cgo/mpi"
)

// TestAbsent: the error names all ranks that do not answer, and where they run.
func TestAbsent(t *testing.T) {
	c := &Carrier{rank: 1, size: 4, peers: []*peer{{}, nil, {}, {}}, hosts: []string{"a", "a", "b", "b"}}
	for _, v := range []struct {
		ranks []int
		want  string
	}{
		{[]int{2}, "rank 2 on b: no answer in 60 s (gather features)"},
		{[]int{0, 2, 3}, "rank 0 on a: no answer in 60 s, nor from rank 2 on b, rank 3 on b (gather features)"},
	} {
		if err := c.absent("gather features", time.Minute, v.ranks); err.Error() != v.want {
			t.Errorf("%q, want %q", err, v.want)
		}
	}
	if !c.peers[3].gone || !c.peers[0].gone {
		t.Error("a rank that does not answer is not noted as gone")
	}
}

func TestUnanswered(t *testing.T) {
	flows := []transfer{
		&flow{peer: 3, receive: true, bytes: make([]byte, 2), done: 1},
		&flow{peer: 1, receive: true, bytes: make([]byte, 2), done: 2},
		&flow{peer: 0, bytes: make([]byte, 2)},
		&flow{peer: 3, bytes: make([]byte, 2)},
		&addition{bytes: make([]byte, 2)},
	}
	if got := unanswered(flows); !slices.Equal(got, []int{-1, 0, 3}) {
		t.Errorf("%v", got)
	}
}

// loop is a wire from a rank to itself, which delivers in order, and only the second time that it is asked.
type loop struct {
	queue    [][]byte
	awaiting map[uint64][]byte
	asked    map[uint64]int
	last     uint64
	short    int // how many bytes each message lacks
}

func (l *loop) request(receive bool) mpi.Request {
	l.last++
	return mpi.Request{Handle: l.last, Receive: receive}
}

func (l *loop) Send(b []byte, _, _ int) (mpi.Request, error) {
	l.queue = append(l.queue, slices.Clone(b[:len(b)-l.short]))
	return l.request(false), nil
}

func (l *loop) Receive(b []byte, _, _ int) (mpi.Request, error) {
	r := l.request(true)
	l.awaiting[r.Handle] = b
	return r, nil
}

// Add doubles the numbers, as of two ranks with the same.
func (l *loop) Add(in, out []byte, _ bool) (mpi.Request, error) {
	for i := 0; i < len(in); i += 4 {
		v := math.Float32frombits(binary.LittleEndian.Uint32(in[i:]))
		binary.LittleEndian.PutUint32(out[i:], math.Float32bits(2*v))
	}
	return l.request(false), nil
}

func (l *loop) Test(r *mpi.Request) (done bool, count int, err error) {
	l.asked[r.Handle]++
	if l.asked[r.Handle] < 2 {
		return false, 0, nil
	}
	if !r.Receive {
		return true, 0, nil
	}
	for h := range l.awaiting {
		if h < r.Handle {
			return false, 0, nil
		}
	}
	if len(l.queue) == 0 {
		return false, 0, nil
	}
	count = copy(l.awaiting[r.Handle], l.queue[0])
	l.queue = l.queue[1:]
	delete(l.awaiting, r.Handle)
	return true, count, nil
}

func (*loop) Abort(int) error { return nil }

func (*loop) Finalize() error { return nil }

// through sends n bytes through a loop, and says how many steps that takes.
func through(t *testing.T, n, short int) (steps int, err error) {
	w := &loop{awaiting: map[uint64][]byte{}, asked: map[uint64]int{}, short: short}
	sent, got := pattern(n, 1, 2, 3), make([]byte, n)
	in, out := flow{receive: true, bytes: got, slots: &[2]slot{}}, flow{bytes: sent, slots: &[2]slot{}}
	for ; !in.finished() || !out.finished(); steps++ {
		if steps > 100 {
			t.Fatalf("%d bytes do not arrive", n)
		}
		if _, err := out.step(w); err != nil {
			return steps, err
		}
		if _, err := in.step(w); err != nil {
			return steps, err
		}
	}
	if !slices.Equal(sent, got) {
		t.Errorf("other bytes of %d arrive", n)
	}
	return steps, nil
}

// TestFlow: pieces are put together in their order.
func TestFlow(t *testing.T) {
	for _, n := range []int{1, piece - 1, piece, piece + 1, 2 * piece, 5*piece + 3} {
		if _, err := through(t, n, 0); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if _, err := through(t, 8, 3); err == nil || err.Error() != "5 bytes came where 8 were expected" {
		t.Errorf("a message that is too short: %v", err)
	}
}

// TestAddition: the sums of pieces are put together in their order.
func TestAddition(t *testing.T) {
	for _, n := range []int{4, piece, piece + 4, 5*piece + 8} {
		b := make([]byte, n)
		for i := 0; i < n; i += 4 {
			binary.LittleEndian.PutUint32(b[i:], math.Float32bits(float32(i/4)))
		}
		w, a := &loop{asked: map[uint64]int{}}, addition{bytes: b, slots: &[2]sumSlot{}}
		for steps := 0; !a.finished(); steps++ {
			if _, err := a.step(w); err != nil || steps > 100 {
				t.Fatalf("%d bytes: %v after %d steps", n, err, steps)
			}
		}
		for i := 0; i < n; i += 4 {
			if got := math.Float32frombits(binary.LittleEndian.Uint32(b[i:])); got != 2*float32(i/4) {
				t.Fatalf("%d bytes: number %d is %g", n, i/4, got)
			}
		}
	}
}

// TestPace: a rank that stood still itself does not take that time for the silence of others.
func TestPace(t *testing.T) {
	p := newPace()
	p.began = p.began.Add(-10 * time.Minute)
	p.last = p.last.Add(-10*time.Minute + 3*time.Second)
	waited, look := p.next()
	if waited < 3*time.Second || waited > 4*time.Second || !look {
		t.Errorf("%v, %v", waited, look)
	}
}

// TestWithin: a call that does not return is given up, and so are those after it.
func TestWithin(t *testing.T) {
	o, release := newOwner(), make(chan struct{})
	defer close(release)
	if v, ok := within(o, time.Minute, func() int { return 3 }); v != 3 || !ok {
		t.Errorf("%d, %v", v, ok)
	}
	for range 2 {
		if _, ok := within(o, 10*time.Millisecond, func() int { <-release; return 4 }); ok {
			t.Error("a call that does not return is not given up")
		}
	}
}
