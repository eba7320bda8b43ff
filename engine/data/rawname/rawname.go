// Package rawname writes names of files as text where only text can stand: in JSON, Parquet, logs and messages. Names of files are bytes
// and need not be UTF-8; those that are stand as they are.
package rawname

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// mark begins the text of a name that is not its own.
const mark = "bytes:"

// Text is a name as text, from which Bytes gives the name again. A name that is no UTF-8 is the mark, then the name with each byte that
// belongs to no character, and each %, as % and two hexadecimal digits: "caf\xe9.jpg" is bytes:caf%E9.jpg. So that every name has a text
// of its own, a name that begins with the mark is written in this way too.
func Text(name string) string {
	if utf8.ValidString(name) && !strings.HasPrefix(name, mark) {
		return name
	}
	var b strings.Builder
	b.WriteString(mark)
	for len(name) > 0 {
		r, size := utf8.DecodeRuneInString(name)
		if r == utf8.RuneError && size == 1 || r == '%' {
			fmt.Fprintf(&b, "%%%02X", name[0])
		} else {
			b.WriteString(name[:size])
		}
		name = name[size:]
	}
	return b.String()
}

// Bytes is the name that Text writes as text. What Text never writes, a % without digits, stands for itself.
func Bytes(text string) string {
	rest, raw := strings.CutPrefix(text, mark)
	if !raw {
		return text
	}
	b := make([]byte, 0, len(rest))
	for at := 0; at < len(rest); at++ {
		if v, ok := hexByte(rest[at:]); ok {
			b = append(b, v)
			at += 2
			continue
		}
		b = append(b, rest[at])
	}
	return string(b)
}

// hexByte is the byte that % and two digits at the beginning of s stand for.
func hexByte(s string) (v byte, ok bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	for _, c := range []byte(s[1:3]) {
		at := strings.IndexByte("0123456789ABCDEF", c)
		if at < 0 {
			return 0, false
		}
		v = v<<4 | byte(at)
	}
	return v, true
}

// Texts are the names as text.
func Texts(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = Text(name)
	}
	return list
}

// lineEscapes keep a text on one line and in one column; they can be undone.
var lineEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// Line is a name as text on one line: backslash, newline, carriage return and tab as \\, \n, \r and \t, of its Text.
func Line(name string) string { return lineEscapes.Replace(Text(name)) }
