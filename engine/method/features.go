package method

import (
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Features are what the backbone makes of the views of one size of a batch. Pooled is whole; of a batch in shards each rank has the maps
// of its own shards.
type Features struct {
	Pooled *tape.Var     // [V B,Width]
	maps   [][]*tape.Var // of the parts of the batch, [V b,h,w,C], or of those of each shard of this rank
	views  int
	cut    *layer.Cut // nil: the batch is not in shards
}

// fmap is the map of each view of the batch, or of a shard of this rank, in float32.
func (f Features) fmap(s *layer.Scope, i int) *tape.Var {
	if len(f.maps[i]) == 1 {
		return layer.Widened(s, f.maps[i][0])
	}
	return layer.Widened(s, layer.JoinImages(s, f.views, f.maps[i]...))
}

// Reconstruction is L_rec: the mean of the maps of each cluster's members is decoded, by D, and compared with the views in images. Of a
// batch in shards the clusters' slots are shared out as the images are, and each rank decodes those of its shards.
func (in Inputs) Reconstruction(s *layer.Scope, f Features, images *tape.Var, k layer.Clusters) *tape.Var {
	size, channels := images.Dim(1), images.Dim(3)
	maps := make([]*tape.Var, len(f.maps))
	for i := range maps {
		maps[i] = f.fmap(s, i)
	}
	if f.cut == nil {
		decoded := backbone.Decode(s, layer.Means(s, maps[0], k), layer.Weights(s, k), size, channels)
		return layer.Reconstruction(s, decoded, images, k)
	}
	slots := layer.SlotCut(s, f.cut, k)
	means, weights := layer.ShardMeans(s, f.cut, slots, maps, k), layer.OwnWeights(s, slots)
	decoded := make([]*tape.Var, len(means))
	s.Tape.Shards(len(means), func(i int) {
		decoded[i] = backbone.Decode(s.InShard(slots, i), means[i], weights[i], size, channels)
	})
	return layer.ShardReconstruction(s, f.cut, slots, decoded, f.cut.Of(images), k)
}

// Batch is the number of images of the batch.
func (in Inputs) Batch() int { return in.Labels.Dim(0) }

// Pooled are the pooled features of all views [V B,Width], view by view. Each size goes through the backbone by itself, with statistics of
// its own in batch norms.
func (in Inputs) Pooled(s *layer.Scope) *tape.Var {
	parts := []*tape.Var{in.Features(s, in.Images).Pooled}
	for _, images := range in.Others {
		parts = append(parts, in.Features(s, images).Pooled)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return layer.JoinImages(s, 1, parts...)
}

// Features records the backbone on images [V B,S,S,channels], which are Images or one of Others.
//
// In shards (Cut) each goes through it apart, and the pooled features of all are put together, on every rank.
func (in Inputs) Features(s *layer.Scope, images *tape.Var) Features {
	if in.Cut == nil && in.Parts <= 1 {
		fmap, pooled := in.whole(s, images)
		return Features{Pooled: pooled, maps: [][]*tape.Var{{fmap}}}
	}
	batch := in.Batch()
	views := images.Dim(0) / batch
	if in.Cut == nil {
		maps, pooled := in.backbone(s, images, batch)
		return Features{Pooled: pooled, maps: [][]*tape.Var{maps}, views: views}
	}
	own := in.Cut.Of(images)
	f := Features{maps: make([][]*tape.Var, len(own)), views: views, cut: in.Cut}
	pooled := make([]*tape.Var, len(own))
	s.Tape.Shards(len(own), func(i int) {
		first, last := in.Cut.Shown(i)
		s.ShowsPart(own[i], images, batch, first, last)
		f.maps[i], pooled[i] = in.backbone(s.InShard(in.Cut, i), own[i], last-first)
	})
	f.Pooled = layer.GatherImages(s, in.Cut, views, pooled...)
	return f
}

// whole records the backbone on images in one piece, with Recompute its blocks so that they run again for the gradients.
func (in Inputs) whole(s *layer.Scope, images *tape.Var) (fmap, pooled *tape.Var) {
	if !in.Recompute {
		return in.Backbone.Features(s, images)
	}
	s.Tape.Blocks(func() { fmap, pooled = in.Backbone.Features(s, images) })
	return fmap, pooled
}

// backbone records the backbone on images of a batch, or a shard of one, of that many images: maps of its parts and pooled features.
// With Parts above 1 they go through it in so many parts, as even as can be, each with all views of its images, and once more for the
// gradients, so that only one part's activations are held at a time: the gradient cache of Gao, Zhang, Han and Callan, "Scaling Deep
// Contrastive Learning Batch Size under Memory Limited Setup", 2021. The rest of the method sees the features of the whole batch. Only a
// batch norm of the backbone gives other numbers, since its statistics are those of a part.
func (in Inputs) backbone(s *layer.Scope, images *tape.Var, batch int) (maps []*tape.Var, pooled *tape.Var) {
	if in.Parts <= 1 {
		fmap, pooled := in.whole(s, images)
		return []*tape.Var{fmap}, pooled
	}
	parts, views := min(in.Parts, batch), images.Dim(0)/batch
	var means []*tape.Var
	for i := range parts {
		s.Tape.Again(func() {
			first, last := i*batch/parts, (i+1)*batch/parts
			part := layer.TakeImages(s, images, batch, first, last)
			s.ShowsPart(part, images, batch, first, last)
			fmap, p := in.whole(s, part)
			maps, means = append(maps, fmap), append(means, p)
		})
	}
	return maps, layer.JoinImages(s, views, means...)
}
