package convert

import (
	"bufio"

	"github.com/parquet-go/parquet-go"

	"udml-gpu/engine/machine"
)

// tableRow is a row of writeParquet. All columns are optional: Hugging Face datasets use the features in the metadata only where they
// fit the columns in this too.
type tableRow struct {
	ID         string     `parquet:"id,optional"`
	Path       string     `parquet:"path,optional"`
	Embedding  []*float32 `parquet:"embedding,optional,list"`
	Label      *string    `parquet:"label,optional,dict"`
	Split      *string    `parquet:"split,optional,dict"`
	SHA256     string     `parquet:"sha256,optional"`
	Size       *int64     `parquet:"size,optional"`
	Width      *int32     `parquet:"width,optional"`
	Height     *int32     `parquet:"height,optional"`
	Format     *string    `parquet:"format,optional,dict"`
	Taken      *string    `parquet:"taken,optional"`
	BoxX       *float32   `parquet:"box_x,optional"`
	BoxY       *float32   `parquet:"box_y,optional"`
	BoxW       *float32   `parquet:"box_w,optional"`
	BoxH       *float32   `parquet:"box_h,optional"`
	PHash      string     `parquet:"phash,optional"`
	Brightness *float32   `parquet:"brightness,optional"`
	Contrast   *float32   `parquet:"contrast,optional"`
	Sharpness  *float32   `parquet:"sharpness,optional"`
	Entropy    *float32   `parquet:"entropy,optional"`
	MapX       *float32   `parquet:"map_x,optional"` // null where the collection has no map of these images
	MapY       *float32   `parquet:"map_y,optional"`
}

// pictureRow is a row with a picture.
type pictureRow struct {
	tableRow
	Image *imageCell `parquet:"image,optional"`
}

// imageCell is the Image feature of Hugging Face datasets.
type imageCell struct {
	Bytes []byte  `parquet:"bytes,optional"`
	Path  *string `parquet:"path,optional"`
}

// groupBytes bounds the vectors and pictures of a row group, which are in memory together; groupRows its rows.
const groupBytes, groupRows = 32 << 20, 1 << 14

// writeParquet writes a table whose column embedding is a list of fixed size, with a column image under --with-thumbnails.
func writeParquet(j *job) error { return j.writeTable(j.out) }

func (j *job) writeTable(path string) error {
	if j.plane == nil {
		j.plane, _ = j.c.Map() // an error: there is none of these images
	}
	if j.pics != nil {
		return j.write(path, func(w *bufio.Writer) error {
			return writeRowsOf(j, w, func(rows []pictureRow, from int) {
				thumbs := j.thumbnails(j.live[from : from+len(rows)])
				for k := range rows {
					rows[k].tableRow = j.tableRow(from + k)
					if thumbs[k] != nil {
						rows[k].Image = &imageCell{Bytes: thumbs[k], Path: &rows[k].Path}
					}
				}
			})
		})
	}
	return j.write(path, func(w *bufio.Writer) error {
		return writeRowsOf(j, w, func(rows []tableRow, from int) {
			for k := range rows {
				rows[k] = j.tableRow(from + k)
			}
		})
	})
}

// tableBlock is how many rows are made at a time.
const tableBlock = 256

// writeRowsOf writes a Parquet file of all images; fill makes the rows from a number on.
func writeRowsOf[T any](j *job, w *bufio.Writer, fill func(rows []T, from int)) error {
	perRow := 4 * j.c.Dim()
	if j.pics != nil {
		perRow += j.o.Side * j.o.Side // more than a JPEG file has
	}
	a := j.about()
	metadata := append(a.pairs(), [2]string{"huggingface", j.features()})
	options := []parquet.WriterOption{
		parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(int64(min(groupRows, max(tableBlock, groupBytes/perRow)))),
		parquet.CreatedBy("udml-gpu", machine.Version(), ""),
		parquet.KeyValueMetadata("ARROW:schema", arrowSchema(j.arrowFields(), metadata)),
	}
	for _, pair := range metadata {
		options = append(options, parquet.KeyValueMetadata(pair[0], pair[1]))
	}
	p := parquet.NewGenericWriter[T](w, options...)
	for from := 0; from < len(j.live); from += tableBlock {
		if err := j.look(from); err != nil {
			return err
		}
		rows := make([]T, min(tableBlock, len(j.live)-from))
		fill(rows, from)
		if _, err := p.Write(rows); err != nil {
			return err
		}
	}
	return p.Close()
}

// tableRow is image n.
func (j *job) tableRow(n int) tableRow {
	it := &j.c.Items[j.live[n]]
	row := j.c.Row(j.live[n])
	r := tableRow{
		ID: it.ID(), Path: text(it.Path), SHA256: it.SHA256, PHash: hash(it),
		Label: optional(text(it.Label)), Split: optional(text(it.Split)),
		Format: optional(it.Format), Taken: optional(it.Taken), Size: &it.Size, Width: &it.Width, Height: &it.Height,
		Brightness: &it.Look.Brightness, Contrast: &it.Look.Contrast, Sharpness: &it.Look.Sharpness, Entropy: &it.Look.Entropy,
		Embedding: make([]*float32, len(row)),
	}
	for i := range row {
		r.Embedding[i] = &row[i]
	}
	if b := it.Box; b.W > 0 {
		corners := []float32{float32(b.X), float32(b.Y), float32(b.W), float32(b.H)}
		r.BoxX, r.BoxY, r.BoxW, r.BoxH = &corners[0], &corners[1], &corners[2], &corners[3]
	}
	if j.plane != nil {
		x, y, _ := j.plane.Place(j.live[n])
		r.MapX, r.MapY = &x, &y
	}
	return r
}

// optional is nil for "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
