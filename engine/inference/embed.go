package inference

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store"
	"udml-gpu/models/weights/file"
)

// Embedded is what EmbedTo has written.
type Embedded struct {
	Images     int          `json:"images"`
	Dimensions int          `json:"dimensions"`
	Out        string       `json:"out"`
	Split      string       `json:"split"` // that was taken
	Skipped    int          `json:"skipped_images,omitempty"`
	Notes      []notes.Note `json:"notes"` // what of the data set is not used, and doubts about how it was read
}

// EmbedTo writes the vectors of the split to a safetensors file, as they come: it holds a batch of images and the list of the set,
// however many images there are. An error leaves the file at path, which may be an object in a store, as it was.
//
// Of several ranks rank 0 alone writes the file and gives a result.
func EmbedTo(ctx context.Context, q Request, path string) (*Embedded, error) {
	if store.Is(path) {
		return embedToStore(ctx, q, path)
	}
	if q.Leads() {
		if err := wantFolder(path); err != nil {
			return nil, err
		}
	}
	e, from, err := begin(q)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	defer from.Close()
	defer BoundGarbage()()
	if q.FitsHead() {
		if err := e.fitHead(ctx, from.Source); err != nil {
			return nil, err
		}
	}
	if !q.Leads() {
		_, err := e.split(ctx, from.set, false, nil)
		return nil, err
	}
	rows, err := file.NewRows(path, "embeddings", e.Dim())
	if err != nil {
		return nil, baddata.Errorf("--out: %v", err)
	}
	defer rows.Close()
	skipped, err := e.split(ctx, from.set, false, func(r Rows) error {
		if err := rows.Add(r.Vectors); err != nil {
			return baddata.Errorf("--out: %v", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := rows.Write(e.metadata(images.Read(from.set, skipped))); err != nil {
		return nil, baddata.Errorf("--out: %v", err)
	}
	return &Embedded{
		Images: rows.Len(), Dimensions: e.Dim(), Out: rawname.Text(path), Split: from.set.Name, Skipped: len(skipped), Notes: from.notes,
	}, nil
}

// split is Set, by way of the cache where there is to be one. With all, every rank hands on the vectors of all.
func (e *Embedder) split(ctx context.Context, set *data.Set, all bool, each func(Rows) error) ([]data.Skip, error) {
	if e.fitted != nil && e.fitted.set != set {
		e.forgetFitted()
	}
	if e.request.Config.Cache == "" || e.fitted != nil {
		h := e.handing(ctx, len(set.Items), func(i int) string { return set.Items[i].Name }, each)
		h.all = all
		return e.set(ctx, set, nil, h)
	}
	c, err := images.LoadCache(ctx, e.request.Config, set, e.request.UI)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	h := e.handing(ctx, c.Len(), c.Name, each)
	h.all = all
	return c.Skipped(), e.cache(ctx, c, h)
}

// metadata says what the vectors are of.
func (e *Embedder) metadata(items []data.Item) map[string]file.Text {
	q := &e.request
	about := map[string]file.Text{
		"names": namesOf(items), "layer": file.Plain(q.Layer), "backbone": file.Plain(q.Config.Backbone),
		"pool":              file.Plain(q.Config.Pool),
		setting.PipelineKey: file.Plain(q.Config.Pipeline()),
	}
	for key, value := range e.averaged() {
		about[key] = file.Plain(value)
	}
	if e.network.Licence != "" {
		about[network.LicenceKey] = file.Plain(e.network.Licence)
	}
	return about
}

// namesOf is a JSON list of the names (rawname.Text), piece by piece: as a whole it would take as much memory again as the list of the set.
func namesOf(items []data.Item) file.Text {
	return func(yield func(string) bool) {
		between := ""
		if !yield("[") {
			return
		}
		for _, item := range items {
			name, err := json.Marshal(rawname.Text(item.Name))
			if err != nil {
				panic(err) // a text always has a JSON form
			}
			if !yield(between + string(name)) {
				return
			}
			between = ","
		}
		yield("]")
	}
}

// wantFolder refuses, before the work is done, a file that could not be written after it.
func wantFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return baddata.Errorf("--out %s is a folder: expected the name of a safetensors file to write", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return baddata.Errorf("--out %s: there is no folder %s", path, filepath.Dir(path))
	}
	return nil
}
