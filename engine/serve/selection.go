package serve

import (
	"context"
	"encoding/csv"
	"math"
	"net/http"
	"strconv"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/rawname"
)

// most ids and corners of a request.
const maxIDs, maxCorners = 1_000_000, 10_000

func (s *Server) selection(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	var q Selection
	if err := read(r, &q); err != nil {
		return err
	}
	list, err := s.selected(r.Context(), &q, v)
	if err == nil {
		list, err = q.Filter.passing(v, tags, list)
	}
	if err != nil {
		return err
	}
	switch as := r.URL.Query().Get("as"); as {
	case "", "json":
		limit := len(list)
		if q.Limit != nil {
			limit = max(0, *q.Limit)
		}
		answer(w, http.StatusOK, listed(v, tags, list, 0, limit, false))
	case "ids":
		out := IDs{make([]string, len(list)), make([]int32, len(list))}
		for n, i := range list {
			out.IDs[n], out.Numbers[n] = v.id(i), v.number[i]
		}
		answer(w, http.StatusOK, out)
	case "paths":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		var b strings.Builder
		for _, i := range list {
			b.WriteString(rawname.Text(v.c.Items[i].Path) + "\n")
		}
		_, _ = w.Write([]byte(b.String())) // the client has gone
	case "csv":
		writeTable(w, v, tags, list)
	default:
		return failf(http.StatusBadRequest, "as=%.40q: expected json, ids, csv or paths", as)
	}
	return nil
}

// selected are the items that are meant, in the order that they are named in or, within a polygon, that of their paths.
func (s *Server) selected(ctx context.Context, q *Selection, v *view) ([]int, error) {
	ways := 0
	for _, is := range []bool{q.IDs != nil, q.Polygon != nil, q.Spare != nil} {
		if is {
			ways++
		}
	}
	switch {
	case ways > 1:
		return nil, failf(http.StatusBadRequest, "expected one of ids, polygon and spare")
	case len(q.IDs) > maxIDs:
		return nil, failf(http.StatusBadRequest, "%d ids: expected at most %d", len(q.IDs), maxIDs)
	case q.Polygon != nil && (len(q.Polygon) < 3 || len(q.Polygon) > maxCorners):
		return nil, failf(http.StatusBadRequest, "a polygon with %d corners: expected 3 to %d", len(q.Polygon), maxCorners)
	case q.Spare != nil && !(*q.Spare >= -1 && *q.Spare <= 1):
		return nil, failf(http.StatusBadRequest, "spare is %g: expected a similarity from -1 to 1", *q.Spare)
	case q.Polygon != nil:
		return q.within(v)
	case q.Spare != nil:
		return s.spare(ctx, v, *q.Spare)
	case q.IDs == nil:
		return v.live, nil
	}
	return itemsOf(v, q.IDs)
}

// itemsOf are the items of ids.
func itemsOf(v *view, ids []string) ([]int, error) {
	list := make([]int, 0, len(ids))
	for _, id := range ids {
		at := v.item(id)
		if at < 0 {
			return nil, failf(http.StatusNotFound, "there is no image %.80q", id)
		}
		list = append(list, at)
	}
	return list, nil
}

// within are the items whose places lie in the polygon.
func (q *Selection) within(v *view) ([]int, error) {
	if v.places == nil {
		return nil, failf(http.StatusNotFound, "there is no map yet: udml-gpu map %s makes it", v.name())
	}
	lo, hi := q.Polygon[0], q.Polygon[0]
	for _, p := range q.Polygon {
		for d := range 2 {
			lo[d], hi[d] = math.Min(lo[d], p[d]), math.Max(hi[d], p[d])
		}
	}
	at, list := v.places.Unit(), []int{}
	for _, i := range v.live {
		x, y := float64(at[2*i]), float64(1-at[2*i+1])
		if x >= lo[0] && x <= hi[0] && y >= lo[1] && y <= hi[1] && inside(q.Polygon, x, y) {
			list = append(list, i)
		}
	}
	return list, nil
}

// inside tells whether a point lies in a polygon: whether a ray to the right crosses its sides an odd number of times.
func inside(polygon [][2]float64, x, y float64) bool {
	in, b := false, polygon[len(polygon)-1]
	for _, a := range polygon {
		if (a[1] > y) != (b[1] > y) && x < a[0]+(b[0]-a[0])*(y-a[1])/(b[1]-a[1]) {
			in = !in
		}
		b = a
	}
	return in
}

// writeTable answers with the items as CSV.
func writeTable(w http.ResponseWriter, v *view, tags collection.Tags, list []int) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	table := csv.NewWriter(w)
	_ = table.Write([]string{"id", "path", "label", "split", "group", "width", "height", "size", "taken", "tags"}) // the client has gone
	for _, i := range list {
		d := v.describe(i, tags)
		_ = table.Write([]string{
			d.ID, d.Path, d.Label, d.Split, strconv.Itoa(d.Group), strconv.Itoa(int(d.Width)), strconv.Itoa(int(d.Height)),
			strconv.FormatInt(d.Size, 10), d.Taken, strings.Join(d.Tags, " "),
		})
	}
	table.Flush()
}
