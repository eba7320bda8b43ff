// Package setting holds what a run depends on: settings, their defaults and checks, presets, and the layers they come from.
package setting

import "fmt"

// Config is everything that a training run depends on: general settings as fields, by group, and those of the methods by key. Each group
// stands with its rows of the table (rows.go) in a file of its own. Empty strings and zeros marked "auto" are filled in by Resolve.
type Config struct {
	Preset string // the name under which most settings were taken; a note, values stand in the other fields
	DataSettings
	NetworkSettings
	MethodSettings
	ViewSettings
	TrainingSettings
	StopSettings
	RunSettings
}

// UsageError is a wrong flag or setting; the program exits with code 2.
type UsageError struct{ msg string }

// Error is the sentence for the user.
func (e *UsageError) Error() string { return e.msg }

// Usage is an error for a wrong flag or setting; the program exits with code 2.
func Usage(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }
