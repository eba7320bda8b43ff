package library

import "fmt"

// Statuses describes the numbers that a library's functions return: 0 for success, others for errors.
type Statuses struct {
	Library      string                  // its name in messages
	Text         func(status int) string // the library's words for a status
	Refused      func(status int) bool   // the library has no algorithm for the request, which is no fault
	NotSupported error                   // wrapped by the errors of such calls
}

// Err is a status as an error that names the call: nil for success.
func (s *Statuses) Err(call string, status int) error {
	switch {
	case status == 0:
		return nil
	case s.Refused(status):
		return fmt.Errorf("%w: %s: %s (status %d)", s.NotSupported, call, s.Text(status), status)
	}
	return fmt.Errorf("%s's %s failed: %s (status %d)", s.Library, call, s.Text(status), status)
}
