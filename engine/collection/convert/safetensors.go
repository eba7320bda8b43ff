package convert

import (
	"encoding/json"

	"udml-gpu/engine/collection"
	"udml-gpu/models/weights/file"
)

// writeSafetensors writes the file that embed --out NAME.safetensors writes, with more metadata.
func writeSafetensors(j *job) error {
	rows, err := file.NewRows(j.out, "embeddings", j.c.Dim())
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := j.each(func(_ int, _ *collection.Item, row []float32) error { return rows.Add(row) }); err != nil {
		return err
	}
	a := j.about()
	meta := map[string]file.Text{"names": j.names, "format": file.Plain("pt")}
	for _, pair := range a.pairs() {
		meta[pair[0]] = file.Plain(pair[1])
	}
	j.r.Files = append(j.r.Files, j.out)
	return rows.Write(meta)
}

// names is a JSON list of the paths, piece by piece.
func (j *job) names(yield func(string) bool) {
	between := "["
	for _, i := range j.live {
		name, err := json.Marshal(text(j.c.Items[i].Path))
		if err != nil {
			panic(err) // a text always has a JSON form
		}
		if !yield(between + string(name)) {
			return
		}
		between = ","
	}
	if len(j.live) == 0 {
		yield("[")
	}
	yield("]")
}
