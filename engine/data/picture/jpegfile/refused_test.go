package jpegfile

import (
	"bytes"
	"testing"
)

// TestRefusedSegments: a change to any part of a plain file makes it not plain. Each case changes bytes at an offset after the
// first marker of the kind; the length is at 2 and 3.
func TestRefusedSegments(t *testing.T) {
	whole := files(t)["baseline420.jpg"]
	for what, c := range map[string]struct {
		marker byte
		at     int
		bytes  []byte
	}{
		"another first marker":     {soi, 1, []byte{0xd9}},
		"progressive":              {sof0, 1, []byte{0xc2}},
		"arithmetic codes":         {sof0, 1, []byte{0xc9}},
		"12 bits":                  {sof0, 4, []byte{12}},
		"no rows":                  {sof0, 5, []byte{0, 0}},
		"no columns":               {sof0, 7, []byte{0, 0}},
		"more rows than codes":     {sof0, 5, []byte{0, 60}},
		"fewer rows than codes":    {sof0, 5, []byte{0, 3}},
		"components and length":    {sof0, 9, []byte{1}},
		"a component twice":        {sof0, 13, []byte{1}},
		"factors of three":         {sof0, 11, []byte{0x33}},
		"chroma factors":           {sof0, 14, []byte{0x22}},
		"table of quantisation":    {sof0, 12, []byte{4}},
		"a segment without length": {dqt, 2, []byte{0, 1}},
		"quantisation too long":    {dqt, 2, []byte{0, 68}},
		"quantisation of 24 bits":  {dqt, 4, []byte{0x20}},
		"code table number":        {dht, 4, []byte{2}},
		"code table class":         {dht, 4, []byte{0x20}},
		"codes beyond the segment": {dht, 5, []byte{200}},
		"codes that do not fit":    {dht, 5, []byte{0, 5, 5, 1, 1}},
		"no codes":                 {dht, 5, make([]byte, 16)},
		"a long DC difference":     {dht, 21, []byte{0x10}},
		"another component's scan": {sos, 5, []byte{2}},
		"fewer components":         {sos, 4, []byte{1}},
		"a table that is not here": {sos, 6, []byte{0x22}},
		"end before the scan":      {sos, 0, []byte{0xff, eoi}},
		"an unknown marker":        {sos, 0, []byte{0xff, 0x01}},
		"a marker among the codes": {sos, 20, []byte{0xff, com}},
	} {
		b := bytes.Clone(whole)
		at := bytes.Index(b, []byte{0xff, c.marker})
		copy(b[at+c.at:], c.bytes)
		if bytes.Equal(b, whole) {
			t.Errorf("%s: nothing was changed", what)
		}
		if _, plain := Plain(b); plain {
			t.Errorf("%s: plain", what)
		}
	}
}

// TestTakenSegments: fill bytes, comments, restart intervals longer than the image, and bytes after the end are allowed.
func TestTakenSegments(t *testing.T) {
	whole := files(t)["baseline420.jpg"]
	for what, put := range map[string][]byte{
		"nothing": nil, "a fill byte": {0xff}, "a comment": {0xff, com, 0, 4, 0xff, 0xd9}, "restarts": {0xff, dri, 0, 4, 1, 0},
	} {
		b := append(bytes.Clone(whole[:2]), append(bytes.Clone(put), whole[2:]...)...)
		if !goTakes(t, append(b, 0xff, sos)) {
			t.Errorf("with %s the file is not plain", what)
		}
	}
	short := append(bytes.Clone(whole[:2]), append([]byte{0xff, dri, 0, 4, 0, 1}, whole[2:]...)...)
	if _, plain := Plain(short); plain {
		t.Error("a file without its restart markers is plain")
	}
	if n := OutlineOf(append(bytes.Clone(whole), whole...)).Scans; n != 1 {
		t.Errorf("%d scans with those after the end", n)
	}
}

// TestCodes: a table by hand, with codes longer than the first-level lookup, and the steps of its symbols.
func TestCodes(t *testing.T) {
	lengths := make([]byte, 16)
	lengths[0], lengths[1], lengths[11] = 1, 1, 2 // 0, 10, 110000000000, 110000000001
	table := newCodeTable(lengths, []byte{0x00, 0xf0, 0x53, 0x01}, true)
	for i, c := range []struct {
		bits int32
		want step
	}{
		{0x0000, 1 | endOfBlock<<moveShift},
		{0x8000, 2 | 16<<moveShift},
		{0xc000, 15 | 6<<moveShift},
		{0xc01f, 13 | 1<<moveShift},
		{0xc020, 0},
		{0xffff, 0},
	} {
		if got := table.long(c.bits); got != c.want {
			t.Errorf("case %d: %#x, want %#x", i, got, c.want)
		}
		if short := table.short[c.bits>>(16-shortBits)]; short != 0 && short != c.want {
			t.Errorf("case %d: looked up at once it is %#x, want %#x", i, short, c.want)
		}
	}
	if newCodeTable(lengths, []byte{0, 0xe0, 1, 2}, true) != nil {
		t.Error("an end of several blocks is taken in a sequential file")
	}
}
