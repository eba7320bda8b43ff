package serve

import (
	"cmp"
	"net/http"
	"path"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/rawname"
)

func (s *Server) about(w http.ResponseWriter, _ *http.Request, v *view, _ collection.Tags) error {
	answer(w, http.StatusOK, s.aboutOf(v))
	return nil
}

func (s *Server) reloaded(w http.ResponseWriter, r *http.Request, _ *view, _ collection.Tags) error {
	if err := s.computing(r.Context(), s.reload); err != nil {
		return err
	}
	v, _ := s.use()
	defer v.release()
	answer(w, http.StatusOK, s.aboutOf(v))
	return nil
}

func (s *Server) aboutOf(v *view) About {
	v.counting.Do(func() { v.counts = v.count() })
	m := &v.c.Manifest
	a := v.counts
	a.Name, a.Images, a.Dimensions, a.Generation = v.name(), len(v.live), v.c.Dim(), m.Generation
	a.Model, a.Version, a.Pictures, a.Stale = m.Model.Backbone, s.o.Version, v.noPics, stateOf(s.o.Path) != v.changed
	a.Map = v.places != nil
	if v.groups != nil {
		a.Groups = v.groups.K
	}
	if v.copies != nil {
		a.Duplicates = len(v.copies.Groups)
	}
	return a
}

// count is how many live images there are of each split, label, folder and fault.
func (v *view) count() (a About) {
	splits, labels, folders, quality := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for n, i := range v.live {
		it := &v.c.Items[i]
		splits[it.Split]++
		labels[rawname.Text(it.Label)]++
		for dir := path.Dir(rawname.Text(it.Path)); dir != "." && dir != "/"; dir = path.Dir(dir) {
			folders[dir]++
		}
		for _, fault := range v.faults[n] {
			quality[fault]++
		}
	}
	a.Splits, a.Labels, a.Folders, a.Quality = counts(splits), counts(labels), counts(folders), counts(quality)
	return a
}

// counts are those with a name, by name.
func counts(of map[string]int) []Count {
	list := []Count{}
	for name, n := range of {
		if name != "" {
			list = append(list, Count{name, n})
		}
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
