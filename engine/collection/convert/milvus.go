package convert

import (
	"bufio"

	"github.com/parquet-go/parquet-go"

	"udml-gpu/engine/machine"
)

// milvusRow is a row for Milvus' bulk import. No column is empty, since a field that may be comes only with Milvus 2.5, and the vector
// is a plain list: the reader of the server, arrow-go, gives lists of fixed size as missing values (apache/arrow-go issue 584).
type milvusRow struct {
	Path      string    `parquet:"path"`
	Embedding []float32 `parquet:"embedding,list"`
	ID        string    `parquet:"id"`
	Label     string    `parquet:"label"`
	Split     string    `parquet:"split"`
	SHA256    string    `parquet:"sha256"`
	Width     int32     `parquet:"width"`
	Height    int32     `parquet:"height"`
	Taken     string    `parquet:"taken"`
	PHash     string    `parquet:"phash"`
}

// writeMilvus writes the table, and a program with the schema that it fits.
func writeMilvus(j *job) error {
	err := j.write(j.in("vectors.parquet"), func(w *bufio.Writer) error {
		p := parquet.NewGenericWriter[milvusRow](w, parquet.Compression(&parquet.Zstd),
			parquet.MaxRowsPerRowGroup(int64(min(groupRows, max(tableBlock, groupBytes/(4*j.c.Dim()))))),
			parquet.CreatedBy("udml-gpu", machine.Version(), ""))
		for from := 0; from < len(j.live); from += tableBlock {
			if err := j.look(from); err != nil {
				return err
			}
			if _, err := p.Write(j.milvusRows(from)); err != nil {
				return err
			}
		}
		return p.Close()
	})
	if err != nil {
		return err
	}
	if err := j.writeAbout(j.in("about.json")); err != nil {
		return err
	}
	return j.writeSnippet("milvus.py", "load.py", "DIM_LITERAL", literal(j.c.Dim()))
}

// milvusRows are the next rows from a number on.
func (j *job) milvusRows(from int) []milvusRow {
	items := j.live[from:min(from+tableBlock, len(j.live))]
	rows := make([]milvusRow, len(items))
	for k, i := range items {
		it := &j.c.Items[i]
		rows[k] = milvusRow{
			Path: text(it.Path), Embedding: j.c.Row(i), ID: it.ID(), Label: text(it.Label), Split: text(it.Split), SHA256: it.SHA256,
			Width: it.Width, Height: it.Height, Taken: it.Taken, PHash: hash(it),
		}
	}
	return rows
}
