package past

import (
	"io/fs"
	"path/filepath"
	"slices"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

// Details are everything that is shown of one run.
type Details struct {
	*Run
	Settings    []Changed            `json:"settings"` // those that differ from the defaults
	Environment *machine.Environment `json:"environment,omitempty"`
	Before      *run.Quality         `json:"before,omitempty"`
	After       *run.Quality         `json:"after,omitempty"`  // of a finished run
	Choice      *run.Choice          `json:"choice,omitempty"` // of the network that After is of
	Change      *eval.Difference     `json:"change,omitempty"` // of Recall@1 since training began
	Warnings    []string             `json:"warnings,omitempty"`
	History     []*run.EpochReport   `json:"history"`
	Files       []File               `json:"files"`
	MoreFiles   int                  `json:"more_files,omitempty"` // that are not listed
}

// Changed is a setting that differs from its default.
type Changed struct {
	Key     string `json:"key"`
	Value   any    `json:"value"`
	Default any    `json:"default"`
}

// File is a file of a run directory.
type File struct {
	Path  string `json:"path"` // within the run
	Bytes int64  `json:"bytes"`
}

// Show reads the run in dir. A folder without readable settings is a *baddata.Error; less damaged runs are shown as far as they can be
// read.
func Show(dir string) (*Details, error) {
	r, err := wanted(dir)
	if err != nil {
		return nil, err
	}
	d := &Details{Run: r, Settings: changed(*r.config), History: []*run.EpochReport{}, Files: []File{}}
	if s := r.state; s != nil {
		d.Environment, d.Before = &s.Environment, s.Before
		if s.History != nil {
			d.History = s.History
		}
		if s.Result != nil {
			r := s.Result
			d.Before, d.After, d.Choice, d.Change, d.Warnings = r.Before, r.After, r.Choice, r.Change, r.Warnings
		}
	}
	d.listFiles(dir)
	return d, nil
}

// wanted is the run in dir, which must have settings.
func wanted(dir string) (*Run, error) {
	r := Look(dir)
	if r.config == nil {
		return nil, baddata.Errorf("%s", r.Problem)
	}
	return r, nil
}

// chosen are the settings on which the defaults of others depend.
var chosen = []string{"backbone", "pretrained", "weights-part", "channels", "size", "method", "data"}

// changed are the settings that differ from those of a run that names only its data, its network and its method; and of these, the ones
// that differ from what a run has that names nothing but its data.
func changed(c setting.Config) []Changed {
	plain, usual := setting.Defaults(), setting.Defaults()
	plain.Data = c.Data
	for _, r := range c.Rows() {
		if slices.Contains(chosen, r.Key) {
			usual.Set(r.Key, r.Value())
		}
	}
	_, _ = plain.Resolve(), usual.Resolve() // where the weights are gone, some defaults stay open
	list := []Changed{}
	for _, r := range c.Rows() {
		from := usual.Rows()
		if slices.Contains(chosen, r.Key) {
			from = plain.Rows()
		}
		if d, ok := table.Find(from, r.Key); ok && r.Key != "out" && d.Value() != r.Value() {
			list = append(list, Changed{Key: r.Key, Value: r.Value(), Default: d.Value()})
		}
	}
	return list
}

// maxFiles bounds the list of files.
const maxFiles = 1000

// listFiles adds the run's files with their sizes, without following links.
func (d *Details) listFiles(dir string) {
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil // what cannot be read is not listed
		}
		if len(d.Files) == maxFiles {
			d.MoreFiles++
			return nil
		}
		inside, err := filepath.Rel(dir, path)
		if info, gone := e.Info(); err == nil && gone == nil {
			d.Files = append(d.Files, File{Path: rawname.Text(inside), Bytes: info.Size()})
		}
		return nil
	})
}
