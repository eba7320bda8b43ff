package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
)

// Host is the name of this machine; "this machine" where the system does not say it.
func Host() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "this machine"
}

// Program is the SHA-256 of the running program's file; "unknown" where it cannot be read.
func Program() string {
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(h.Sum(nil))
}
