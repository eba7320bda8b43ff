package shard

import "udml-gpu/kernels"

// swap sends the arrays to[r] to each rank r and fills from[r] with what r sends here, as many arrays of the same sizes; what is of this
// rank is left alone. Arrays on GPUs go directly where a DeviceCarrier connects these, all others by way of the hosts.
func (g *Group) swap(op string, to, from [][]*kernels.Array) {
	if dev := deviceOf(to, from); dev != nil && g.Direct(dev) {
		g.exchangeArrays(op, to, from)
		return
	}
	me := g.Rank()
	send, receive := make([][]byte, len(to)), make([][]byte, len(to))
	last := me // whose element of send was packed last; me: none yet
	for r := range to {
		if r == me {
			continue
		}
		if last != me && same(to[last], to[r]) {
			send[r] = send[last]
		} else if len(to[r]) > 0 {
			send[r], last = borrow(to[r]), r
			defer kernels.ReturnHost(send[r])
			inPieces(to[r], send[r], (*kernels.Array).CopyToHost)
		}
		receive[r] = borrow(from[r])
		defer kernels.ReturnHost(receive[r])
	}
	if g.exchange(op, send, receive); g.err != nil {
		return
	}
	for r, b := range receive {
		if r != me {
			inPieces(from[r], b, (*kernels.Array).CopyFromHost)
		}
	}
}

// same says whether two lists are one.
func same(a, b []*kernels.Array) bool { return len(a) > 0 && len(a) == len(b) && &a[0] == &b[0] }

// size is the number of bytes of the arrays.
func size(arrays []*kernels.Array) (n int) {
	for _, a := range arrays {
		n += a.Bytes()
	}
	return n
}

// borrow is memory for the bytes of the arrays.
func borrow(arrays []*kernels.Array) []byte { return kernels.BorrowHost[uint8](size(arrays)) }

// inPieces calls do with each array and its piece of b.
func inPieces(arrays []*kernels.Array, b []byte, do func(a *kernels.Array, piece []byte)) {
	for _, a := range arrays {
		do(a, b[:a.Bytes()])
		b = b[a.Bytes():]
	}
}

// deviceOf is the device of the arrays; nil where there are none.
func deviceOf(lists ...[][]*kernels.Array) *kernels.Device {
	for _, ranks := range lists {
		for _, arrays := range ranks {
			for _, a := range arrays {
				return a.Device()
			}
		}
	}
	return nil
}
