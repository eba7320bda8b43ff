package kernels

import (
	"testing"
)

func TestWorkspaceIsReused(t *testing.T) {
	a := BorrowHost[float32](1000)
	if len(a) != 1000 {
		t.Fatal("length")
	}
	first := &a[0]
	ReturnHost(a)
	b := BorrowHost[float64](500) // the same 4096 bytes
	if len(b) != 500 {
		t.Fatal("second borrow")
	}
	ReturnHost(b)
	c := BorrowHost[float32](1000)
	if &c[0] != first {
		t.Error("the buffer was not reused")
	}
	ReturnHost(c)
	if BorrowHost[int32](0) != nil {
		t.Error("nothing borrowed is not nil")
	}
}
