package file

import "fmt"

// layout is the place of a tensor's elements in a block of count elements: element (i,j,..) is at offset + i*stride[0] + ...
type layout struct {
	offset        int
	shape, stride []int
}

// check refuses elements outside the block, and computes nothing that could overflow. shape must have passed byteSize.
func (l layout) check(count int) error {
	if len(l.shape) != len(l.stride) {
		return fmt.Errorf("%d sizes and %d strides", len(l.shape), len(l.stride))
	}
	if l.empty() {
		return nil
	}
	if l.offset < 0 || l.offset >= count {
		return fmt.Errorf("it starts at element %d of a storage of %d", l.offset, count)
	}
	left := count - 1 - l.offset
	for i, stride := range l.stride {
		steps := l.shape[i] - 1
		if stride < 0 || steps > 0 && stride > left/steps {
			return fmt.Errorf("shape %v with strides %v from %d passes the end of a storage of %d elements",
				l.shape, l.stride, l.offset, count)
		}
		left -= steps * stride
	}
	return nil
}

func (l layout) empty() bool {
	for _, n := range l.shape {
		if n == 0 {
			return true
		}
	}
	return false
}

// rowMajor tells whether the elements are in order and without gaps.
func (l layout) rowMajor() bool {
	want := 1
	for i := len(l.shape) - 1; i >= 0; i-- {
		if l.shape[i] != 1 && l.stride[i] != want {
			return false
		}
		want *= l.shape[i]
	}
	return true
}

// elements are the tensor's size bytes in row-major order: a part of block where they are already so, otherwise a copy. l must be
// checked; width is the bytes of an element.
func (l layout) elements(block []byte, width, size int, a *allowance) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	if l.rowMajor() {
		first := l.offset * width
		return block[first : first+size : first+size], nil
	}
	if err := a.take(size); err != nil {
		return nil, err
	}
	dst, index, at := make([]byte, size), make([]int, len(l.shape)), l.offset
	for to := 0; to < size; to += width {
		copy(dst[to:to+width], block[at*width:])
		at += l.next(index)
	}
	return dst, nil
}

// next advances index in row-major order and gives the corresponding step in the block.
func (l layout) next(index []int) (step int) {
	for i := len(index) - 1; i >= 0; i-- {
		index[i]++
		step += l.stride[i]
		if index[i] < l.shape[i] {
			return step
		}
		step -= index[i] * l.stride[i]
		index[i] = 0
	}
	return step
}
