package serve

import (
	"net/http"

	"udml-gpu/engine/collection"
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
		n := len(v.copies.Groups)
		a.Duplicates, a.Copied = &n, v.copied()
	}
	return a
}

// copied is how many live images are in a group of duplicates.
func (v *view) copied() (n int) {
	for _, i := range v.live {
		if v.inCopies[int32(i)] {
			n++
		}
	}
	return n
}

// count is how many live images there are of each split, label, folder, fault and date.
func (v *view) count() About {
	all, err := v.countsOf(&Filter{}, nil)
	if err != nil {
		return About{} // a filter that lets all pass cannot be wrong
	}
	return About{Splits: all.Splits, Labels: all.Labels, Folders: all.Folders, Quality: all.Quality, Taken: all.Taken}
}
