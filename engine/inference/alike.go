package inference

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"udml-gpu/engine/data"
	"udml-gpu/engine/dist/accord"
)

// SameImages is a UsageError on ranks (Work) that run another program, have other settings, or see other images than rank 0.
func (q *Request) SameImages(src *data.Source) error {
	if q.Work.Group().Ranks() == 1 {
		return nil
	}
	c := q.Config // but for what may differ from host to host
	c.Out, c.Data, c.Cache, c.CacheRAM, c.Workers, c.Device = "", "", "", "", 0, ""
	text, err := c.YAML()
	if err != nil {
		return err
	}
	all := src.Split("all")
	return accord.Same(q.Work.Group(), accord.Program(), accord.Fact{Name: "settings", Value: string(text)},
		accord.Fact{Name: "flags", Value: "--split " + q.Split + "\n--layer " + q.Layer},
		accord.Fact{Name: "images", Value: listing(all)})
}

// listing is a SHA-256, in hex, of the names and labels of a set.
func listing(set *data.Set) string {
	h := sha256.New()
	var b []byte
	for _, item := range set.Items {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(len(item.Name)))
		b = append(b, item.Name...)
		h.Write(binary.LittleEndian.AppendUint32(b, uint32(item.Label)))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// SameNetwork is a UsageError on ranks whose network, or whose machine, differs from that of rank 0.
func (e *Embedder) SameNetwork() error {
	g := e.request.Work.Group()
	if g.Ranks() == 1 {
		return nil
	}
	hash, err := e.Hash()
	if err != nil {
		return err
	}
	here, err := accord.Machine(e.device)
	if err != nil {
		return err
	}
	return accord.Same(g, here, accord.Fact{Name: "weights", Value: hash})
}

// alike is SameImages and SameNetwork.
func (e *Embedder) alike(src *data.Source) error {
	err := e.request.SameImages(src)
	if err == nil {
		err = e.SameNetwork()
	}
	return err
}
