// Package shard cuts a batch into shards that one or several processes compute, and puts together what they have computed: the same
// bytes for any number of processes. Ranks are the processes of a run, numbered from 0.
package shard

import "udml-gpu/kernels"

// Carrier moves bytes between the ranks of a run. All ranks call Exchange in the same order, one call after another, with lengths
// that follow from what all of them know. The first error is final: later calls return it at once.
type Carrier interface {
	// Rank is the number of this process, Size that of all.
	Rank() int
	Size() int
	// Exchange sends to[r] to each rank r and fills from[r] with what r sends here; both have Size elements. What is empty is not sent.
	// Element Rank() of both is left alone. op says what it is for, as in "gather features", for the message of an error. The memory of
	// to may be written again when Exchange returns.
	Exchange(op string, to, from [][]byte) error
}

// Placed is a Carrier that knows the names of the machines of all ranks, the same list on each of them. Large sums and gathers then cross
// from host to host once, not once for each rank of a host, where the ranks of each host follow each other.
type Placed interface {
	Carrier
	Hosts() []string
}

// Adder adds up numbers of the ranks of a run by a library of its own, in an order that the library chooses.
type Adder interface {
	// Add leaves in b on every rank the sums of the numbers of type t, float32 or float64, that the ranks have in b, all of one length.
	// Ranks, order and errors are as in Carrier.Exchange.
	Add(op string, t kernels.DType, b []byte) error
}

// DeviceCarrier moves arrays between the GPUs of the ranks of a run, without their hosts.
type DeviceCarrier interface {
	// ExchangeArrays sends the arrays to[r] to each rank r, in their order, and fills from[r] with what r sends here: as many arrays, of
	// the same sizes. Both have as many elements as there are ranks; those of this rank are left alone, and so are arrays without
	// elements. It takes its turn among the ops of the device and does not wait. Ranks and order are as in Carrier.Exchange. What fails
	// later is a fault of the device, and Err returns it.
	ExchangeArrays(op string, to, from [][]*kernels.Array) error
	// AddArray leaves in a on every rank the sum of the ranks' arrays, of float32 or float64 and one shape, added up in an order that the
	// library of the carrier chooses. It takes its turn and fails as ExchangeArrays does.
	AddArray(op string, a *kernels.Array) error
	// Launched says that a graph with exchanges that were captured has been queued. op says what the graph is.
	Launched(op string)
	// Err is the first error, or nil. It does not wait.
	Err() error
}
