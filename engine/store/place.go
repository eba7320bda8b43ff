// Package store reads and writes objects of S3 and of stores that speak its protocol. Its errors are *baddata.Error, one sentence that
// names the object: a request that fails in passing has then been tried several times.
package store

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"udml-gpu/engine/data/baddata"
)

// scheme is how a place in a store begins.
const scheme = "s3://"

// Is tells whether a path means an object, or a prefix, in a store.
func Is(path string) bool { return strings.HasPrefix(path, scheme) }

// Place is an object, or the prefix of several.
type Place struct{ Bucket, Key string }

// Parse reads s3://BUCKET/KEY; the key may be empty.
func Parse(text string) (Place, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(text, scheme), "/")
	p := Place{bucket, key}
	switch {
	case !Is(text) || !plainBucket(bucket):
		return p, baddata.Errorf("%s names no bucket: expected s3://BUCKET/KEY", text)
	case key != "" && badKey(strings.TrimSuffix(key, "/")) != "":
		return p, baddata.Errorf("%s cannot be used: its key %s", text, badKey(strings.TrimSuffix(key, "/")))
	}
	return p, nil
}

// plainBucket accepts what S3 and older stores take for the name of a bucket.
func plainBucket(name string) bool {
	return len(name) >= 3 && len(name) <= 63 && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// badKey is the reason why a key cannot be the path of a file; "" where it can.
func badKey(key string) string {
	switch {
	case key == "" || strings.HasPrefix(key, "/") || path.Clean(key) != key || key == "." || key == ".." || strings.HasPrefix(key, "../"):
		return "is not the path of a file"
	case !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl):
		return "has characters that do not belong in a name"
	}
	return ""
}

// IsFile tells whether a key can be the path of a file: relative, without .. or control characters.
func IsFile(key string) bool { return badKey(key) == "" }

// String is the place as a user writes it.
func (p Place) String() string { return scheme + p.Bucket + "/" + p.Key }

// In is the place of a name below the prefix.
func (p Place) In(name string) Place {
	if p.Key == "" || strings.HasSuffix(p.Key, "/") {
		return Place{p.Bucket, p.Key + name}
	}
	return Place{p.Bucket, p.Key + "/" + name}
}
