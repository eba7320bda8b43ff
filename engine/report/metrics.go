// Package report shows the progress and the results of training: a bar on a terminal, metrics.jsonl for programs, and
// report.html for people.
package report

import (
	"bytes"
	"encoding/json"

	"udml-gpu/models/disk"
)

// WriteMetrics replaces the file at path by one line of JSON for each epoch. The whole file is written each time, from
// the history in the checkpoint, so that a resumed run leaves the same bytes as one that was never stopped.
func WriteMetrics(path string, lines []any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, l := range lines {
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return disk.Replace(path, b.Bytes())
}
