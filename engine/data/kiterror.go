package data

import (
	"errors"
	"strings"
	"testing"
)

// wantError checks that err is a *Error whose one line says all of the given.
func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	var bad *Error
	if !errors.As(err, &bad) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("not an error for the user: %v", err)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%q does not say %q", err, s)
		}
	}
}

// wantFault checks that an error is one for the user.
func wantFault(t *testing.T, err error) {
	t.Helper()
	if _, ok := err.(*Error); !ok || err.Error() == "" {
		t.Fatalf("not an error for the user: %v", err)
	}
}
