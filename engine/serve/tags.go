package serve

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"udml-gpu/engine/collection"
)

// maxTag is the longest tag, in bytes.
const maxTag = 100

func (s *Server) listTags(w http.ResponseWriter, _ *http.Request, v *view, tags collection.Tags) error {
	answer(w, http.StatusOK, map[string]any{"tags": v.countTags(tags, nil)})
	return nil
}

// countTags is how many live images have each tag; with within, of those that are in it.
func (v *view) countTags(tags collection.Tags, within bitset) []Count {
	list := []Count{}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		n := 0
		for _, number := range v.tagged(tag, tags[tag]) {
			if within == nil || within.has(int(number)) {
				n++
			}
		}
		if n > 0 || within == nil {
			list = append(list, Count{tag, n})
		}
	}
	return list
}

// taggedList is what tagged has found for a list of content ids.
type taggedList struct {
	ids     []string
	numbers []int32
}

// tagged are the numbers of the live images that have a tag, of which ids are the content ids. They are kept until the tag changes: a
// change makes a new list of ids.
func (v *view) tagged(tag string, ids []string) []int32 {
	if len(ids) == 0 {
		return nil
	}
	v.tagging.Lock()
	defer v.tagging.Unlock()
	if old := v.tagLists[tag]; len(old.ids) == len(ids) && &old.ids[0] == &ids[0] {
		return old.numbers
	}
	list := []int32{}
	for _, id := range ids {
		for at := v.firstOf(id); at < len(v.byContent) && v.c.Items[v.byContent[at]].ID() == id; at++ {
			list = append(list, v.number[v.byContent[at]])
		}
	}
	v.tagLists[tag] = taggedList{ids, list}
	return list
}

func (s *Server) tag(w http.ResponseWriter, r *http.Request, v *view, _ collection.Tags) error {
	var q Tagging
	if err := read(r, &q); err != nil {
		return err
	}
	q.Tag = strings.TrimSpace(q.Tag)
	if q.Tag == "" || len(q.Tag) > maxTag || strings.ContainsFunc(q.Tag, func(c rune) bool { return c < ' ' }) {
		return failf(http.StatusBadRequest, "tag %.120q: expected 1 to %d characters", q.Tag, maxTag)
	}
	if len(q.IDs) > maxIDs {
		return failf(http.StatusBadRequest, "%d ids: expected at most %d", len(q.IDs), maxIDs)
	}
	items, err := itemsOf(v, q.IDs)
	if err != nil {
		return err
	}
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = v.c.Items[i].ID()
	}
	tags, err := s.setTag(v, q, ids)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, map[string]any{"tags": v.countTags(tags, nil)})
	return nil
}

// setTag changes the tags, on the disk first.
func (s *Server) setTag(v *view, q Tagging, ids []string) (collection.Tags, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tags := s.tags.With(q.Tag, ids, q.Remove)
	if err := v.c.SetTags(tags); err != nil {
		return nil, err
	}
	s.tags = tags
	return tags, nil
}
