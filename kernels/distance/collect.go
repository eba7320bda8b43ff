package distance

import (
	"math"
	"unsafe"

	"udml-gpu/kernels"
)

// candidates are rows of y with their scores.
type candidates[T kernels.Float] struct {
	score []T
	index []int32
}

func borrowCandidates[T kernels.Float](n int) candidates[T] {
	return candidates[T]{kernels.BorrowHost[T](n), kernels.BorrowHost[int32](n)}
}

func (c candidates[T]) release() {
	kernels.ReturnHost(c.score)
	kernels.ReturnHost(c.index)
}

func (c candidates[T]) part(lo, hi int) candidates[T] {
	return candidates[T]{c.score[lo:hi], c.index[lo:hi]}
}

// fewest is the largest k for which keeping the list sorted is the faster way.
const fewest = 24

// room is the number of candidates that a collector of the k best of m holds at a time.
func room(k, m int) int {
	if k <= fewest {
		return min(k, m)
	}
	return min(2*k, m)
}

// collector keeps the k best of the scores that are offered in the order of their indices. Few are kept sorted; of
// many, up to 2k are gathered before the worse half is dropped, which costs O(1) for each one gathered.
type collector[T kernels.Float] struct {
	candidates[T]               // room(k, m) of them
	spare         candidates[T] // as much working space, which collectors of one goroutine share
	k, n          int
	full          bool // k were found, here or before: from now on only scores above bar count
	bar           T    // the k-th best when the list was last put in order
	// alike, unless nil, corrects the score of a row that is to be taken.
	alike func(j int, score T) T
}

// offer takes the scores of rows j, j+1, ... of y. NaN is never taken.
func (c *collector[T]) offer(row []T, j int) {
	at := 0
	for ; at < len(row) && !c.full; at++ {
		if v := row[at]; v == v {
			c.add(v, j+at)
		}
	}
	row = row[at:]
	bar := c.bar
	for i, v := range row {
		if v > bar {
			c.add(v, j+at+i)
			bar = c.bar
		}
	}
}

// startAbove leaves out what is not better than k candidates, best first, that were found among smaller indices.
func (c *collector[T]) startAbove(best candidates[T]) {
	if n := len(best.score); n > 0 && n == c.k {
		c.full, c.bar = true, best.score[n-1]
	}
}

// offerCandidates takes candidates: those of larger index than all before, equal ones by index.
func (c *collector[T]) offerCandidates(list candidates[T]) {
	for i, v := range list.score {
		if !c.full || v > c.bar {
			c.add(v, int(list.index[i]))
		}
	}
}

func (c *collector[T]) add(v T, j int) {
	if c.alike != nil {
		if v = c.alike(j, v); c.full && !(v > c.bar) {
			return
		}
	}
	if c.k <= fewest {
		c.insert(v, j)
		return
	}
	c.score[c.n], c.index[c.n] = v, int32(j)
	c.n++
	if c.n == len(c.score) {
		c.shrink()
	}
}

// insert puts a score behind those at least as good, and drops the last when there were k.
func (c *collector[T]) insert(v T, j int) {
	at := c.n
	if at == c.k {
		at--
	} else {
		c.n++
	}
	for ; at > 0 && c.score[at-1] < v; at-- {
		c.score[at], c.index[at] = c.score[at-1], c.index[at-1]
	}
	c.score[at], c.index[at] = v, int32(j)
	if c.n == c.k {
		c.full, c.bar = true, c.score[c.k-1]
	}
}

// shrink keeps the k best in the order of their indices; of equal scores at the edge the first ones stay.
func (c *collector[T]) shrink() {
	work := c.spare.score[:c.n]
	copy(work, c.score)
	bar := kthLargest(work, c.k)
	ties := c.k
	for _, v := range c.score[:c.n] {
		if v > bar {
			ties--
		}
	}
	n := 0
	for i, v := range c.score[:c.n] {
		if v < bar || (v == bar && ties == 0) {
			continue
		}
		if v == bar {
			ties--
		}
		c.score[n], c.index[n] = v, c.index[i]
		n++
	}
	c.n, c.full, c.bar = n, true, bar
}

// best is the candidates found, at most k, best first, equal ones by index. The collector is then used up.
func (c *collector[T]) best() candidates[T] {
	if c.k <= fewest {
		return c.part(0, c.n)
	}
	if c.n > c.k {
		c.shrink()
	}
	return sortDescending(c.part(0, c.n), c.spare.part(0, c.n))
}

// kthLargest is the k-th largest, k from 1, of numbers that it reorders (Hoare's selection).
func kthLargest[T kernels.Float](a []T, k int) T {
	lo, hi, target := 0, len(a)-1, k-1
	for lo < hi {
		pivot := median(a[lo], a[(lo+hi)/2], a[hi])
		i, j := lo, hi
		for i <= j {
			for a[i] > pivot {
				i++
			}
			for a[j] < pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		switch {
		case target <= j:
			hi = j
		case target >= i:
			lo = i
		default:
			return a[target]
		}
	}
	return a[target]
}

func median[T kernels.Float](a, b, c T) T {
	if a > b {
		a, b = b, a
	}
	switch {
	case c < a:
		return a
	case c > b:
		return b
	}
	return c
}

// sortDescending is a stable radix sort, a byte at a time. It returns the sorted candidates, in one of the two.
func sortDescending[T kernels.Float](c, spare candidates[T]) candidates[T] {
	for shift := 0; shift < 8*int(unsafe.Sizeof(T(0))); shift += 8 {
		var start [257]int
		for _, v := range c.score {
			start[descending(v)>>shift&255+1]++
		}
		for i := range 256 {
			start[i+1] += start[i]
		}
		for i, v := range c.score {
			digit := descending(v) >> shift & 255
			spare.score[start[digit]], spare.index[start[digit]] = v, c.index[i]
			start[digit]++
		}
		c, spare = spare, c
	}
	return c
}

// descending maps a number to an integer that is smaller for larger numbers. -0 counts as 0.
func descending[T kernels.Float](v T) uint64 {
	v += 0
	if unsafe.Sizeof(v) == 4 {
		b := math.Float32bits(float32(v))
		return uint64(b ^ ^uint32(int32(b)>>31)&0x7fffffff)
	}
	b := math.Float64bits(float64(v))
	return b ^ ^uint64(int64(b)>>63)&(1<<63-1)
}
