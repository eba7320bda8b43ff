package convert

import (
	"bufio"
	"encoding/csv"
	"path/filepath"

	"udml-gpu/engine/collection/push"
)

// writePgvector writes a CSV file for COPY, and beside it SQL that makes the table of push from it.
func writePgvector(j *job) error {
	script, err := push.Script(j.c, filepath.Base(j.out))
	if err != nil {
		return err
	}
	return j.write(j.out, func(w *bufio.Writer) error {
		c := csv.NewWriter(w)
		if err := c.Write(push.Columns()); err != nil {
			return err
		}
		var b []byte
		for n, i := range j.live {
			if n%checkEvery == 0 {
				if err := j.look(n); err != nil {
					return err
				}
			}
			b = list(b[:0], j.c.Row(i))
			if err := c.Write(append(push.Fields(j.c, i), string(b))); err != nil {
				return err
			}
		}
		c.Flush()
		return c.Error()
	}, func() error {
		return j.write(j.beside("sql"), func(w *bufio.Writer) error { _, err := w.WriteString(script); return err })
	})
}
