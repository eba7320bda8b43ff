package distance

import "udml-gpu/kernels"

// pieces are what a search has found for each of n rows in each of some pieces.
type pieces[T kernels.Float] struct {
	candidates[T]
	count        []int32
	pieces, room int
}

func newPieces[T kernels.Float](n, count, room int) *pieces[T] {
	return &pieces[T]{borrowCandidates[T](n * count * room), kernels.BorrowHost[int32](n * count), count, room}
}

func (p *pieces[T]) release() {
	p.candidates.release()
	kernels.ReturnHost(p.count)
}

func (p *pieces[T]) put(i, piece int, best candidates[T]) {
	at := i*p.pieces + piece
	copy(p.score[at*p.room:], best.score)
	copy(p.index[at*p.room:], best.index)
	p.count[at] = int32(len(best.score))
}

func (p *pieces[T]) of(i, piece int) candidates[T] {
	at := i*p.pieces + piece
	return p.part(at*p.room, at*p.room+int(p.count[at]))
}
