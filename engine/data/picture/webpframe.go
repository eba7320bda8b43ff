package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"

	"golang.org/x/image/webp"
)

// webpFrame is the picture of a still file, or the first one of an animation, without the parts for alpha.
type webpFrame struct {
	canvas image.Point     // the size of the whole picture; zero where only the frame has a size
	at     image.Rectangle // the frame's place in it; empty where it is the whole picture
	still  []byte          // a file with only the frame
}

// eachWebPChunk calls take for the chunks of a file or of a frame until it returns true.
func eachWebPChunk(b []byte, take func(kind string, payload []byte) (enough bool)) {
	for len(b) >= 8 {
		length := int64(binary.LittleEndian.Uint32(b[4:]))
		end := min(8+length, int64(len(b)))
		if take(string(b[:4]), b[8:end]) {
			return
		}
		b = b[min(end+length&1, int64(len(b))):]
	}
}

// readWebPFrame finds the first picture. golang.org/x/image/webp does not read animations, and refuses a file that announces
// alpha but has none.
func readWebPFrame(b []byte) (f webpFrame, err error) {
	err = errors.New("it holds no picture")
	eachWebPChunk(b[min(12, len(b)):], func(kind string, payload []byte) (enough bool) {
		switch {
		case kind == "VP8X" && len(payload) >= 10:
			f.canvas = sizeOfWebP(payload[4:])
		case kind == "ANMF" && len(payload) >= 16:
			at := image.Pt(2*uint24(payload), 2*uint24(payload[3:]))
			f.at = image.Rectangle{Min: at, Max: at.Add(sizeOfWebP(payload[6:]))}
			eachWebPChunk(payload[16:], func(kind string, payload []byte) bool { return f.take(kind, payload) })
			enough = true
		default:
			enough = f.take(kind, payload)
		}
		if f.still != nil {
			err = nil
		}
		return enough
	})
	return f, err
}

// take makes a file of a chunk if that holds pixels.
func (f *webpFrame) take(kind string, payload []byte) bool {
	if kind != "VP8 " && kind != "VP8L" {
		return false
	}
	length := uint32(len(payload))
	still := binary.LittleEndian.AppendUint32([]byte("RIFF"), 4+8+length+length&1)
	still = binary.LittleEndian.AppendUint32(append(append(still, "WEBP"...), kind...), length)
	f.still = append(append(still, payload...), make([]byte, length&1)...)
	return true
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// sizeOfWebP reads two sides, each stored less one.
func sizeOfWebP(b []byte) image.Point { return image.Pt(uint24(b)+1, uint24(b[3:])+1) }

// webpConfig reads the size. The decoded picture is no larger: a frame must have the stored size and lie within the picture.
func webpConfig(b []byte) (image.Config, error) {
	f, err := readWebPFrame(b)
	if err != nil {
		return image.Config{}, err
	}
	c, err := webp.DecodeConfig(bytes.NewReader(f.still))
	if err != nil || f.canvas == (image.Point{}) {
		return c, err
	}
	size, want := image.Pt(c.Width, c.Height), f.canvas
	if !f.at.Empty() {
		want = f.at.Size()
	}
	if size != want || !f.at.In(image.Rectangle{Max: f.canvas}) {
		return c, fmt.Errorf("a frame has %v pixels: expected %v", size, want)
	}
	return image.Config{Width: f.canvas.X, Height: f.canvas.Y}, nil
}

// onCanvas puts a frame at its place. The rest of the picture is black.
func (f *webpFrame) onCanvas(im image.Image) image.Image {
	whole := image.Rectangle{Max: f.canvas}
	if f.at.Empty() || f.at == whole {
		return im
	}
	out := image.NewRGBA(whole)
	draw.Draw(out, whole, image.Black, image.Point{}, draw.Src)
	draw.Draw(out, f.at, im, image.Point{}, draw.Src)
	return out
}
