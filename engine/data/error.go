// Package data reads sets of images: where they lie, what their labels are, their pixels, and batches of random
// views of them for training.
package data

import (
	"errors"
	"fmt"
)

// Error is a fault of what the user gave: a path, a file, an image. Its text is one sentence that names it and says
// what was expected.
type Error struct{ err error }

// Errorf is a new *Error; %w keeps what it wraps.
func Errorf(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }

// Error is the sentence for the user.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap is the cause, if Errorf was given one with %w.
func (e *Error) Unwrap() error { return errors.Unwrap(e.err) }
