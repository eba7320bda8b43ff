package tcp

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// The start of a connection, in four messages: who dials sends a greeting, who listens answers with its own, the dialer proves with a keyed
// hash over both that it knows the token, and the listener answers with a verdict that proves the same. Magic, length and proof stay as
// they are in later versions, so that two versions can tell each other that they differ.
const (
	magic     = "UDMLRANK"
	version   = 1
	maxName   = 255     // bytes of a host name or address
	maxReason = 2000    // bytes of a sentence for the user
	maxBody   = 1 << 10 // of a greeting, also of later versions
)

// The two connections of a pair of ranks.
const (
	control = iota
	data
	channels
)

// greeting is what both sides say first.
type greeting struct {
	Version    uint16
	Channel    uint8
	Rank, Size uint32
	To         uint32 // the rank that is called
	Nonce      [32]byte
	Host       string
	Listen     string // where the dialer can be reached; "" from the listener
}

// errStranger says that the other side does not speak this protocol at all.
var errStranger = errors.New("it is no rank of udml-gpu")

// newNonce is 32 random bytes: they only have to differ from those of any other connection, and reach no result.
func newNonce() (n [32]byte) {
	_, _ = rand.Read(n[:])
	return n
}

// bytes is the greeting as it is sent.
func (g *greeting) bytes() []byte {
	var body []byte
	body = append(body, g.Channel)
	body = binary.LittleEndian.AppendUint32(body, g.Rank)
	body = binary.LittleEndian.AppendUint32(body, g.Size)
	body = binary.LittleEndian.AppendUint32(body, g.To)
	body = append(body, g.Nonce[:]...)
	body = appendName(body, g.Host)
	body = appendName(body, g.Listen)
	out := []byte(magic)
	out = binary.LittleEndian.AppendUint16(out, g.Version)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(body)))
	return append(out, body...)
}

// readGreeting reads a greeting and returns its bytes too. What a later version appends is skipped.
func readGreeting(r io.Reader) (greeting, []byte, error) {
	head := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, head[:len(magic)]); err != nil {
		return greeting{}, nil, err
	}
	if string(head[:len(magic)]) != magic {
		return greeting{}, nil, errStranger
	}
	if _, err := io.ReadFull(r, head[len(magic):]); err != nil {
		return greeting{}, nil, err
	}
	n := binary.LittleEndian.Uint16(head[len(magic)+2:])
	if n > maxBody {
		return greeting{}, nil, errStranger
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return greeting{}, nil, err
	}
	g, err := parseGreeting(body)
	g.Version = binary.LittleEndian.Uint16(head[len(magic):])
	return g, append(head, body...), err
}

func parseGreeting(body []byte) (greeting, error) {
	const fixed = 1 + 3*4 + 32
	if len(body) < fixed {
		return greeting{}, errStranger
	}
	g := greeting{Channel: body[0]}
	g.Rank = binary.LittleEndian.Uint32(body[1:])
	g.Size = binary.LittleEndian.Uint32(body[5:])
	g.To = binary.LittleEndian.Uint32(body[9:])
	copy(g.Nonce[:], body[13:])
	var rest []byte
	var ok bool
	if g.Host, rest, ok = cutName(body[fixed:]); !ok {
		return g, errStranger
	}
	if g.Listen, _, ok = cutName(rest); !ok {
		return g, errStranger
	}
	return g, nil
}

// appendName appends a text with its length in one byte.
func appendName(to []byte, name string) []byte {
	name = clean(name, maxName)
	return append(append(to, byte(len(name))), name...)
}

// cutName cuts what appendName appended off the front.
func cutName(from []byte) (name string, rest []byte, ok bool) {
	if len(from) == 0 || len(from) < 1+int(from[0]) {
		return "", nil, false
	}
	n := 1 + int(from[0])
	return clean(string(from[1:n]), maxName), from[n:], true
}

// clean is a text of at most so many bytes that cannot disturb a terminal, since it comes from elsewhere.
func clean(s string, most int) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// proof is the keyed hash of what both sides said, with the name of the side that proves.
func proof(token, side string, said ...[]byte) []byte {
	h := hmac.New(sha256.New, []byte(token))
	for _, part := range append([][]byte{[]byte(side)}, said...) {
		_ = binary.Write(h, binary.LittleEndian, uint64(len(part)))
		h.Write(part)
	}
	return h.Sum(nil)
}

// The answers of a listener.
const (
	welcome    = iota
	refused    // the ranks contradict each other
	wrongToken // the proof is not that of this token
)

// verdict is the last message of a start. mac proves it, except for wrongToken, where the listener has no common secret to prove it with.
type verdict struct {
	status byte
	mac    []byte
	reason string
}

func (v verdict) bytes() []byte {
	out := append([]byte{v.status}, v.mac...)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(v.reason)))
	return append(out, v.reason...)
}

// newVerdict is a verdict with its proof.
func newVerdict(token string, status byte, reason string, said ...[]byte) verdict {
	reason = clean(reason, maxReason)
	return verdict{status, proof(token, "listener", append(said, []byte{status}, []byte(reason))...), reason}
}

// readVerdict reads a verdict; known says whether it comes from someone who knows the token.
func readVerdict(r io.Reader, token string, said ...[]byte) (v verdict, known bool, err error) {
	head := make([]byte, 1+sha256.Size+2)
	if _, err := io.ReadFull(r, head); err != nil {
		return v, false, err
	}
	n := binary.LittleEndian.Uint16(head[1+sha256.Size:])
	if head[0] > wrongToken || n > maxReason {
		return v, false, errStranger
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return v, false, err
	}
	want := newVerdict(token, head[0], string(text), said...)
	known = bytes.Equal([]byte(want.reason), text) && hmac.Equal(want.mac, head[1:1+sha256.Size])
	return want, known, nil
}

// String is the greeting's rank and host in a sentence.
func (g *greeting) String() string {
	return fmt.Sprintf("rank %d of %d on %s", g.Rank, g.Size, g.Host)
}
