package board

import (
	"bytes"
	"encoding/hex"
	"math"
	"testing"

	"udml-gpu/engine/report/board/boardtest"
	"udml-gpu/models/wire"
)

// place is that of the golden events.
var place = At{Step: 7, Wall: 12.5}

// Records that the Python package tensorboard 2.21.0 writes (RecordWriter, of events that are made of its own messages). Of the first, the
// message was put together of its bytes, since the package leaves out a time of 0.
var goldens = []struct {
	want string
	add  func(*Board)
}{
	{"1800000000000000a37f4b2209" + "0000000000000000" + "1a0d627261696e2e4576656e743a32" + "eedf28a3", func(*Board) {}},
	{"2a00000000000000ae8d91f509000000000000294010072a1d0a110a0a747261696e2f6c6f7373" +
		"15cdcccc3d0a080a016115000000c03bd674dd", func(b *Board) {
		b.Scalars(place, []Scalar{{"train/loss", 0.1}, {"a", -2}})
	}},
	{"2f000000000000006d5d1d5009000000000000294010072a220a200a0170220a0802100318032202ffd84a0f0a" +
		"080a06696d616765731a03776879c469cf5e", func(b *Board) {
		b.Image(place, Image{Tag: "p", About: "why", Encoded: []byte{0xff, 0xd8}, Width: 3, Height: 2})
	}},
	{"2e00000000000000c5cb57fa09000000000000294010072a210a1f0a07766572646963744" +
		"20a080712004204676f6f644a080a060a04746578749d04110c", func(b *Board) {
		b.Text(place, "verdict", "good")
	}},
	{"46000000000000007235b9a509000000000000294010072a390a370a1a5f68706172616d735f2f73657373696f6e5f656e64" +
		"5f696e666f42060801120212004a110a0f0a0768706172616d73120422020801ccdf1dea", func(b *Board) { b.Done(place) }},
}

func TestGoldens(t *testing.T) {
	b, at := New(), 0
	for i, c := range goldens {
		c.add(b)
		if got := hex.EncodeToString(b.Bytes()[at:]); got != c.want {
			t.Errorf("record %d:\n%s, want\n%s", i, got, c.want)
		}
		at = len(b.Bytes())
	}
	values := boardtest.Read(t, b.Bytes())
	if len(values) != 5 || values[0].Tag != "train/loss" || values[0].Scalar != float64(float32(0.1)) || values[4].Wall != 12.5 {
		t.Errorf("%+v", values)
	}
}

// The session's start is what the Python package writes for a summary of one setting.
func TestBegin(t *testing.T) {
	const want = "0a480a1c5f68706172616d735f2f73657373696f6e5f73746172745f696e666f4206080112021200" +
		"4a200a1e0a0768706172616d7312131a110a0f0a026c72120911000000000000d03f"
	b := New()
	b.Begin([]Setting{{"lr", 0.25}})
	summary, _ := hex.DecodeString(want)
	if !bytes.Contains(b.Bytes(), summary) {
		t.Errorf("%x", b.Bytes())
	}
	for want, v := range map[string]any{
		"1a0161": "a", "2001": true, "2000": false, "1100000000000008c0": -3, "110000000000000840": uint64(3),
		"11000000000000f07f": math.Inf(1),
	} {
		if got := hex.EncodeToString(value(v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

// Without values there is no event; numbers that are not finite stay what they are.
func TestScalars(t *testing.T) {
	b := New()
	n := len(b.Bytes())
	if b.Scalars(place, nil); len(b.Bytes()) != n {
		t.Error("an empty event")
	}
	b.Scalars(place, []Scalar{{"nan", math.NaN()}, {"large", 1e300}})
	v := boardtest.Read(t, b.Bytes())
	if !math.IsNaN(v[0].Scalar) || !math.IsInf(v[1].Scalar, 1) {
		t.Errorf("%+v", v)
	}
}

// TestMasked: the example of RFC 3720, B.4: the CRC-32C of 32 zeros is 8a9136aa.
func TestMasked(t *testing.T) {
	const crc = 0x8a9136aa
	if got, want := masked(make([]byte, 32)), uint32(crc>>15|crc<<17&0xffffffff); got-0xa282ead8 != want {
		t.Errorf("%08x, want %08x", got-0xa282ead8, want)
	}
	if got := len(appendRecord(nil, wire.Message{1, 2, 3})); got != 19 {
		t.Errorf("a record of 3 bytes has %d", got)
	}
}
