package gallery

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/layout"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/report"
)

// mosaic is small enough for a page: at most 1,200 pixels wide.
var mosaic = layout.Mosaic{Side: 28, Cells: 40}

// minDist is as that of `udml-gpu map`. 200 epochs, not its 500, are enough for a small picture.
const minDist, epochs = 0.1, 200

// thumbnails are the images of the sample.
type thumbnails struct{ g *Gallery }

// JPEG implements layout.Thumbnails.
func (t thumbnails) JPEG(item, side int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, pictures.Fit(t.g.cache.Image(int(t.g.images[item])), side), &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// drawMap is the map of the sample.
func (g *Gallery) drawMap(ctx context.Context, graph *neighbours.Graph) (report.Album, error) {
	o := layout.Options{MinDist: minDist, Epochs: epochs, Seed: g.seed, Stop: stopped(ctx)}
	at := layout.Place(graph, layout.Start(g.rows, g.seed), o)
	if ctx.Err() != nil {
		return report.Album{}, ctx.Err()
	}
	canvas, shown := mosaic.Draw(&collection.Map{Images: len(g.images), At: at}, thumbnails{g}, func(int, int) {})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, canvas, &jpeg.Options{Quality: quality}); err != nil {
		return report.Album{}, err
	}
	size := canvas.Bounds().Size()
	p := report.Picture{
		JPEG: b.Bytes(), Width: size.X, Height: size.Y,
		About: fmt.Sprintf("A map of %d images: those that the embedding takes for alike lie together", shown),
	}
	return report.Album{
		Title: "Map", Size: report.Whole, Pictures: []report.Picture{p},
		Text: []string{fmt.Sprintf("%d of %d images, those that the embedding takes for alike together (UMAP).", shown, g.cache.Len())},
	}, nil
}
