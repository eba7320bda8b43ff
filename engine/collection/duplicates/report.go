package duplicates

import "udml-gpu/engine/collection"

// Kind is a class of duplicates.
type Kind string

// The kinds, from the surest.
const (
	Bytes  Kind = "bytes"  // files with the same bytes
	Pixels Kind = "pixels" // other files with the same upright pixels
	Near   Kind = "near"   // images that look alike
)

// Report is the result of Find.
type Report struct {
	Collection string  `json:"collection"`
	Images     int     `json:"images"`    // that were compared
	Threshold  float64 `json:"threshold"` // smallest cosine similarity of near pairs
	HashBits   int     `json:"hash_bits"` // largest distance of their perceptual hashes, of 64 bits
	Match      float64 `json:"match"`     // smallest correlation of their pictures, laid over each other; 0: not looked at

	Proposal  *Proposal `json:"proposal,omitempty"` // where the threshold comes from; nil: it was given
	Precision *float64  `json:"expected_precision"` // of near pairs; nil: not known
	Recall    *float64  `json:"expected_recall"`

	Groups     []Group `json:"groups"`
	Between    []Pair  `json:"between_groups"` // near pairs whose groups have other pairs that are not; the most similar 1000
	Edge       Edge    `json:"edge"`
	Thresholds []Level `json:"thresholds"`         // what others would find, ascending, with the one that was taken
	Histogram  []Bin   `json:"nearest_similarity"` // of the nearest other image
	Counts     Counts  `json:"counts"`
	Notes      []Note  `json:"notes"`

	near []pair // that pass, by falling similarity
}

// Stored is what the collection keeps of the report.
func (r *Report) Stored(c *collection.Collection) *collection.Duplicates {
	d := &collection.Duplicates{Threshold: r.Threshold, Groups: []collection.DuplicateGroup{}, Near: []collection.NearPair{}}
	for i := range r.Groups {
		g := &r.Groups[i]
		of := make([]int32, len(g.indices))
		for n, item := range g.indices {
			of[n] = int32(item)
		}
		d.Groups = append(d.Groups, collection.DuplicateGroup{
			Kind: string(g.Kind), MinSimilarity: g.MinSimilarity, Saved: g.Saved, Of: of,
		})
	}
	for _, p := range r.near {
		d.Near = append(d.Near, collection.NearPair{
			A: p.a, B: p.b, Similarity: p.similarity, HashBits: hashDistance(&c.Items[p.a], &c.Items[p.b]),
		})
	}
	return d
}

// Group is images of which one may be kept. A file that is not kept stands in one group only; one that is kept may stand in a group
// of a less sure kind again.
type Group struct {
	Kind          Kind     `json:"kind"`
	MinSimilarity float64  `json:"min_similarity"` // over all pairs
	MaxHashBits   int      `json:"max_hash_bits"`
	Keep          string   `json:"keep"`
	Why           string   `json:"why"` // the rule that decided
	Items         []string `json:"items"`
	Saved         int64    `json:"bytes_saved"` // of the others' files

	indices []int // of the items
	kept    int
}

// Edge are the pairs of different files at the threshold.
type Edge struct {
	Above   []Pair `json:"above"`   // the least similar pairs that count as near
	Below   []Pair `json:"below"`   // the most similar that are below the threshold and pass the check
	Refused []Pair `json:"refused"` // the most similar that the check refused
}

// Pair is two images with what was measured of them.
type Pair struct {
	A          string   `json:"a"`
	B          string   `json:"b"`
	Similarity float64  `json:"similarity"`
	HashBits   int      `json:"hash_bits"`
	Match      *float64 `json:"match"` // nil: the pictures were not compared

	a, b int // of the items
}

// Bin is a part of a histogram: values from Low (inclusive) to High.
type Bin struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Count int     `json:"count"`
}

// Counts sum a report up.
type Counts struct {
	Groups  map[Kind]int `json:"groups"`
	Extra   map[Kind]int `json:"extra"` // images that are not kept
	Saved   int64        `json:"bytes_saved"`
	Pairs   int          `json:"near_pairs"`
	Between int          `json:"near_pairs_between_groups"`
	Cut     bool         `json:"pairs_cut"` // only the most similar pairs were kept
}

// Note is a sentence on what could not be done.
type Note string

func (r *Report) note(text string) { r.Notes = append(r.Notes, Note(text)) }

// count fills Counts from the groups.
func (r *Report) count() {
	r.Counts.Groups, r.Counts.Extra = map[Kind]int{}, map[Kind]int{}
	for i := range r.Groups {
		g := &r.Groups[i]
		r.Counts.Groups[g.Kind]++
		r.Counts.Extra[g.Kind] += len(g.Items) - 1
		r.Counts.Saved += g.Saved
	}
}

// group describes the items as a group, the one to keep first.
func (f *finder) group(kind Kind, list []int) Group {
	best, why := f.order.best(f.c.Items, list)
	g := Group{Kind: kind, MinSimilarity: 1, Why: why, kept: best, Keep: f.c.Items[best].Path}
	g.indices = append(g.indices, best)
	for _, i := range list {
		if i != best {
			g.indices = append(g.indices, i)
			g.Saved += f.c.Items[i].Size
		}
	}
	for n, i := range g.indices {
		g.Items = append(g.Items, f.c.Items[i].Path)
		for _, j := range g.indices[:n] {
			g.MinSimilarity = min(g.MinSimilarity, f.similarity(i, j))
			g.MaxHashBits = max(g.MaxHashBits, hashDistance(&f.c.Items[i], &f.c.Items[j]))
		}
	}
	return g
}

// describe is a pair with its paths.
func (f *finder) describe(p pair) Pair {
	d := Pair{
		A: f.c.Items[p.a].Path, B: f.c.Items[p.b].Path, Similarity: p.similarity, a: int(p.a), b: int(p.b),
		HashBits: hashDistance(&f.c.Items[p.a], &f.c.Items[p.b]),
	}
	if p.match != unmatched {
		m := float64(p.match)
		d.Match = &m
	}
	return d
}
