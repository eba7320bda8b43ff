package inference

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"

	"udml-gpu/engine/data"
	"udml-gpu/engine/network"
	"udml-gpu/models/shard"
)

// Several ranks share the images of a set: of N ranks, rank r embeds the blocks r, r+N, ... of network.EmbedBatch images. After each round,
// in which every rank has embedded a block, rank 0 gets what the others have, so that it hands on all rows in their order and no rank holds
// more than a block. A block goes through the network in one piece on any number of ranks: its rows have the same bytes.

// blocksOf is how many blocks n images are.
func blocksOf(n int) int { return (n + network.EmbedBatch - 1) / network.EmbedBatch }

// handing hands on the blocks of n images.
type handing struct {
	ctx   context.Context
	group *shard.Group
	poll  func() error // the agreement on signals between rounds
	n     int
	all   bool // every rank hands on all rows; else rank 0 alone does
	name  func(i int) string
	about func(i int) []byte // Seen.About
	each  func(Rows) error
	told  func(done, total int)

	round  int // the next one
	finite finite
}

func (e *Embedder) handing(ctx context.Context, n int, name func(i int) string, each func(Rows) error) *handing {
	w := e.request.Work
	return &handing{ctx: ctx, group: w.Group(), poll: w.Poll, n: n, name: name, each: each, told: e.progress}
}

// own tells whether this rank embeds a block.
func (h *handing) own(block int) bool { return block%h.group.Ranks() == h.group.Rank() }

// put hands on a block of this rank: the rows [len(at),D] of the images at these positions. Blocks of this rank that are left out have
// none.
func (h *handing) put(block int, at []int, vectors []float32) error {
	if err := h.roundsTo(block / h.group.Ranks()); err != nil {
		return err
	}
	return h.exchange(h.rows(at, vectors))
}

func (h *handing) rows(at []int, vectors []float32) Rows {
	r := Rows{Images: at, Vectors: vectors}
	if h.about != nil {
		for _, i := range at {
			r.About = append(r.About, h.about(i))
		}
	}
	return r
}

// roundsTo takes part in the rounds before one, without a block.
func (h *handing) roundsTo(round int) error {
	for h.round < round {
		if err := h.exchange(Rows{}); err != nil {
			return err
		}
	}
	return nil
}

// end takes part in the rounds that are left. Then every rank has taken part in the same ones.
func (h *handing) end() error {
	ranks := h.group.Ranks()
	return h.roundsTo((blocksOf(h.n) + ranks - 1) / ranks)
}

// exchange is a round.
func (h *handing) exchange(mine Rows) error {
	h.round++
	if h.group.Ranks() == 1 {
		return h.give(mine)
	}
	blocks := h.group.Collect("collect embeddings", encodeRows(mine), h.all)
	if err := h.group.Err(); err != nil {
		return err
	}
	for _, b := range blocks {
		rows, err := decodeRows(b)
		if err == nil {
			err = h.give(rows)
		}
		if err != nil {
			return err
		}
	}
	h.told(min(h.round*h.group.Ranks()*network.EmbedBatch, h.n), h.n)
	if err := h.poll(); err != nil {
		return err
	}
	return h.ctx.Err()
}

// give hands on rows, if there are any.
func (h *handing) give(r Rows) error {
	if len(r.Images) == 0 {
		return nil
	}
	h.finite.look(r, h.name)
	return h.each(r)
}

// encodeRows is a number of rows, their positions, the lengths of what is said about them, that, and the rows; integers are uint32, little
// endian.
func encodeRows(r Rows) []byte {
	n, size := len(r.Images), 0
	for _, a := range r.About {
		size += len(a)
	}
	b := make([]byte, 0, 4+8*n+size+4*len(r.Vectors))
	number := func(v int) { b = binary.LittleEndian.AppendUint32(b, uint32(v)) }
	number(n)
	for k, i := range r.Images {
		number(i)
		if r.About == nil {
			number(0)
		} else {
			number(len(r.About[k]))
		}
	}
	for _, a := range r.About {
		b = append(b, a...)
	}
	for _, v := range r.Vectors {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

var errRows = errors.New("another rank has sent rows that cannot be read")

// decodeRows reads what encodeRows has written.
func decodeRows(b []byte) (r Rows, err error) {
	number := func() int {
		v := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return int(v)
	}
	if len(b) < 4 {
		return r, errRows
	}
	n := number()
	if len(b)/8 < n {
		return r, errRows
	}
	lengths, size := make([]int, n), 0
	for k := range n {
		r.Images = append(r.Images, number())
		lengths[k] = number()
		size += lengths[k]
	}
	if size > len(b) || (len(b)-size)%4 != 0 || n > 0 && (len(b)-size)/4%n != 0 {
		return r, errRows
	}
	for _, length := range lengths {
		r.About, b = append(r.About, b[:length]), b[length:]
	}
	r.Vectors = make([]float32, len(b)/4)
	for k := range r.Vectors {
		r.Vectors[k] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))
	}
	return r, nil
}

// skip is a data.Skip that is sent to other ranks.
type skip struct {
	At  int // position in the set
	Why string
}

// skips are the images of the set that some rank could not read, of which this one has some; on ranks other than 0 only with all.
func (h *handing) skips(set *data.Set, mine []data.Skip) ([]data.Skip, error) {
	if h.group.Ranks() == 1 {
		return mine, nil
	}
	list := make([]skip, len(mine))
	for k, s := range mine {
		at, _ := set.Find(s.Name)
		list[k] = skip{at, s.Err.Error()}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	why := map[int]string{}
	for _, b := range h.group.Collect("collect unreadable images", text, h.all) {
		var list []skip
		if err := json.Unmarshal(b, &list); err != nil {
			return nil, errRows
		}
		for _, s := range list {
			why[s.At] = s.Why
		}
	}
	var all []data.Skip
	for i := range set.Items {
		if text, ok := why[i]; ok {
			all = append(all, data.Skip{Name: set.Items[i].Name, Err: errors.New(text)})
		}
	}
	return all, h.group.Err()
}
