package kernels

import (
	"slices"
	"testing"
)

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s did not panic", what)
		}
	}()
	f()
}

func TestArrayLifeAndViews(t *testing.T) {
	dev := CPU()
	a := dev.New(Float32, 3, 4)
	if dev.LiveBytes() != 48 {
		t.Fatalf("%d bytes live, want 48", dev.LiveBytes())
	}
	for i := range Data[float32](a) {
		Data[float32](a)[i] = float32(i)
	}
	if row := Data[float32](a.Rows(1, 2)); !slices.Equal(row, []float32{4, 5, 6, 7}) {
		t.Fatalf("row 1 is %v", row)
	}
	if v := a.View(2, 2, 2); v.String() != "float32[2 2]" || Data[float32](v)[0] != 2 {
		t.Fatalf("view is %v", v)
	}
	if d := a.Dense(); d.Shape()[1] != 4 || d.Data().([]float32)[5] != 5 {
		t.Fatalf("dense is %v", d)
	}
	b := Of(dev, make([]float32, 12), 12)
	b.CopyFrom(a)
	if Data[float32](b)[11] != 11 {
		t.Fatal("copy")
	}
	b.Zero()
	if Data[float32](b)[11] != 0 {
		t.Fatal("zero")
	}
	mustPanic(t, "a view past the end", func() { a.View(10, 3) })
	mustPanic(t, "a reshape to another size", func() { a.Reshape(5) })
	mustPanic(t, "reading float32 as int32", func() { Data[int32](a) })
	mustPanic(t, "a negative shape", func() { dev.New(Float32, -1) })
	mustPanic(t, "carving past the end", func() { a.Carve(Float64, 8, 6) })
	a.Free()
	mustPanic(t, "freeing twice", a.Free)
	b.Free()
	empty := dev.New(Float64, 0, 7)
	if empty.Len() != 0 || Data[float64](empty) != nil {
		t.Fatal("empty array has elements")
	}
	empty.Free()
	if dev.LiveBytes() != 0 {
		t.Fatalf("%d bytes live at the end", dev.LiveBytes())
	}
}

func TestWrapSharesMemory(t *testing.T) {
	data := []int32{1, 2, 3}
	Data[int32](Wrap(CPU(), data, 3))[1] = 9
	if data[1] != 9 {
		t.Fatal("not shared")
	}
}

func TestTilesCoverOnce(t *testing.T) {
	for _, n := range []int{0, 1, 6, 7, 8, 1000} {
		seen := make([]int32, n)
		Tiles(n, 7, func(lo, hi int) {
			if lo%7 != 0 || hi-lo > 7 {
				t.Errorf("tile [%d,%d)", lo, hi)
			}
			for i := lo; i < hi; i++ {
				seen[i]++
			}
		})
		if i := slices.IndexFunc(seen, func(c int32) bool { return c != 1 }); i >= 0 {
			t.Errorf("n %d: element %d seen %d times", n, i, seen[i])
		}
	}
	mustPanic(t, "a panic in a tile", func() { Tiles(100, 1, func(lo, _ int) { panic(lo) }) })
}
