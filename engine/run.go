package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data"
	"udml-gpu/engine/report"
)

// The files of a run directory and of a checkpoint (design section 9).
const (
	metricsFile   = "metrics.jsonl"
	eventsFile    = "events.jsonl"
	reportFile    = "report.html"
	optimizerFile = "optimizer.safetensors"
	stateFile     = "state.json"
	epochFile     = "epoch.json" // of a checkpoint in the middle of an epoch
)

// Run is a run directory that this process owns.
type Run struct {
	dir     string
	store   *checkpoint.Store
	release func() error
	created bool     // by this process, and without anything worth keeping
	removed []string // what a crashed process had left half done
	events  *report.Events
}

// createRun claims the directory for a new run: it must not exist, or be empty. The settings are written at once, so
// that even a run that is killed while it reads its images can be resumed.
func createRun(c Config) (*Run, error) {
	entries, err := os.ReadDir(c.Out)
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { // of a killed process
		return e.Name() == checkpoint.LockFile || checkpoint.IsLeftover(e.Name())
	})
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, data.Errorf("--out %s cannot be used: %v", c.Out, err)
	case len(entries) > 0:
		if _, err := os.Stat(filepath.Join(c.Out, configFile)); err == nil {
			return nil, Usage("--out %s already holds a run; continue it with --resume %s, or name another folder", c.Out, c.Out)
		}
		return nil, Usage("--out %s is not empty and is not a run; name a new or empty folder", c.Out)
	}
	if err := checkpoint.MakeDir(c.Out); err != nil {
		return nil, data.Errorf("--out %s cannot be created: %v", c.Out, err)
	}
	r := newRun(c.Out)
	r.created = true
	if err := r.lock(); err != nil {
		return nil, err
	}
	if err := r.writeConfig(c); err != nil {
		r.abandon()
		return nil, err
	}
	return r, nil
}

func newRun(dir string) *Run {
	return &Run{dir: dir, store: checkpoint.NewStore(checkpoint.OS, dir)}
}

// nextRun is the first of runs/001, runs/002, ... that does not exist.
func nextRun() string {
	for i := 1; ; i++ {
		dir := filepath.Join("runs", fmt.Sprintf("%03d", i))
		if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) || i == 1e6 {
			return dir
		}
	}
}

func (r *Run) lock() error {
	release, removed, err := checkpoint.Lock(r.dir)
	if err != nil {
		return data.Errorf("%v", err)
	}
	r.release, r.removed = release, removed
	return nil
}

// tellRemoved names what a crashed process had left half done.
func (r *Run) tellRemoved(log zerolog.Logger) {
	for _, name := range r.removed {
		log.Warn().Msgf("%s was never finished and has been removed from %s", name, r.dir)
	}
}

// abandon gives up a run that could not start, leaving no trace of it.
func (r *Run) abandon() {
	r.close()
	if r.created {
		_ = os.Remove(r.path(configFile))
		_ = os.Remove(r.path(checkpoint.LockFile))
		_ = os.Remove(r.dir) // succeeds only while it is empty
	}
}

func (r *Run) close() {
	if r.events != nil {
		_ = r.events.Close()
		r.events = nil
	}
	if r.release != nil {
		_ = r.release()
		r.release = nil
	}
}

func (r *Run) path(name string) string { return filepath.Join(r.dir, name) }

func (r *Run) writeConfig(c Config) error {
	b, err := c.yaml()
	if err != nil {
		return err
	}
	if err := checkpoint.WriteFile(r.path(configFile), b); err != nil {
		return data.Errorf("the run directory cannot be written: %v", err)
	}
	return nil
}

// RunConfig reads the settings of the run in dir.
func RunConfig(dir string) (Config, error) {
	c := Defaults()
	if err := refuseNewer(dir); err != nil {
		return c, err
	}
	path := filepath.Join(dir, configFile)
	b, err := readLimited(path, maxConfig)
	if errors.Is(err, os.ErrNotExist) {
		return c, data.Errorf("%s is not a run directory: it holds no %s", dir, configFile)
	}
	if err != nil {
		return c, data.Errorf("%s is not a run directory that can be read: %v", dir, err)
	}
	if err := c.ReadYAML(path, b); err != nil {
		return c, data.Errorf("%v", err)
	}
	if c.Data == "" { // every run writes it first: what is left may be half of the file, and the defaults are another run
		return c, data.Errorf("%s is damaged: it names no data", path)
	}
	if err := c.Resolve(); err != nil {
		return c, data.Errorf("%s: %v", path, err)
	}
	c.Out = dir
	return c, nil
}
