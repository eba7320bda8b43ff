package tifffile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// file is a little-endian TIFF with these tags, each of one LONG, padded to a size.
func file(size int, tags ...uint32) []byte {
	b := append([]byte("II*\x00"), 8, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(tags)/2))
	for i := 0; i < len(tags); i += 2 {
		b = binary.LittleEndian.AppendUint16(b, uint16(tags[i]))
		b = binary.LittleEndian.AppendUint16(b, 4)
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, tags[i+1])
	}
	return append(b, make([]byte, max(size-len(b), 0))...)
}

// TestHostileDirectories: excessive demands of a directory are refused before they cost memory or time.
func TestHostileDirectories(t *testing.T) {
	loop := file(300, 256, 8, 257, 8, 273, 8)
	binary.LittleEndian.PutUint32(loop[4:], 0xffffffff)
	far := file(300, 256, 8, 257, 8, 258, 1)
	binary.LittleEndian.PutUint32(far[8+2+2*12+4:], 0x40000000) // as many bits per sample
	for says, b := range map[string][]byte{
		"gives the image no size":      file(100, 256, 8),
		"beyond the end of the file":   loop,
		"strips or tiles, the limit":   file(300, 256, 60000, 257, 60000, 258, 8, 322, 16, 323, 16, 324, 8),
		"place of every strip or tile": file(300, 256, 60000, 257, 60000, 258, 8, 262, 1, 273, 8, 278, 1),
		"tiles have 60000x60000":       file(300, 256, 8, 257, 8, 258, 8, 322, 60000, 323, 60000, 324, 8),
		"neither strips nor tiles":     file(300, 256, 8, 257, 8, 258, 8, 322, 16, 324, 8),
		"ends within the pixels":       file(300, 256, 200, 257, 200, 258, 8, 262, 1, 273, 8),
		"99 samples a pixel":           file(300, 256, 8, 257, 8, 258, 8, 262, 1, 273, 8, 277, 99),
		"1 x 65536 bits":               file(300, 256, 8, 257, 8, 258, 0xffffffff, 262, 1, 273, 8),
		"bits in order 7":              file(300, 256, 8, 257, 8, 258, 8, 262, 1, 266, 7, 273, 8),
		"JPEG XR":                      file(300, 0xBC01, 1),
		"within the directory":         file(300, 256, 8, 257, 8)[:20],
		"ends within its header":       []byte("II+\x00\x08\x00"),
		"photometric interpretation 7": file(300, 256, 8, 257, 8, 258, 8, 262, 7, 273, 8),
	} {
		if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
	if im, err := Decode(far); err == nil {
		t.Errorf("bits that are not there: %v", im.Bounds())
	}
}

func TestUnpackBits(t *testing.T) {
	for in, want := range map[string]string{
		"\x02abc": "abc", "\xfed": "ddd", "\x80\x00a\xffb": "abb", "\x80\x80\x80": "", "\x05ab": "", "a": "",
	} {
		dst := make([]byte, 3)
		if err := unpackBits([]byte(in), dst); (err == nil) != (want != "") || err == nil && string(dst) != want {
			t.Errorf("%q: %q, %v", in, dst, err)
		} else if err != nil && !errors.Is(err, errFew) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestClip(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for v, want := range map[float32]uint8{nan: 0, -1: 0, 0.99: 0, 1.5: 1, 254.99: 254, 255: 255, 1e30: 255} {
		if got := clipFloat(v); got != want {
			t.Errorf("%v is %d, want %d", v, got, want)
		}
	}
	pair := []byte{0x12, 0x34, 0x56}
	if highs := []uint8{highOf12(pair, 0), highOf12(pair, 1)}; !slices.Equal(highs, []uint8{0x12, 0x45}) {
		t.Errorf("12 bits have high bytes %x", highs)
	}
}

// TestLab: the white point is white, and the ends of the table are in range.
func TestLab(t *testing.T) {
	pix := []byte{255, 0, 0, 9, 0, 0, 0, 9, 255, 127, 127, 9, 255, 128, 128, 9}
	labToRGB(pix)
	if pix[0] < 254 || pix[1] < 254 || pix[2] < 254 || max(pix[4], pix[5], pix[6]) > 1 ||
		!bytes.Equal([]byte{pix[3], pix[7]}, []byte{9, 9}) {
		t.Errorf("white and black are %v", pix)
	}
}
