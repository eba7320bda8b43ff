package pngfile

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
)

// Decode decodes a file to the image of image/png. The caller has bounded the size given by Config.
func Decode(b []byte) (image.Image, error) {
	im, why := png.Decode(bytes.NewReader(b))
	if why == nil {
		return im, nil
	}
	p, err := readParts(b)
	if err != nil {
		return nil, err
	}
	if len(p.data) == 0 {
		return nil, why
	}
	return p.decode()
}

// decode runs image/png on a file of only the necessary parts, which is generated while it is read, so that it takes no memory.
func (p *parts) decode() (image.Image, error) {
	r, w := io.Pipe()
	go func() {
		defer func() {
			if fault := recover(); fault != nil { // so that no file ends the program
				w.CloseWithError(fmt.Errorf("%v", fault))
			}
		}()
		w.CloseWithError(p.write(w))
	}()
	defer r.CloseWithError(nil) // stops the writer once the decoder is done
	return png.Decode(r)
}

// write writes a file of the parts.
func (p *parts) write(w io.Writer) error {
	header := p.header
	header[10] = 0 // the method of compression: there is only one
	if _, err := io.WriteString(w, signature); err != nil {
		return err
	}
	if err := writeChunk(w, "IHDR", header[:]); err != nil {
		return err
	}
	if p.colourType() == paletted {
		if err := writeChunk(w, "PLTE", p.wholePalette()); err != nil {
			return err
		}
	}
	if err := p.writePixels(w); err != nil {
		return err
	}
	return writeChunk(w, "IEND", nil)
}

func writeChunk(w io.Writer, kind string, payload []byte) error {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = append(append(b, kind...), payload...)
	_, err := w.Write(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
	return err
}

// wholePalette is the palette as far as its entries are whole and a pixel's bits can address them, at least one.
func (p *parts) wholePalette() []byte {
	palette := p.palette[:min(len(p.palette), 3<<p.depth())]
	if palette = palette[:len(palette)/3*3]; len(palette) == 0 {
		return make([]byte, 3)
	}
	return palette
}

// dataWriter writes all its input as chunks of pixels.
type dataWriter struct{ w io.Writer }

// Write writes a chunk.
func (d dataWriter) Write(b []byte) (int, error) { return len(b), writeChunk(d.w, "IDAT", b) }

const chunkBytes = 1 << 16

// writePixels writes the pixels again, as many as the picture has. Missing ones are 0 where the compressed data
// end properly, and an error where they break off.
func (p *parts) writePixels(w io.Writer) error {
	var readers []io.Reader
	for _, d := range p.data {
		readers = append(readers, bytes.NewReader(d))
	}
	from, err := zlib.NewReader(io.MultiReader(readers...))
	if err != nil {
		return err
	}
	buffer := bufio.NewWriterSize(dataWriter{w}, chunkBytes)
	to, err := zlib.NewWriterLevel(buffer, zlib.NoCompression)
	if err != nil {
		return err
	}
	if err := copyPixels(to, from, p.pixelBytes()); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	return buffer.Flush()
}

var errShort = errors.New("the file breaks off before the end of the image")

func copyPixels(to io.Writer, from io.Reader, size int64) error {
	n, err := io.CopyN(to, from, size)
	switch err {
	case nil: // reading to the end checks the checksum of the pixels
		if _, err := from.Read(make([]byte, 1)); err == zlib.ErrChecksum {
			return err
		}
		return nil
	case io.EOF:
		_, err = io.CopyN(to, zeros{}, size-n)
		return err
	case io.ErrUnexpectedEOF:
		return errShort
	}
	return err
}

// zeros is a reader of zeros.
type zeros struct{}

// Read fills b.
func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
