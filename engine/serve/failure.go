package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"udml-gpu/engine/data/picture"
)

// failure is an answer that says why there is no other.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

func failf(status int, format string, args ...any) error {
	return &failure{status, fmt.Sprintf(format, args...)}
}

// asFailure gives an error its status: what is wrong with an image or a request is the client's, the rest the server's.
func asFailure(err error) *failure {
	var f *failure
	var tooLong *http.MaxBytesError
	var pixels *picture.TooManyPixels
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &tooLong):
		return &failure{http.StatusRequestEntityTooLarge, fmt.Sprintf("the request is larger than %d bytes (--max-upload)", tooLong.Limit)}
	case errors.As(err, &pixels):
		return &failure{http.StatusRequestEntityTooLarge, err.Error()}
	}
	return &failure{http.StatusServiceUnavailable, err.Error()}
}

// answer writes a JSON value.
func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the client has gone
}

// fail writes the error.
func fail(w http.ResponseWriter, err error) {
	f := asFailure(err)
	if f.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	answer(w, f.status, map[string]string{"error": f.text})
}
