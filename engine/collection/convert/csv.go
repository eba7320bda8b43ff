package convert

import (
	"bufio"
	"encoding/csv"
	"strconv"

	"udml-gpu/engine/collection"
)

// csvColumns are those of writeCSV. The vector is one column, a JSON list.
var csvColumns = []string{
	"id", "path", "label", "split", "sha256", "size", "width", "height", "format", "taken", "phash",
	"brightness", "contrast", "sharpness", "entropy", "embedding",
}

// writeCSV writes a table with a line of names, quoted as RFC 4180 says.
func writeCSV(j *job) error {
	return j.write(j.out, func(w *bufio.Writer) error {
		c := csv.NewWriter(w)
		if err := c.Write(csvColumns); err != nil {
			return err
		}
		var b []byte
		err := j.each(func(_ int, it *collection.Item, row []float32) error {
			b = list(b[:0], row)
			return c.Write(append(csvFields(it), string(b)))
		})
		c.Flush()
		if err == nil {
			err = c.Error()
		}
		return err
	}, func() error { return j.writeAbout(j.beside("about.json")) })
}

func csvFields(it *collection.Item) []string {
	fields := []string{
		it.ID(), text(it.Path), text(it.Label), text(it.Split), it.SHA256, strconv.FormatInt(it.Size, 10),
		strconv.Itoa(int(it.Width)), strconv.Itoa(int(it.Height)), it.Format, it.Taken, hash(it),
	}
	for _, v := range []float32{it.Look.Brightness, it.Look.Contrast, it.Look.Sharpness, it.Look.Entropy} {
		fields = append(fields, strconv.FormatFloat(float64(v), 'g', -1, 32))
	}
	return fields
}
