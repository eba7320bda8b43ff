package parity

import "testing"

// fake is a test that can be ended by hand.
type fake struct {
	testing.TB
	attributes      map[string]string
	skipped, failed bool
	cleanup         []func()
}

func (f *fake) Helper()                { f.TB.Helper() }
func (f *fake) Attr(key, value string) { f.attributes[key] = value }
func (f *fake) Cleanup(end func())     { f.cleanup = append(f.cleanup, end) }
func (f *fake) Skip(...any)            { f.skipped = true }
func (f *fake) Skipped() bool          { return f.skipped }
func (f *fake) Error(...any)           { f.failed = true }

func (f *fake) end() {
	for _, end := range f.cleanup {
		end()
	}
}

// TestSkippedOnGPU: where a GPU is required, a test that took it and was skipped fails, unless it is left out with a reason. Each is
// noted once, and anew when it runs again.
func TestSkippedOnGPU(t *testing.T) {
	for name, c := range map[string]struct {
		required, fails bool
		skip            func(f *fake)
	}{
		"skipped":      {true, true, func(f *fake) { f.Skip("for some reason") }},
		"not required": {false, false, func(f *fake) { f.Skip("for some reason") }},
		"left out":     {true, false, func(f *fake) { LeaveOut(f, "takes too long") }},
		"run":          {true, false, func(*fake) {}},
	} {
		for range 2 {
			f := &fake{TB: t, attributes: map[string]string{}}
			note(f, "a GPU", c.required)
			note(f, "another", c.required)
			c.skip(f)
			f.end()
			if f.attributes[deviceAttribute] != "a GPU" || len(f.cleanup) != 1 || f.failed != c.fails {
				t.Errorf("%s: %v, failed is %v", name, f.attributes, f.failed)
			}
		}
	}
}
