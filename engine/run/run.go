// Package run is the run directory: settings, state, metrics, checkpoints and the page.
package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run/mirror"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// The files of a run directory and of a checkpoint (docs/architecture.md, section 8).
const (
	MetricsFile   = "metrics.jsonl"
	EventsFile    = "events.jsonl"
	ReportFile    = "report.html"
	BoardFolder   = "tensorboard" // BoardFile and, of a finished run, what the projector reads
	OptimizerFile = "optimizer.safetensors"
	MethodFile    = "method.safetensors"  // of a method that keeps tensors
	TrainedFile   = "trained.safetensors" // of a run whose result, in the model's file, is another network
	StateFile     = "state.json"
	epochFile     = "epoch.json" // of a checkpoint in the middle of an epoch

	// DiagnosisFile is in the run directory exactly when the run's last attempt diverged or collapsed. The next attempt removes it;
	// the message stays in events.jsonl.
	DiagnosisFile = "diagnosis.json"
)

// Dir is a run directory that this process owns.
type Dir struct {
	Name    string
	Store   *checkpoint.Store
	release func() error
	created bool     // this process created it and has put nothing worth keeping there yet
	removed []string // unfinished files of a killed process that Lock has removed
	Events  *report.Events
	mirror  *mirror.Mirror // nil: there is none
}

// Create makes the directory of a new run and locks it. c.Out must not exist, or be empty. The settings are written at
// once, so that even a run that is killed while it reads its images can be resumed.
func Create(c setting.Config) (*Dir, error) {
	if err := wantFree(c.Out); err != nil {
		return nil, err
	}
	if err := disk.MakeDir(c.Out); err != nil {
		return nil, baddata.Errorf("--out %s cannot be created: %v", c.Out, err)
	}
	r := At(c.Out)
	r.created = true
	if err := r.Lock(); err != nil {
		return nil, err
	}
	if err := r.WriteConfig(c); err != nil {
		r.Abandon()
		return nil, err
	}
	return r, nil
}

// Holds says whether dir holds a run, even one that was killed before its first checkpoint.
func Holds(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, setting.ConfigFile))
	return err == nil
}

// At is the run directory dir, which may not exist yet.
func At(dir string) *Dir {
	return &Dir{Name: dir, Store: checkpoint.NewStore(disk.OS, dir)}
}

// Next is the first of the names runs/001, runs/002, ... that does not exist.
func Next() string {
	for i := 1; ; i++ {
		dir := filepath.Join("runs", fmt.Sprintf("%03d", i))
		if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) || i == 1e6 {
			return dir
		}
	}
}

// Lock makes this process the only writer of the directory, and removes unfinished files of a killed process.
func (r *Dir) Lock() error {
	release, removed, err := checkpoint.Lock(r.Name)
	if err != nil {
		return baddata.Errorf("%v", err)
	}
	r.release, r.removed = release, removed
	return nil
}

// WarnRemoved logs the unfinished files of a killed process that Lock has removed.
func (r *Dir) WarnRemoved(log zerolog.Logger) {
	for _, name := range r.removed {
		log.Warn().Msgf("%s was never finished and has been removed from %s", name, r.Name)
	}
}

// Abandon unlocks the directory of a run that could not start, and removes it if this process created it (unless Begin
// was called).
func (r *Dir) Abandon() {
	r.Close()
	if r.created {
		_ = os.Remove(r.Path(setting.ConfigFile))
		_ = os.Remove(r.Path(checkpoint.LockFile))
		_ = os.Remove(r.Name) // succeeds only while it is empty
	}
}

// Close closes the events and unlocks the directory.
func (r *Dir) Close() {
	if r.Events != nil {
		_ = r.Events.Close()
		r.Events = nil
	}
	if r.mirror != nil {
		r.mirror.Close()
		r.mirror = nil
	}
	if r.release != nil {
		_ = r.release()
		r.release = nil
	}
}

// Path is the path of a file in the directory.
func (r *Dir) Path(name string) string { return filepath.Join(r.Name, name) }

// WriteConfig replaces the settings of the run.
func (r *Dir) WriteConfig(c setting.Config) error {
	b, err := c.YAML()
	if err != nil {
		return err
	}
	if err := disk.Replace(r.Path(setting.ConfigFile), b); err != nil {
		return baddata.Errorf("the run directory cannot be written: %v", err)
	}
	return nil
}

// Config reads the settings of the run in dir, and checks them.
func Config(dir string) (setting.Config, error) {
	c, err := Settings(dir)
	if err != nil {
		return c, err
	}
	if err := c.Resolve(); err != nil {
		return c, baddata.Errorf("%s: %v", filepath.Join(dir, setting.ConfigFile), err)
	}
	return c, nil
}

// Settings reads the settings of the run in dir as they were written, for those who only show them: the weights that they name may be
// gone, and their values are not checked.
func Settings(dir string) (setting.Config, error) {
	c := setting.Earlier()
	if err := refuseNewer(dir); err != nil {
		return c, err
	}
	path := filepath.Join(dir, setting.ConfigFile)
	b, err := readLimited(path, setting.MaxConfig)
	if errors.Is(err, os.ErrNotExist) {
		return c, baddata.Errorf("%s is not a run directory: it holds no %s", dir, setting.ConfigFile)
	}
	if err != nil {
		return c, baddata.Errorf("%s cannot be read as a run directory: %v", dir, err)
	}
	if err := c.ReadYAML(path, b); err != nil {
		return c, baddata.Errorf("%v", err)
	}
	if c.Data == "" { // data is the first line of each config.yaml: without it the file is damaged, and the rest would be defaults
		return c, baddata.Errorf("%s is damaged: it names no data", path)
	}
	c.Out = dir
	return c, nil
}
