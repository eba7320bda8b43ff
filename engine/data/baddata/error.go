// Package baddata has the error for faults in the user's input: a path, a file, an image. The program exits with code 3.
package baddata

import (
	"errors"
	"fmt"
	"strings"
)

// Error is a fault in the user's input: a path, a file, an image. Its text is one sentence that names it and says
// what was expected.
type Error struct{ err error }

// Errorf makes a new *Error; %w keeps the wrapped error.
func Errorf(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }

// maxSentence is the length of the longest message in bytes: messages quote lines of lists, and a hostile line has 64 KiB, each of
// which may take four characters. The start names file and line, the end says what was expected.
const maxSentence = 4096

// Error is the sentence for the user.
func (e *Error) Error() string {
	s := e.err.Error()
	if len(s) <= maxSentence {
		return s
	}
	return strings.ToValidUTF8(s[:maxSentence/2], "") + " ... " + strings.ToValidUTF8(s[len(s)-maxSentence/2:], "")
}

// Unwrap is the cause, if Errorf was given one with %w.
func (e *Error) Unwrap() error { return errors.Unwrap(e.err) }
