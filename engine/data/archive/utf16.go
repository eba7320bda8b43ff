package archive

import "bytes"

// IsUTF16 tells whether text begins with the byte order mark of UTF-16.
func IsUTF16(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff"))
}
