package ignore

import (
	"strings"
	"unicode/utf8"
)

// Both functions below go back to the last star only, which is enough because a star takes anything: their time is at most the product
// of the lengths, whatever the pattern.

// matchPath tells whether the parts of a pattern match the names of a path. ** stands for any number of names, at the end for at least
// one.
func matchPath(parts, names []string) bool {
	p, n := 0, 0
	star, from := -1, 0
	for n < len(names) {
		switch {
		case p < len(parts) && parts[p] == "**":
			star, from = p, n
			if p == len(parts)-1 {
				return true
			}
			p++
		case p < len(parts) && matchName(parts[p], names[n]):
			p++
			n++
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return p == len(parts)
}

// matchName tells whether a pattern without slashes matches a name: * is any text, ? a character, [a-z] and [!a-z] sets, and a backslash
// takes the next character as it is.
func matchName(pattern, name string) bool {
	p, n := 0, 0
	star, from := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			star, from = p, n
			p++
			continue
		}
		if used, size := matchOne(pattern[p:], name[n:]); used > 0 {
			p += used
			n += size
			continue
		}
		if star < 0 {
			return false
		}
		from++
		p, n = star+1, from
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne matches the character with which a name begins, of that size, and gives the bytes of the pattern that stand for it; 0: none do.
// Bytes that are no UTF-8 are characters of their own.
func matchOne(pattern, name string) (used, size int) {
	if pattern == "" {
		return 0, 0
	}
	_, size = utf8.DecodeRuneInString(name)
	switch pattern[0] {
	case '?':
		return 1, size
	case '[':
		return matchSet(pattern, name[:size]), size
	case '\\':
		if len(pattern) > 1 && pattern[1] == name[0] {
			return 2, 1
		}
		return 0, 0
	}
	if pattern[0] != name[0] {
		return 0, 0
	}
	return 1, 1
}

// matchSet matches a character with the set that a pattern begins with, and gives the set's length; 0: it does not match, or the set has
// no end.
func matchSet(pattern, char string) int {
	at := 1
	not := at < len(pattern) && (pattern[at] == '!' || pattern[at] == '^')
	if not {
		at++
	}
	found, first := false, true
	for ; at < len(pattern); first = false {
		if pattern[at] == ']' && !first {
			if found == not {
				return 0
			}
			return at + 1
		}
		low, size := setMember(pattern[at:])
		at += size
		high := low
		if at+1 < len(pattern) && pattern[at] == '-' && pattern[at+1] != ']' {
			high, size = setMember(pattern[at+1:])
			at += 1 + size
		}
		found = found || low != "" && low <= char && char <= high // UTF-8 has the order of the code points
	}
	return 0
}

// setMember is the character with which the rest of a set begins, and the bytes that it takes; "" after a backslash at the end.
func setMember(rest string) (char string, size int) {
	if rest[0] == '\\' {
		_, n := utf8.DecodeRuneInString(rest[1:])
		return rest[1 : 1+n], 1 + n
	}
	_, n := utf8.DecodeRuneInString(rest)
	return rest[:n], n
}
