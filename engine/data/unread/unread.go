// Package unread names what a file has that is not read. Such a file is not damaged.
package unread

import "fmt"

// Error says which kind of file it is.
type Error struct {
	Format string // such as BMP
	What   string // as it follows "with"
	Needs  string // what would read it, and how it is installed; "" where nothing does
}

// Error is a sentence of its own.
func (e *Error) Error() string {
	if e.Needs != "" {
		return fmt.Sprintf("%s with %s needs %s", e.Format, e.What, e.Needs)
	}
	return fmt.Sprintf("%s with %s is not read", e.Format, e.What)
}
