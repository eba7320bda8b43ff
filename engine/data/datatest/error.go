package datatest

import (
	"errors"
	"strings"
	"testing"

	"udml-gpu/engine/data/baddata"
)

// WantError checks that err is a *Error of one line that contains all the given texts.
func WantError(t *testing.T, err error, says ...string) {
	t.Helper()
	var bad *baddata.Error
	if !errors.As(err, &bad) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("not an error for the user: %v", err)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%q does not say %q", err, s)
		}
	}
}

// WantFault checks that err is an *Error.
func WantFault(t *testing.T, err error) {
	t.Helper()
	if _, ok := err.(*baddata.Error); !ok || err.Error() == "" {
		t.Fatalf("not an error for the user: %v", err)
	}
}
