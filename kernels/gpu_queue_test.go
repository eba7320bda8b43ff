package kernels_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"
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

// TestQueueFault: an error is a fault that names the call, and nothing runs after it but the functions of OnClose.
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
