package run

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/eval"
)

// ClassesFile holds what the queries of a finished run have found, by class: with that of another run it says whether their scores differ
// by more than chance.
const ClassesFile = "classes.json"

// classesVersion is raised when the meaning of ClassesFile changes.
const classesVersion = 1

// Classes are the content of ClassesFile.
type Classes struct {
	Version int    `json:"version"`
	Epochs  int    `json:"epochs"`           // of the result that they belong to
	Test    string `json:"test_fingerprint"` // SHA-256, in hex, of names, labels and roles of the scored images
	*eval.ClassSums
}

// NewClasses are the classes of a result after so many epochs, of scores of the images of c; nil without scores.
func NewClasses(c *cache.Cache, s *eval.Scores, epochs int) *Classes {
	if s == nil || s.ByClass == nil {
		return nil
	}
	return &Classes{Version: classesVersion, Epochs: epochs, Test: testFingerprint(c), ClassSums: s.ByClass}
}

// testFingerprint does not depend on pixels, so that runs with images of other sizes are compared too.
func testFingerprint(c *cache.Cache) string {
	h := sha256.New()
	number := func(v int) { h.Write(binary.LittleEndian.AppendUint64(nil, uint64(v))) }
	for i := range c.Len() {
		if c.Label(i) < 0 {
			continue // not scored
		}
		number(len(c.Name(i)))
		h.Write([]byte(c.Name(i)))
		number(int(c.Label(i)))
	}
	queries, gallery := c.Roles()
	for role, rows := range [][]int32{queries, gallery} {
		for _, i := range rows {
			if c.Label(int(i)) >= 0 {
				number(role)
				number(len(c.Name(int(i))))
				h.Write([]byte(c.Name(int(i))))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ReadClasses reads ClassesFile of the run in dir. One that is missing is os.ErrNotExist, a damaged one a *baddata.Error.
func ReadClasses(dir string) (*Classes, error) {
	path := filepath.Join(dir, ClassesFile)
	b, err := readLimited(path, MaxState)
	if err != nil {
		return nil, err
	}
	c, err := parseClasses(b)
	if err != nil {
		return nil, baddata.Errorf("%s is damaged: %v", path, err)
	}
	return c, nil
}

func parseClasses(b []byte) (*Classes, error) {
	var c Classes
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, err
	}
	switch {
	case c.Version != classesVersion:
		return nil, fmt.Errorf("its version is %d, this program reads %d", c.Version, classesVersion)
	case c.ClassSums == nil || c.Test == "":
		return nil, errors.New("it is incomplete")
	}
	return &c, c.Check()
}
