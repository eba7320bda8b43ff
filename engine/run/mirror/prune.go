package mirror

import (
	"context"
	"path"
	"slices"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/store"
)

func (m *Mirror) prune(ctx context.Context, at checkpoint.At, keep int) error {
	list, err := m.list(ctx)
	if err != nil {
		return err
	}
	var whole, gone []remote
	var positions []checkpoint.At
	for _, c := range list {
		if c.manifest == nil {
			gone = append(gone, c)
			continue
		}
		whole, positions = append(whole, c), append(positions, c.at)
	}
	for _, i := range checkpoint.Outlived(positions, at, keep) {
		gone = append(gone, whole[i])
	}
	for _, c := range gone {
		if c.manifest != nil {
			c.files = slices.Insert(c.files, 0, *c.manifest)
		}
		for _, o := range c.files {
			if err := m.client.Remove(ctx, o.Place); err != nil {
				return err
			}
		}
	}
	return nil
}

type remote struct {
	at       checkpoint.At
	manifest *store.Object // nil: it is not whole
	files    []store.Object
}

func (m *Mirror) list(ctx context.Context) ([]remote, error) {
	above := m.at.In(checkpoint.Folder + "/")
	all, err := m.client.List(ctx, above)
	if err != nil {
		return nil, err
	}
	var list []remote
	for _, o := range all {
		folder, name, _ := strings.Cut(strings.TrimPrefix(o.Key, above.Key), "/")
		at, ok := checkpoint.ParseAt(folder)
		if !ok || name == "" || name != path.Base(name) {
			continue
		}
		if len(list) == 0 || list[len(list)-1].at != at {
			list = append(list, remote{at: at})
		}
		c := &list[len(list)-1]
		if name == checkpoint.ManifestName {
			c.manifest = &o
		} else {
			c.files = append(c.files, o)
		}
	}
	slices.SortFunc(list, func(a, b remote) int { return b.at.Compare(a.at) })
	return list, nil
}
