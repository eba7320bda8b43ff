// Package unread names what a file has that is not read. Such a file is not damaged.
package unread

// Error says which kind of file it is.
type Error struct {
	Format string // such as BMP
	What   string // as it follows "with"; "" when it is the format itself
	Needs  string // what would read it, and how it is installed; "" where nothing does
}

// Error is a sentence of its own.
func (e *Error) Error() string {
	kind := e.Format
	if e.What != "" {
		kind += " with " + e.What
	}
	if e.Needs != "" {
		return kind + " needs " + e.Needs
	}
	return kind + " is not read"
}
