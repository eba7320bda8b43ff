// Package unread is the error for files of an unsupported kind, which are not damaged.
package unread

// Error names the kind of file.
type Error struct {
	Format string // such as BMP
	What   string // the feature, following "with"; "": the format itself
	Needs  string // what would read it, and how to install that; "": nothing
}

// Error is a full sentence.
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
