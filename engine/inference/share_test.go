package inference

import (
	"reflect"
	"testing"
)

// TestRowsTravel: what encodeRows writes is read as it was.
func TestRowsTravel(t *testing.T) {
	for _, r := range []Rows{
		{},
		{Images: []int{0, 70_000}, Vectors: []float32{1, -2, 3, 0}, About: [][]byte{[]byte("a"), {}}},
		{Images: []int{5}, Vectors: []float32{1.5}, About: [][]byte{{}}},
	} {
		got, err := decodeRows(encodeRows(r))
		if len(r.Images) == 0 {
			r.Vectors = []float32{}
		}
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%+v, want %+v (%v)", got, r, err)
		}
	}
	if got, err := decodeRows(encodeRows(Rows{Images: []int{3}, Vectors: []float32{7}})); err != nil || len(got.About[0]) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzDecodeRows: bytes that are no rows are an error, and what is read is whole.
func FuzzDecodeRows(f *testing.F) {
	f.Add(encodeRows(Rows{Images: []int{1, 2}, Vectors: []float32{1, 2, 3, 4}, About: [][]byte{[]byte("x"), []byte("yz")}}))
	f.Add([]byte{1, 0, 0, 0, 9, 9, 9, 9, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRows(b)
		if err == nil && (len(r.About) != len(r.Images) || len(r.Images) > 0 && len(r.Vectors)%len(r.Images) != 0) {
			t.Errorf("%+v", r)
		}
	})
}
