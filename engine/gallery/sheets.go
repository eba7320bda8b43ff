package gallery

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"udml-gpu/engine/collection/groups"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/report"
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
)

// How many groups are shown, the largest first, and how many images of each: nearest to its mean, and farthest from it.
const groupsShown, nearestShown, farthestShown = 12, 6, 3

// sheets are the groups of a k-means of the sample: of as many as there are classes, or without labels as the data propose.
func (g *Gallery) sheets(ctx context.Context) (report.Album, error) {
	k := 0
	if g.classes {
		k = min(g.classCount(), len(g.images))
	}
	of := groups.KMeans(g.rows, k, g.seed, stopped(ctx))
	if ctx.Err() != nil {
		return report.Album{}, ctx.Err()
	}
	list := g.members(of)
	by := "as many as the images propose"
	if g.classes {
		by = "as many as there are classes"
	}
	a := report.Album{
		Title: "Groups",
		Text: []string{fmt.Sprintf("k-means sorts %d images into %s, %s. At the left the images nearest to the middle of a group, "+
			"at the right those farthest from it.", len(g.images), report.Count(len(list), "group"), by)},
	}
	if len(list) > groupsShown {
		a.Text = append(a.Text, fmt.Sprintf("The largest %d are shown.", groupsShown))
	}
	for n, m := range list[:min(len(list), groupsShown)] {
		p, err := g.sheet(n+1, m)
		if err != nil {
			return a, err
		}
		a.Pictures = append(a.Pictures, p)
	}
	return a, nil
}

// classCount is how many classes the sample has.
func (g *Gallery) classCount() int {
	seen := map[int32]bool{}
	for _, i := range g.images {
		if l := g.cache.Label(int(i)); l >= 0 {
			seen[l] = true
		}
	}
	return len(seen)
}

// member is an image of a group: its number in the cache, and its cosine with the mean of the group.
type member struct {
	image  int
	cosine float64
}

// members are the groups, the largest first, each with its images from the nearest to the mean on.
func (g *Gallery) members(of []int32) [][]member {
	k, n, d := int(slices.Max(of))+1, len(of), g.rows.Dim(1)
	dev := g.rows.Device()
	means, count := dev.New(kernels.Float32, k, d), dev.New(kernels.Int32, k)
	defer means.Free()
	defer count.Free()
	cluster.Centroids(means, count, g.rows, kernels.Wrap(dev, of, n))
	list, rows, centres := make([][]member, k), kernels.Data[float32](g.rows), kernels.Data[float32](means)
	for c := range k {
		normalise(centres[c*d : (c+1)*d])
	}
	for i, c := range of {
		cosine := 0.0
		for p, v := range rows[i*d : (i+1)*d] {
			cosine += float64(v) * float64(centres[int(c)*d+p])
		}
		list[c] = append(list[c], member{int(g.images[i]), cosine})
	}
	for _, m := range list {
		slices.SortStableFunc(m, func(a, b member) int { return cmp.Compare(b.cosine, a.cosine) })
	}
	list = slices.DeleteFunc(list, func(m []member) bool { return len(m) == 0 })
	slices.SortStableFunc(list, func(a, b []member) int { return len(b) - len(a) })
	return list
}

// sheet is the picture of a group.
func (g *Gallery) sheet(number int, m []member) (report.Picture, error) {
	near := m[:min(len(m), nearestShown)]
	far := m[len(near):]
	far = far[max(0, len(far)-farthestShown):]
	width := len(near)*pitch - gap
	if len(far) > 0 {
		width += wide + len(far)*pitch - gap
	}
	c := g.canvas(width, side)
	for k, one := range near {
		c.put(one.image, k*pitch, 0, side)
	}
	for k, one := range far {
		c.put(one.image, len(near)*pitch-gap+wide+k*pitch, 0, side)
	}
	p, err := c.picture()
	p.Title = fmt.Sprintf("Group %d: %s", number, report.Count(len(m), "image"))
	p.Note = fmt.Sprintf("cosine with the middle %.2f to %.2f", m[0].cosine, m[len(m)-1].cosine)
	if share, ok := g.purity(m); ok {
		p.Note += fmt.Sprintf("; %.0f%% of one class", 100*share)
	}
	p.About = fmt.Sprintf("%s; %s; nearest to its middle: %s", p.Title, p.Note, rawname.Text(g.cache.Name(m[0].image)))
	return p, err
}

// purity is the share of the group's most frequent class among its labelled images; ok is false where there are none.
func (g *Gallery) purity(m []member) (share float64, ok bool) {
	count, labelled, most := map[int32]int{}, 0, 0
	for _, one := range m {
		if l := g.cache.Label(one.image); g.classes && l >= 0 {
			count[l]++
			labelled++
			most = max(most, count[l])
		}
	}
	if labelled == 0 {
		return 0, false
	}
	return float64(most) / float64(labelled), true
}
