package update

import (
	"encoding/binary"
	"math"

	"udml-gpu/kernels"
)

// The numbers of chunk.cuh: the elements of a chunk, and the size of its entry in the table.
const chunkSize, chunkBytes = 4096, 48

// writeTable cuts the parameters into chunks and writes the kernels' table of them to the device's memory.
func (l *List) writeTable() {
	kernels.WantFloat32("update.NewList", l.params...)
	var table []byte
	for i, p := range l.params {
		kernels.WantFloat32("update.NewList", l.grads[i], l.moment(l.first, i), l.moment(l.second, i))
		for at := 0; at < p.Len(); at += chunkSize {
			table = l.appendChunk(table, i, at)
		}
	}
	if len(table) > 0 {
		l.chunks = len(table) / chunkBytes
		l.table = kernels.Of(l.params[0].Device(), table, len(table))
	}
}

// appendChunk adds the chunk of parameter i that begins at element at.
func (l *List) appendChunk(table []byte, i, at int) []byte {
	for _, a := range []*kernels.Array{l.params[i], l.grads[i], l.moment(l.first, i), l.moment(l.second, i)} {
		address := uint64(0)
		if a != nil {
			address = a.Address() + 4*uint64(at)
		}
		table = binary.LittleEndian.AppendUint64(table, address)
	}
	table = binary.LittleEndian.AppendUint64(table, math.Float64bits(l.rate(i)))
	return binary.LittleEndian.AppendUint64(table, uint64(min(chunkSize, l.params[i].Len()-at)))
}

// launch is a block a chunk.
func (l *List) launch() kernels.Launch { return chunkLaunch(l.chunks) }

func chunkLaunch(chunks int) kernels.Launch {
	return kernels.Launch{Grid: kernels.Dim{X: chunks}, Block: kernels.Dim{X: 256}}
}
