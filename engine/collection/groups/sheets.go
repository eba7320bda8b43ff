package groups

import (
	"cmp"
	"fmt"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/collection/sheet"
	"udml-gpu/engine/images"
)

// pageImages and boardImages are how many images of a group a page and a picture show.
const pageImages, boardImages = 24, 60

// BySize are the groups by falling size, of equal ones the first.
func (r *Result) BySize() []int {
	order := make([]int, r.K)
	for g := range order {
		order[g] = g
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Sizes[b], r.Sizes[a]) })
	return order
}

// title and lead are the heading of all groups, and the sentence below it.
func (r *Result) title(c *collection.Collection) string {
	return fmt.Sprintf("%d groups of %s", r.K, c.Path)
}

func (r *Result) lead() string {
	return fmt.Sprintf("%d images, by %s; %d in no group; silhouette %.3f", r.Images, r.Method, r.Noise, r.Silhouette)
}

// WriteHTML replaces the file by a contact sheet: the groups by falling size, each with its medoid and other images at equal
// distances in the order of the collection.
func (r *Result) WriteHTML(file string, c *collection.Collection, p *pictures.Pictures, ui images.UI) error {
	s, members := &sheet.Sheet{Title: r.title(c), Lead: r.lead()}, r.members()
	for _, g := range r.BySize() {
		s.Sections = append(s.Sections, r.section(g, members[g], pageImages))
	}
	return s.Write(file, c, p, ui)
}

// WriteSheets fills a new folder with JPEG files: one a group, named by its number and name, of its medoid and other images at equal
// distances, and overview.jpg with the medoids of all groups by falling size; of more groups than a picture holds there are several. One
// picture is in memory at a time. The folder appears when it is complete.
func (r *Result) WriteSheets(folder string, c *collection.Collection, p *pictures.Pictures, ui images.UI) error {
	return fill(folder, func(fresh string) error {
		for part := range slices.Chunk(r.overview(), sheet.MaxBoard) {
			all := sheet.Section{Heading: r.title(c), Text: r.lead(), Pictures: part}
			if err := writeBoard(all, fresh, "overview.jpg", c, p); err != nil {
				return err
			}
		}
		for g, items := range r.members() {
			ui.Worked("drawing groups", g, r.K)
			if err := writeBoard(r.section(g, items, boardImages), fresh, r.fileName(g)+".jpg", c, p); err != nil {
				return err
			}
		}
		ui.Worked("drawing groups", r.K, r.K)
		return nil
	})
}

func writeBoard(s sheet.Section, folder, name string, c *collection.Collection, p *pictures.Pictures) error {
	to, err := freeName(folder, name)
	if err != nil {
		return err
	}
	return s.WriteJPEG(to, c, p)
}

// overview are the medoids of all groups by falling size.
func (r *Result) overview() []sheet.Picture {
	list := make([]sheet.Picture, 0, r.K)
	for _, g := range r.BySize() {
		list = append(list, sheet.Picture{Item: r.Central[g], Caption: fmt.Sprintf("%d: %s (%d)", g, r.Names[g], r.Sizes[g])})
	}
	return list
}

// section shows a group: at most that many of its items, ascending, at equal distances, the medoid first.
func (r *Result) section(g int, items []int, most int) sheet.Section {
	s := sheet.Section{Heading: r.Names[g], Text: fmt.Sprintf("group %d: %d images", g, r.Sizes[g])}
	s.Pictures = append(s.Pictures, sheet.Picture{Item: r.Central[g], Caption: "medoid"})
	others := slices.DeleteFunc(items, func(i int) bool { return i == r.Central[g] })
	shown := min(len(others), most-1)
	for k := range shown {
		s.Pictures = append(s.Pictures, sheet.Picture{Item: others[k*len(others)/shown]})
	}
	return s
}

// members are the items of each group, ascending.
func (r *Result) members() [][]int {
	list := make([][]int, r.K)
	for n, i := range r.Items {
		if g := r.Of[n]; g >= 0 {
			list[g] = append(list[g], i)
		}
	}
	return list
}
