package duplicates

import (
	"bytes"
	"encoding/csv"
	"strconv"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// WriteCSV writes a line for each image of each group to the file at path, the one to keep first. Errors are *baddata.Error.
func WriteCSV(path string, r *Report, c *collection.Collection) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{
		"group", "kind", "keep", "path", "width", "height", "format", "bytes", "taken", "min_similarity", "max_hash_bits",
	})
	for n := range r.Groups {
		g := &r.Groups[n]
		for _, i := range g.indices {
			it := &c.Items[i]
			_ = w.Write([]string{
				strconv.Itoa(n + 1), string(g.Kind), strconv.FormatBool(i == g.indices[0]), it.Path,
				strconv.Itoa(int(it.Width)), strconv.Itoa(int(it.Height)), it.Format, strconv.FormatInt(it.Size, 10), it.Taken,
				strconv.FormatFloat(g.MinSimilarity, 'f', 6, 64), strconv.Itoa(g.MaxHashBits),
			})
		}
	}
	w.Flush() // a buffer takes everything
	return written("--csv", path, disk.Replace(path, b.Bytes()))
}

// written is the error of an output.
func written(flag, path string, err error) error {
	if err == nil {
		return nil
	}
	return baddata.Errorf("%s %s cannot be written: %w", flag, path, err)
}
