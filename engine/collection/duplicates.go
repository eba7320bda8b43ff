package collection

var duplicatesFile = derived{"duplicates.json", "duplicates", "duplicates"}

// Duplicates are the duplicates that were found among the items.
type Duplicates struct {
	Items     string           `json:"items"`     // SHA-256 of the file of items that they are of
	Threshold float64          `json:"threshold"` // smallest cosine similarity of near pairs
	Groups    []DuplicateGroup `json:"groups"`
	Near      []NearPair       `json:"near"` // all near pairs, by falling similarity; some may join two groups
}

// DuplicateGroup is images of which one may be kept.
type DuplicateGroup struct {
	Kind          string  `json:"kind"` // bytes, pixels or near
	MinSimilarity float64 `json:"min_similarity"`
	Saved         int64   `json:"bytes_saved"`
	Of            []int32 `json:"of"` // items, the one to keep first
}

// NearPair is an edge of the graph of near duplicates.
type NearPair struct {
	A          int32   `json:"a"`
	B          int32   `json:"b"`
	Similarity float64 `json:"similarity"`
	HashBits   int     `json:"hash_bits"` // in which their perceptual hashes differ
}

// Duplicates reads the duplicates of the collection. They are a *baddata.Error where there are none, or none of its present items.
func (c *Collection) Duplicates() (*Duplicates, error) {
	d := &Duplicates{}
	if err := duplicatesFile.read(c, d, &d.Items, func() bool { return d.fit(len(c.Items)) }); err != nil {
		return nil, err
	}
	return d, nil
}

// fit tells whether all are among n items.
func (d *Duplicates) fit(n int) bool {
	for i := range d.Groups {
		if len(d.Groups[i].Of) < 2 {
			return false
		}
		for _, item := range d.Groups[i].Of {
			if item < 0 || int(item) >= n {
				return false
			}
		}
	}
	for _, p := range d.Near {
		if min(p.A, p.B) < 0 || int(max(p.A, p.B)) >= n {
			return false
		}
	}
	return true
}

// SetDuplicates replaces the duplicates of the collection.
func (c *Collection) SetDuplicates(d *Duplicates) error {
	d.Items = c.Manifest.Items.SHA256
	return duplicatesFile.write(c, d)
}
