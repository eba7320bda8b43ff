package past

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// The bounds of List.
const (
	maxDepth   = 6 // of folders below the one that is named
	maxFolders = 100_000
)

// List reads the runs in and below dir, sorted by their start; those of which it is unknown come last. Links and hidden folders are not
// followed. A folder that cannot be read is in the list too, as damaged. Errors are *baddata.Error: dir itself cannot be read.
func List(dir string) ([]*Run, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return nil, baddata.Errorf("%s is not a folder: name the folder that holds the runs", dir)
	}
	if err != nil {
		return nil, baddata.Errorf("%s cannot be read: name the folder that holds the runs (%v)", dir, err)
	}
	w := walk{}
	if err := w.look(dir, 0); err != nil {
		return nil, err
	}
	slices.SortStableFunc(w.runs, func(a, b *Run) int {
		switch {
		case a.Started != nil && b.Started != nil:
			return cmp.Or(a.Started.Compare(*b.Started), strings.Compare(a.Path, b.Path))
		case a.Started != nil:
			return -1
		case b.Started != nil:
			return 1
		}
		return strings.Compare(a.Path, b.Path)
	})
	return w.runs, nil
}

// walk is the search for runs.
type walk struct {
	folders int
	runs    []*Run
}

func (w *walk) look(dir string, depth int) error {
	if w.folders++; w.folders > maxFolders {
		return baddata.Errorf("there are more than %d folders: name one that is nearer to the runs", maxFolders)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.runs = append(w.runs, &Run{Path: rawname.Text(dir), State: Damaged, Problem: "it cannot be read: " + err.Error()})
		return nil
	}
	if isRun(entries) {
		w.runs = append(w.runs, Look(dir))
		return nil
	}
	for _, e := range entries {
		if !e.IsDir() || depth == maxDepth || strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".udml") {
			continue // a collection keeps a copy of a run's settings, and is no run
		}
		if err := w.look(filepath.Join(dir, e.Name()), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// isRun says whether a folder with these entries is a run: other programs have a config.yaml too, so a second sign is asked for.
func isRun(entries []fs.DirEntry) bool {
	signs := []string{setting.ConfigFile, run.EventsFile, run.MetricsFile, run.ReportFile, checkpoint.LockFile, checkpoint.Folder}
	n := 0
	for _, e := range entries {
		if slices.Contains(signs, e.Name()) {
			n++
		}
	}
	return n >= 2
}
