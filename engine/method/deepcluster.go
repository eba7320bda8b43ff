package method

import (
	"context"
	"encoding/json"
	"errors"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting/table"
	"udml-gpu/engine/whiten"
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/norm"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// deepCluster is DeepCluster (Caron, Bojanowski, Joulin and Douze, "Deep Clustering for Unsupervised Learning of Visual Features", ECCV
// 2018): before each epoch k-means groups the pooled features of the training images, and the network learns to tell the groups apart. The
// classifier is the groups' centroids, as in DeepCluster-v2 (Caron et al., "Unsupervised Learning of Visual Features by Contrasting Cluster
// Assignments", NeurIPS 2020), or a linear layer that begins anew with each epoch, as in the first paper.
type deepCluster struct {
	clusters    int // 0: usualClusters, or half of the images
	head        string
	temperature float64

	store *layer.Store // of the network, once the loss is recorded
}

func newDeepCluster() Method { return &deepCluster{} }

const (
	usualClusters = 100  // classes of CUB-200-2011 that are trained on
	clusterDim    = 256  // components that are clustered, at most
	linearStd     = 0.01 // deviation of a new linear classifier (the program of 2018)

	// The full names of the classifiers' layers.
	centroidHead = "head.centroids"
	linearHead   = "head.clusters"
)

// Settings have the temperature of DeepCluster-v2's program. The papers' thousands of clusters are for ImageNet.
func (m *deepCluster) Settings() []table.Row {
	return []table.Row{
		table.Int("deepcluster-clusters", &m.clusters, 0, "clusters of all training images; 0: 100, or half of the images where these are "+
			"fewer than 200").Within(0, 1<<20).Unpreset().Shape(),
		table.String("deepcluster-head", &m.head, "centroids", "what tells an epoch's clusters apart: centroids, their mean embeddings, "+
			"fixed for the epoch; linear, a layer that is learnt anew in each epoch").OneOf("centroids", "linear").Unpreset().Shape(),
		table.Float("deepcluster-temperature", &m.temperature, 0.1, "temperature of the softmax over the clusters").
			Within(1e-4, 1e4).Unpreset(),
	}
}

// LeastImages is ImageNeeder.LeastImages: a cluster has an image or more.
func (m *deepCluster) LeastImages() (images int, setting string) {
	return m.clusters, "deepcluster-clusters"
}

// count is K for so many training images.
func (m *deepCluster) count(images int) int {
	if m.clusters > 0 {
		return m.clusters
	}
	return max(1, min(usualClusters, images/2))
}

// TakesSmallViews is SmallViewer.TakesSmallViews.
func (*deepCluster) TakesSmallViews() {}

// Loss records the cross entropy of each row's cluster, which is that of its image.
func (m *deepCluster) Loss(s *layer.Scope, in Inputs) Outputs {
	m.store = s.Store
	f := head.Embedding(s, in.Pooled(s), in.Dim)
	name, spec := centroidHead, layer.DenseSpec{Out: m.count(in.Total), NoBias: true, Fixed: true}
	if m.head == "linear" {
		name, spec = linearHead, layer.DenseSpec{Out: spec.Out, Std: linearStd}
	}
	target := layer.RepeatViews(s, in.Labels, f.Dim(0)/in.Batch())
	return Outputs{Embedding: f, Loss: layer.CrossEntropy(s, layer.Dense(s, name, f, spec), target, nil, 1/m.temperature)}
}

// Rows is Planner.Rows.
func (*deepCluster) Rows(images, _ int) int { return images }

// Plan groups the images, makes the classifier that of the groups, and shows images of all groups equally often. Both views show the same
// image.
func (m *deepCluster) Plan(ctx context.Context, e Epoch) (*Plan, error) {
	pooled, embedding, err := e.Embed(ctx)
	if err != nil {
		return nil, err
	}
	defer embedding.Free()
	labels, err := m.group(ctx, e, pooled)
	if err != nil {
		return nil, err
	}
	if m.head == "linear" {
		m.store.Redraw(linearHead, linearStd, e.Number)
	} else {
		m.centroids(embedding, labels)
	}
	images := balanced(e, labels)
	p := &Plan{First: images, Second: images, Labels: make([]int32, len(images))}
	for row, image := range images {
		p.Labels[row] = labels[image]
	}
	return p, e.Fault()
}

// group are the clusters of the images by their principal components, whitened, at length 1. It frees pooled [N,C].
func (m *deepCluster) group(ctx context.Context, e Epoch, pooled *kernels.Array) ([]int32, error) {
	unit, err := whitened(pooled, clusterDim, 1)
	if err != nil {
		return nil, baddata.Errorf("--method deepcluster cannot group the images in epoch %d: %v", e.Number, err)
	}
	defer unit.Free()
	w := rng.Key{Seed: e.Seed, Epoch: uint32(e.Number), Op: rng.OpKMeans}.At(0)
	return e.Cluster(ctx, unit, m.count(e.Images), uint64(w[0])<<32|uint64(w[1]))
}

// centroids makes the classifier's weights the mean embedding of each cluster's images, at length 1; 0 for a cluster without images, which
// there are only where fewer images than clusters are distinct.
func (m *deepCluster) centroids(embedding *kernels.Array, labels []int32) {
	weight := m.store.Get(centroidHead + ".weight").Value
	dev, k := weight.Device(), weight.Dim(0)
	mean, count, label := dev.New(kernels.Float32, weight.Shape()...), dev.New(kernels.Int32, k), kernels.Of(dev, labels, len(labels))
	defer mean.Free()
	defer count.Free()
	defer label.Free()
	cluster.Centroids(mean, count, embedding, label)
	unit := rowsOfLengthOne(mean)
	defer unit.Free()
	weight.CopyFrom(unit)
}

// whitened are features [N,C], which it frees, by at most so many of their principal components, whitened by that power (whiten.Fit), at
// length 1. The caller frees them.
func whitened(features *kernels.Array, most int, power float64) (*kernels.Array, error) {
	defer features.Free()
	t, err := whiten.Fit(features, most, power)
	if err != nil {
		return nil, err
	}
	x := t.Apply(features)
	defer x.Free()
	return rowsOfLengthOne(x), nil
}

// rowsOfLengthOne is x [N,D] with rows of length 1, or of 0, which the caller frees.
func rowsOfLengthOne(x *kernels.Array) *kernels.Array {
	unit, length := x.Device().New(kernels.Float32, x.Shape()...), x.Device().New(kernels.Float32, x.Dim(0))
	defer length.Free()
	norm.L2(unit, length, x, 1e-12)
	return unit
}

// balanced are the images of an epoch, as many as there are, equally many of each cluster that has any: each of its images equally often,
// up to one more. Which those are, which clusters have one more image where they cannot be even, and the order are drawn by seed and epoch.
func balanced(e Epoch, labels []int32) []int32 {
	var clusters [][]int32
	number := map[int32]int{} // of a label in clusters, by its first image
	for image, label := range labels {
		at, ok := number[label]
		if !ok {
			at = len(clusters)
			number[label], clusters = at, append(clusters, nil)
		}
		clusters[at] = append(clusters[at], int32(image))
	}
	key := rng.Key{Seed: e.Seed, Epoch: uint32(e.Number), Op: rng.OpBalance}
	share, more := len(labels)/len(clusters), len(labels)%len(clusters)
	list := make([]int32, 0, len(labels))
	for i, at := range key.Permutation(len(clusters)) {
		members, want := clusters[at], share
		if i < more {
			want++
		}
		for range want / len(members) {
			list = append(list, members...)
		}
		key := key
		key.Sample, key.View = uint32(at), 1
		for _, member := range key.Choose(len(members), want%len(members)) {
			list = append(list, members[member])
		}
	}
	key.View = 2
	rows := make([]int32, len(list))
	for i, at := range key.Permutation(len(list)) {
		rows[i] = list[at]
	}
	return rows
}

// EpochState is EpochKeeper.EpochState: the plan, which the checkpoint holds, has all.
func (*deepCluster) EpochState() map[string]any { return map[string]any{} }

// SetEpochState is EpochKeeper.SetEpochState: without the plan's labels the true ones would be read.
func (m *deepCluster) SetEpochState(_, images int, state map[string]json.RawMessage) error {
	var labels []int32
	if raw, ok := state["plan_labels"]; !ok || json.Unmarshal(raw, &labels) != nil || len(labels) != images {
		return errors.New("it does not have a label for each row of the epoch")
	}
	for _, label := range labels {
		if label < 0 || int(label) >= m.count(images) {
			return errors.New("one of its labels is not a cluster of the run")
		}
	}
	return nil
}
