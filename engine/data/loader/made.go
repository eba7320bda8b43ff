package loader

// row is one row of a batch's arrays: which view it is of which image of the batch, and where it lies.
type row struct{ view, image, group, at int }

// own are the images of a batch of n that are made.
func (o *Options) own(n int) [][2]int {
	if o.Own == nil {
		return [][2]int{{0, n}}
	}
	return o.Own(n)
}

// made is how many they are.
func (o *Options) made(n int) int {
	made := 0
	for _, r := range o.own(n) {
		made += r[1] - r[0]
	}
	return made
}

// rowsOf are the rows of the arrays of a batch of n images, one array after another.
func (l *Loader) rowsOf(n int) []row {
	if list, ok := l.rows[n]; ok {
		return list
	}
	var list []row
	for i, g := range l.groups {
		at := 0
		for _, r := range l.o.own(n) {
			for v := g.lo; v < g.hi; v++ {
				for image := r[0]; image < r[1]; image++ {
					list = append(list, row{v, image, i, at})
					at++
				}
			}
		}
	}
	l.rows[n] = list
	return list
}
