package serve

import (
	"encoding/binary"
	"math"
	"net/http"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/search"
	"udml-gpu/engine/machine"
)

// noValue is the place of an image that has no value, and of values beyond it.
const noValue = 65535

// values answers with what each image has of a facet: its place in the list of the values.
func (s *Server) values(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	places := make([]uint16, len(v.live))
	of := r.URL.Query().Get("of")
	facet, known := map[string]int{"group": byGroup, "label": byLabel, "split": bySplit}[of]
	switch {
	case of == "tag":
		v.tagPlaces(tags, places)
	case known:
		for n, code := range v.columns[facet].of {
			places[n] = noValue
			if at := code - 1; at >= 0 && at < noValue { // code 0 is none
				places[n] = uint16(at)
			}
		}
	default:
		return failf(http.StatusBadRequest, "of=%.40q: expected group, label, split or tag", of)
	}
	return answerNumbers(w, places)
}

// answerNumbers answers with numbers, little-endian.
func answerNumbers[T uint16 | float32](w http.ResponseWriter, list []T) error {
	w.Header().Set("Content-Type", "application/octet-stream")
	_ = binary.Write(w, binary.LittleEndian, list) // an error: the client has gone
	return nil
}

// tagPlaces sets the place of the first of the tags of each image.
func (v *view) tagPlaces(tags collection.Tags, places []uint16) {
	for n := range places {
		places[n] = noValue
	}
	for at, c := range v.countTags(tags, nil) {
		for _, n := range v.tagged(c.Name, tags[c.Name]) {
			if places[n] == noValue && at < noValue {
				places[n] = uint16(at)
			}
		}
	}
}

// scores answers with the cosine of each image to what the query is like.
func (s *Server) scores(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	q, err := s.query(r, v)
	if err != nil {
		return err
	}
	vector, _, err := q.sum(v)
	if err != nil {
		return err
	}
	allowed, err := q.Filter.passing(v, tags, v.live)
	if err != nil {
		return err
	}
	list := make([]float32, len(v.live))
	for n := range list {
		list[n] = float32(math.NaN())
	}
	err = s.computing(r.Context(), func() error {
		for n, score := range search.Scores(s.o.Device, v.c, vector, allowed) {
			list[v.number[allowed[n]]] = score
		}
		return machine.Fault(s.o.Device)
	})
	if err != nil {
		return err
	}
	return answerNumbers(w, list)
}
