package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/collection"
)

const (
	pageLimit    = 100  // images of a list, unless limit asks for others
	maxPageLimit = 1000 // at most
)

func (s *Server) items(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	q := r.URL.Query()
	f, err := filterOf(q)
	if err != nil {
		return err
	}
	offset, limit, err := pageOf(q)
	if err != nil {
		return err
	}
	sort := q.Get("sort")
	if sort == "" {
		sort = "path"
	}
	list, ok := v.sorted[sort]
	if !ok {
		return failf(http.StatusBadRequest, "sort=%.40q: expected path, taken, size, pixels, sharpness or brightness", sort)
	}
	if list, err = f.passing(v, tags, list); err != nil {
		return err
	}
	descending, err := boolOf(q, "descending")
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, listed(v, tags, list, offset, limit, descending))
	return nil
}

// listed describes a part of a list.
func listed(v *view, tags collection.Tags, list []int, offset, limit int, descending bool) Items {
	out := Items{Total: len(list), Items: []Item{}}
	for n := offset; n < min(offset+limit, len(list)); n++ {
		at := n
		if descending {
			at = len(list) - 1 - n
		}
		out.Items = append(out.Items, v.describe(list[at], tags))
	}
	return out
}

// pageOf reads offset and limit.
func pageOf(q url.Values) (offset, limit int, err error) {
	if offset, err = numberOf(q, "offset", 0, 0, 1<<40); err == nil {
		limit, err = numberOf(q, "limit", pageLimit, 0, maxPageLimit)
	}
	return offset, limit, err
}

func numberOf(q url.Values, name string, missing, lo, hi int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < lo || n > hi {
		return 0, failf(http.StatusBadRequest, "%s=%.40q: expected a number from %d to %d", name, text, lo, hi)
	}
	return n, nil
}

func boolOf(q url.Values, name string) (bool, error) {
	text := q.Get(name)
	if text == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, failf(http.StatusBadRequest, "%s=%.40q: expected true or false", name, text)
	}
	return b, nil
}

// named is the item that the request's path names.
func named(r *http.Request, v *view) (int, error) {
	id := r.PathValue("id")
	if at := v.item(id); at >= 0 {
		return at, nil
	}
	return 0, failf(http.StatusNotFound, "there is no image %.80q", id)
}

func (s *Server) item(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	at, err := named(r, v)
	if err == nil {
		answer(w, http.StatusOK, v.describe(at, tags))
	}
	return err
}

const (
	thumbnailSide = 256  // pixels
	imageSide     = 2048 // pixels
)

func (s *Server) thumbnail(w http.ResponseWriter, r *http.Request, v *view, _ collection.Tags) error {
	return s.jpeg(w, r, v, thumbnailSide)
}

func (s *Server) image(w http.ResponseWriter, r *http.Request, v *view, _ collection.Tags) error {
	return s.jpeg(w, r, v, imageSide)
}

// jpeg answers with the picture of an item, which a browser may keep: its content is in its name.
func (s *Server) jpeg(w http.ResponseWriter, r *http.Request, v *view, side int) error {
	at, err := named(r, v)
	if err != nil {
		return err
	}
	tag := fmt.Sprintf(`"%s-%d"`, strings.ReplaceAll(r.PathValue("id"), `"`, ""), side)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	if slices.Contains(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if v.pics == nil {
		return gone(w, v.noPics)
	}
	var b []byte
	err = s.computing(r.Context(), func() (err error) {
		if side == thumbnailSide {
			b, err = v.pics.JPEG(at, side)
		} else {
			b, err = v.pics.Scaled(at, side)
		}
		return err
	})
	if err != nil {
		return gone(w, err.Error())
	}
	w.Header().Set("Content-Type", "image/jpeg")
	_, _ = w.Write(b) // the client has gone
	return nil
}

// gone is the failure of a picture that is not there any more, which nothing may keep.
func gone(w http.ResponseWriter, why string) error {
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	return failf(http.StatusGone, "%s", why)
}
