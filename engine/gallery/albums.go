package gallery

import (
	"context"

	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
)

// graphNeighbours is how many neighbours of each image the map and the search for duplicates see.
const graphNeighbours = 15

// Albums are the pictures of the gallery's embedding, of which after is the look, beside those of before, which may be nil. tell is told
// how far they are. The error is that of ctx.
func (g *Gallery) Albums(ctx context.Context, before, after *run.Look, tell func(done, total int)) ([]report.Album, error) {
	if len(g.images) < 2 {
		return nil, nil
	}
	var graph *neighbours.Graph
	steps := []func() (report.Album, error){
		func() (report.Album, error) { return g.strips(before, after) },
		func() (report.Album, error) { return g.similarities(before, after), nil },
		func() (report.Album, error) { return g.sheets(ctx) },
		func() (report.Album, error) {
			graph = neighbours.Among(g.rows, graphNeighbours, nil, stopped(ctx))
			return g.pairs(graph)
		},
		func() (report.Album, error) { return g.drawMap(ctx, graph) },
	}
	var albums []report.Album
	for n, step := range steps {
		tell(n, len(steps))
		a, err := step()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if len(a.Pictures)+len(a.Charts)+len(a.Text) > 0 {
			albums = append(albums, a)
		}
	}
	tell(len(steps), len(steps))
	return albums, nil
}
