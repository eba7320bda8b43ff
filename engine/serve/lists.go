package serve

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"

	"udml-gpu/engine/collection"
)

func (s *Server) groups(w http.ResponseWriter, _ *http.Request, v *view, _ collection.Tags) error {
	if v.groups == nil {
		return failf(http.StatusNotFound, "there are no groups yet: udml-gpu cluster %s makes them", v.name())
	}
	v.grouping.Do(func() { v.groupList = v.listGroups() })
	answer(w, http.StatusOK, map[string]any{"method": v.groups.Method, "groups": v.groupList})
	return nil
}

// listGroups are the groups with live images, the largest first. The medoid is the image nearest to the mean.
func (v *view) listGroups() []Group {
	dim := v.c.Dim()
	means, sizes := make([]float64, v.groups.K*dim), make([]int, v.groups.K)
	row := make([]float32, dim)
	for _, i := range v.live {
		if g := v.group(i); g >= 0 {
			sizes[g]++
			for d, x := range v.c.RowIn(row, i) {
				means[g*dim+d] += float64(x)
			}
		}
	}
	best, at := make([]float64, v.groups.K), make([]int, v.groups.K)
	for _, i := range v.live {
		g := v.group(i)
		if g < 0 {
			continue
		}
		dot := 0.0
		for d, x := range v.c.RowIn(row, i) {
			dot += means[g*dim+d] * float64(x)
		}
		if at[g] == 0 || dot > best[g] {
			best[g], at[g] = dot, i+1
		}
	}
	list := []Group{}
	for g, size := range sizes {
		if size > 0 {
			list = append(list, Group{g, v.groups.Names[g], size, v.id(at[g] - 1)})
		}
	}
	slices.SortStableFunc(list, func(a, b Group) int { return cmp.Compare(b.Count, a.Count) })
	return list
}

// noGroup is the group of an image that is in none, in the answer of places.
const noGroup = 65535

func (s *Server) places(w http.ResponseWriter, r *http.Request, v *view, _ collection.Tags) error {
	if v.places == nil {
		return failf(http.StatusNotFound, "there is no map yet: udml-gpu map %s makes it", v.name())
	}
	tag := fmt.Sprintf(`"%x"`, v.changed)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if slices.Contains(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	b := make([]byte, 0, 6*len(v.live))
	at := v.places.Unit()
	for _, i := range v.live {
		group := v.group(i)
		if group < 0 || group >= noGroup {
			group = noGroup
		}
		for _, n := range []uint16{uint16(at[2*i]*65535 + 0.5), uint16((1-at[2*i+1])*65535 + 0.5), uint16(group)} {
			b = binary.LittleEndian.AppendUint16(b, n)
		}
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(b) // the client has gone
	return nil
}
