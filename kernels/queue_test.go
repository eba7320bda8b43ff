package kernels_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"udml-gpu/kernels"
)

// TestQueue: functions run in the order in which they were queued, on one stream, and the last closer first.
func TestQueue(t *testing.T) {
	dev := fresh(t)
	var order []string
	var streams []unsafe.Pointer
	note := func(name string) func(unsafe.Pointer) error {
		return func(stream unsafe.Pointer) error {
			order, streams = append(order, name), append(streams, stream)
			return nil
		}
	}
	dev.Queue("first", note("first"))
	dev.Queue("second", note("second"))
	dev.QueueSync("third", note("third"))
	dev.OnClose(func() { order = append(order, "closed last") })
	dev.OnClose(func() { order = append(order, "closed first") })
	dev.Close()
	if want := []string{"first", "second", "third", "closed first", "closed last"}; !slices.Equal(order, want) {
		t.Errorf("they ran as %v, want %v", order, want)
	}
	if streams[0] == nil || streams[0] != streams[1] || streams[0] != streams[2] {
		t.Errorf("streams %v", streams)
	}
}

// TestQueueFault: an error is a fault that names the call, and nothing runs after it but what closes.
func TestQueueFault(t *testing.T) {
	dev := fresh(t)
	broken, closed := errors.New("broken"), false
	dev.OnClose(func() { closed = true })
	dev.Queue("the call", func(unsafe.Pointer) error { return broken })
	dev.QueueSync("another", func(unsafe.Pointer) error {
		t.Error("a function ran after the fault")
		return nil
	})
	if err := dev.Err(); !errors.Is(err, broken) || !strings.Contains(fmt.Sprint(err), "the call: broken") {
		t.Errorf("the fault is %v", err)
	}
	dev.Close()
	if !closed {
		t.Error("closing left out what was registered for it")
	}
}

// TestPerDevice: one of a kind for each device, until that closes.
func TestPerDevice(t *testing.T) {
	a, b := fresh(t), fresh(t)
	var kept kernels.PerDevice[int]
	made, shut := 0, []int{}
	of := func(dev *kernels.Device) int {
		return kept.Of(dev, func() int { made++; return made }, func(v int) { shut = append(shut, v) })
	}
	if got := []int{of(a), of(b), of(a)}; !slices.Equal(got, []int{1, 2, 1}) {
		t.Errorf("kept %v", got)
	}
	b.Close()
	a.Close()
	if !slices.Equal(shut, []int{2, 1}) {
		t.Errorf("shut %v", shut)
	}
}

// TestGPUHandle: a handle where the library was found and opens; else why not, which is a fault only where the search
// found something wrong.
func TestGPUHandle(t *testing.T) {
	dev := fresh(t)
	open := func() (int, error) { return 7, nil }
	if h, problem := kernels.OpenHandle(dev, "lib", "", nil, open); h != 7 || problem != "" {
		t.Errorf("opened: %d, %q", h, problem)
	}
	if h, problem := kernels.OpenHandle(dev, "lib", "none", nil, open); h != 0 || problem != "none" {
		t.Errorf("no library: %d, %q", h, problem)
	}
	refuse := func() (int, error) { return 8, errors.New("refused") }
	if h, problem := kernels.OpenHandle(dev, "lib", "", nil, refuse); h != 0 || problem != "refused" {
		t.Errorf("it does not open: %d, %q", h, problem)
	}
	if err := dev.Err(); err != nil {
		t.Fatalf("a fault: %v", err)
	}
	wrong := errors.New("the wrong one")
	if h, problem := kernels.OpenHandle(dev, "lib", "wrong", wrong, open); h != 0 || problem != "wrong" || !errors.Is(dev.Err(), wrong) {
		t.Errorf("the wrong library: %d, %q, fault %v", h, problem, dev.Err())
	}
}
