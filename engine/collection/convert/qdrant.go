package convert

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// A body of Qdrant's requests has at most so many points and about so many bytes; the server takes 32 MB.
const qdrantPoints, qdrantBytes = 1000, 8 << 20

// qdrantPoint is a point of the request PUT /collections/NAME/points.
type qdrantPoint struct {
	ID      string          `json:"id"`
	Vector  json.RawMessage `json:"vector"`
	Payload object          `json:"payload"`
}

// writeQdrant writes the bodies of the requests that make a collection and fill it, and a script that sends them: Qdrant imports no
// files. Ids come from the paths, so that sending them again changes nothing.
func writeQdrant(j *job) error {
	err := j.write(j.in("collection.json"), func(w *bufio.Writer) error {
		_, err := fmt.Fprintf(w, "{\"vectors\": {\"size\": %d, \"distance\": \"Cosine\"}}\n", j.c.Dim())
		return err
	})
	per := min(qdrantPoints, max(1, qdrantBytes/(12*j.c.Dim()+1000)))
	for from := 0; from < len(j.live) && err == nil; from += per {
		if err = j.look(from); err != nil {
			break
		}
		err = j.write(j.in(fmt.Sprintf("points-%06d.json", from/per+1)), func(w *bufio.Writer) error {
			return j.qdrantBody(w, j.live[from:min(from+per, len(j.live))])
		})
	}
	if err != nil {
		return err
	}
	if err := j.writeAbout(j.in("about.json")); err != nil {
		return err
	}
	return j.writeSnippet("qdrant.sh", "upload.sh")
}

// qdrantBody writes a request with these items.
func (j *job) qdrantBody(w *bufio.Writer, items []int) error {
	between := `{"points": [` + "\n"
	for _, i := range items {
		it := &j.c.Items[i]
		point, err := json.Marshal(&qdrantPoint{ID: pathUUID(text(it.Path)), Vector: list(nil, j.c.Row(i)), Payload: objectOf(it)})
		if err != nil {
			return err
		}
		if _, err := w.WriteString(between + string(point)); err != nil {
			return err
		}
		between = ",\n"
	}
	_, err := w.WriteString("\n]}\n")
	return err
}

// pathUUID is a UUID of version 8 (RFC 9562) from the SHA-256 of a path.
func pathUUID(path string) string {
	h := sha256.Sum256([]byte(path))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
