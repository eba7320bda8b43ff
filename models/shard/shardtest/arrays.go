package shardtest

import (
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// arrays is a shard.DeviceCarrier by way of the host.
type arrays struct{ shard.Carrier }

// Arrays exchanges arrays between the ranks of Run.
func Arrays(c shard.Carrier) shard.DeviceCarrier { return arrays{c} }

func (a arrays) Launched(string) {}

func (a arrays) Err() error { return nil }

// ExchangeArrays is that of shard.DeviceCarrier, array by array, so that sizes which differ are an error.
func (a arrays) ExchangeArrays(op string, to, from [][]*kernels.Array) error {
	most := 0
	for r := range to {
		most = max(most, len(to[r]), len(from[r]))
	}
	for i := range most {
		out, in := make([][]byte, len(to)), make([][]byte, len(to))
		for r := range to {
			if r == a.Rank() {
				continue
			}
			if i < len(to[r]) {
				out[r] = make([]byte, to[r][i].Bytes())
				to[r][i].CopyToHost(out[r])
			}
			if i < len(from[r]) {
				in[r] = make([]byte, from[r][i].Bytes())
			}
		}
		if err := a.Exchange(op, out, in); err != nil {
			return err
		}
		for r, b := range in {
			if r != a.Rank() && i < len(from[r]) {
				from[r][i].CopyFromHost(b)
			}
		}
	}
	return nil
}

// AddArray is that of shard.DeviceCarrier: Adder by way of the host.
func (a arrays) AddArray(op string, x *kernels.Array) error {
	b := make([]byte, x.Bytes())
	x.CopyToHost(b)
	err := Adder(a).Add(op, x.DType(), b)
	if err == nil {
		x.CopyFromHost(b)
	}
	return err
}
