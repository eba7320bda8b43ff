package optest

import (
	"fmt"
	"strings"
	"testing"
)

// Refuses fails the test unless call panics with a message that begins with prefix, the op's name or its package's: "conv.Forward: ". what
// says what is wrong with the call.
func Refuses(t testing.TB, prefix, what string, call func()) {
	t.Helper()
	defer func() {
		t.Helper()
		switch p := recover(); {
		case p == nil:
			t.Errorf("%s%s: taken", prefix, what)
		case !strings.HasPrefix(fmt.Sprint(p), prefix):
			t.Errorf("%s%s: refused with %q", prefix, what, fmt.Sprint(p))
		}
	}()
	call()
}
