// Package setting holds what a run depends on: settings, their defaults and checks, presets, and the layers they come from.
package setting

import "fmt"

// Config is everything that a training run depends on: general settings as fields, by group, and those of the methods by key. Each
// group is in a file of its own, with its rows of the table (rows.go). Resolve fills in empty strings and zeros marked "auto".
type Config struct {
	Preset string // name of the preset that was applied; its values are in the other fields
	DataSettings
	NetworkSettings
	MethodSettings
	ViewSettings
	TrainingSettings
	StopSettings
	RunSettings
}

// UsageError is the error of a wrong flag or setting; the program exits with code 2.
type UsageError struct{ msg string }

// Error is the sentence for the user.
func (e *UsageError) Error() string { return e.msg }

// Usage makes a UsageError.
func Usage(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }
