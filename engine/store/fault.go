package store

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/minio/minio-go/v7"

	"udml-gpu/engine/data/baddata"
)

// Fault is what every error of a store wraps: the reason why an object cannot be read or written.
type Fault struct {
	text string
	is   error
}

// Error is the reason.
func (f *Fault) Error() string { return f.text }

// Unwrap is ErrMissing, ErrChanged or nil.
func (f *Fault) Unwrap() error { return f.is }

var (
	// ErrMissing is wrapped where there is no such object.
	ErrMissing = errors.New("there is no such object")
	// ErrChanged is wrapped where the object is not, or no longer, the one that was asked for.
	ErrChanged = errors.New("it is another object than before")
)

// maxAnswer is how much of a store's own message is shown, in bytes.
const maxAnswer = 200

// fault is the error for the user; doing is "read" or "written".
func (c *Client) fault(p Place, doing string, err error, tried int) error {
	f := &Fault{}
	switch code := answer(err); {
	case code.Code == "NoSuchBucket":
		return baddata.Errorf("%w",
			&Fault{fmt.Sprintf("%s cannot be %s: there is no bucket %s in the store: check its name, AWS_REGION and AWS_ENDPOINT_URL",
				p, doing, p.Bucket), ErrMissing})
	case code.StatusCode == http.StatusNotFound:
		f.text, f.is = "there is no such object: check the bucket and the key", ErrMissing
	case code.StatusCode == http.StatusPreconditionFailed, code.StatusCode == http.StatusConflict:
		f.text, f.is = "it has changed in the meantime", ErrChanged
	case code.StatusCode == http.StatusForbidden, code.StatusCode == http.StatusUnauthorized:
		f.text = "the store refuses access (" + said(code) + "): check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " +
			"or AWS_PROFILE, and what they may do in the bucket"
		if c.anonymous {
			f.text = "the store refuses access, and there are no credentials: set AWS_ACCESS_KEY_ID and " +
				"AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
		}
	case code.StatusCode == http.StatusMovedPermanently, code.StatusCode == http.StatusBadRequest:
		f.text = "the store refuses the request (" + said(code) + "): check AWS_REGION and AWS_ENDPOINT_URL"
	case code.StatusCode != 0:
		f.text = "the store answers " + said(code)
	default:
		f.text = plainCause(err)
	}
	if tried > 1 {
		f.text += fmt.Sprintf("; tried %d times", tried)
	}
	f.text = fmt.Sprintf("%s cannot be %s: %s", p, doing, f.text)
	return baddata.Errorf("%w", f)
}

// answer is the store's own error; the zero value where none came.
func answer(err error) minio.ErrorResponse {
	var r minio.ErrorResponse
	errors.As(err, &r)
	return r
}

// said is the store's code and message, without what could control a terminal.
func said(r minio.ErrorResponse) string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", r.StatusCode, r.Code))
	if r.Message != "" {
		text += ": " + r.Message
	}
	return printable(text)
}

func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	if len(text) > maxAnswer {
		text = strings.ToValidUTF8(text[:maxAnswer], "") + " ..."
	}
	return text
}

// closedEarly is how minio-go words a connection that ended before an answer.
const closedEarly = "Connection closed by foreign host"

// plainCause is the error without the address of the request, which is long and says nothing.
func plainCause(err error) string {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || strings.HasPrefix(err.Error(), closedEarly) {
		return "the transfer was cut off"
	}
	return printable(err.Error())
}

// passing tells whether the same request may succeed when it is tried again.
func passing(err error) bool {
	if code := answer(err); code.StatusCode != 0 {
		switch code.StatusCode {
		case http.StatusRequestTimeout, http.StatusTooManyRequests:
			return true
		}
		return code.StatusCode >= http.StatusInternalServerError && code.StatusCode != http.StatusNotImplemented || code.Code == "SlowDown"
	}
	unknown, host, other := x509.UnknownAuthorityError{}, x509.HostnameError{}, x509.CertificateInvalidError{}
	return !errors.As(err, &unknown) && !errors.As(err, &host) && !errors.As(err, &other) && !errors.Is(err, errFinal)
}

// errFinal marks an error that is not tried again.
var errFinal = errors.New("")

// try calls do until it succeeds, fails for good or has failed too often.
func (c *Client) try(ctx context.Context, p Place, doing string, do func() error) error {
	for n := 1; ; n++ {
		err := do()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case n == attempts || !passing(err):
			return c.fault(p, doing, err, n)
		}
		if err := pause(ctx, c.wait<<(n-1)); err != nil {
			return err
		}
	}
}

// pause waits between half of d and all of it, so that processes that failed together do not come back together.
func pause(ctx context.Context, d time.Duration) error {
	part := time.Duration(time.Now().UnixNano()) % max(d/2, 1)
	select {
	case <-time.After(d/2 + part):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
