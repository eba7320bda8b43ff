package setting

import (
	"strings"

	"udml-gpu/engine/optim"
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/layer"
)

// TrainingSettings are the length of training, the batches and the optimiser.
type TrainingSettings struct {
	Epochs       int
	Batch        int
	Accumulate   int     // parts in which a batch goes through the backbone
	Recompute    bool    // the backbone's blocks keep their inputs alone, and run again for the gradients
	Shards       int     // into which a batch is cut; 0: one for each rank
	BatchNorm    string  // which statistics the backbone's batch norms use in training: sync, host or frozen
	NormShards   int     // shards whose batch norms share statistics, of BatchNorm host; 0: those of a host at the start
	Exchange     string  // in which numbers the gradients of shards are added up: float32 or bf16
	Reduce       string  // how sums over ranks are added up: ordered or fast
	ReduceRanks  int     // on how many ranks, of Reduce fast; 0: as many as there are at the start
	Optimizer    string  // auto: sgd with pretrained weights, adamw without
	LR           float64 // auto: 1e-3
	Momentum     float64
	Nesterov     bool
	WeightDecay  float64
	ClipGrad     float64 // 0: off
	BackboneRate float64 // factor
	LayerDecay   float64 // factor for each block in front of the end of the backbone
	DropPath     float64 // stochastic depth of the last block; 0: off
	TrainBlocks  int     // the last blocks of the backbone that are trained; layer.AllBlocks: all of it
	Warmup       int     // steps
	CosineSteps  int
	Seed         uint64
}

func (c *Config) trainingRows() []table.Row {
	return table.Group("training",
		table.Int("epochs", &c.Epochs, openEpochs, "passes over the images; 0: the backbone's features, whitened, are the embedding").
			Auto("5 from scratch, or where a method or a setting of how to train is given; else 0, or what --preset auto finds").
			Within(0, 1e6).Free(),
		table.Int("batch", &c.Batch, 64, "images in each step; each is seen in two views").Within(1, 1<<16),
		table.Int("accumulate", &c.Accumulate, 1, "parts in which each batch goes through the backbone, one after another, where a "+
			"step needs more memory than there is: the losses still see the whole batch; a step takes about a third more time").
			Within(1, 1<<16).Unpreset(),
		table.Bool("recompute", &c.Recompute, false, "keep only the inputs of the backbone's blocks in a step and compute each block once "+
			"more for its gradients: less memory, about a third more time, the same bytes").Free().Unpreset(),
		table.Int("shards", &c.Shards, 0, "shards into which each batch is cut, for one or several processes (ranks) to compute: the same "+
			"number gives the same bytes on any number of ranks up to it").Auto("one for each rank").Within(0, 1<<12).Unpreset(),
		table.String("bn", &c.BatchNorm, "sync", "statistics of the backbone's batch norms in training: sync, those of the batch, of all "+
			"its shards; host, of the shards on one host; frozen, the running ones of its weights, with scale and shift as they are").
			OneOf("sync", "host", "frozen").Unpreset(),
		table.Int("bn-shards", &c.NormShards, 0, "with --bn host: how many consecutive shards share statistics, wherever they are").
			Auto("those of a host at the start").Within(0, 1<<12).Unpreset(),
		table.String("exchange", &c.Exchange, "float32", "in which numbers gradients travel between ranks: float32; bf16, half the bytes, "+
			"to which each shard's gradients and their sum are then rounded, also in one process").OneOf("float32", "bf16").Unpreset(),
		table.String("reduce", &c.Reduce, "ordered", "how sums of shards are added up between ranks: ordered, in the order of the shards, "+
			"with the same bytes on any number of ranks; fast, by MPI, NCCL or rank by rank, with bytes that depend on the number of "+
			"ranks and on the library").OneOf("ordered", "fast").Unpreset(),
		table.Int("reduce-ranks", &c.ReduceRanks, 0, "with --reduce fast: the number of ranks, on which the bytes of the run depend").
			Auto("as many as there are").Within(0, 1<<12).Unpreset(),
		table.String("optimizer", &c.Optimizer, "", strings.Join(optim.Names(), " or ")).
			Auto("sgd from pretrained weights, adamw from scratch").OneOf(optim.Names()...),
		table.Float("lr", &c.LR, 0, "learning rate").Auto("1e-3").Within(0, 1e3),
		table.Float("momentum", &c.Momentum, 0, "momentum of sgd").Within(0, 0.9999),
		table.Bool("nesterov", &c.Nesterov, false, "Nesterov's momentum"),
		table.Float("weight-decay", &c.WeightDecay, 0, "weight decay").Within(0, 1e3),
		table.Float("clip-grad", &c.ClipGrad, 0,
			"shorten the gradients of a step to this L2 norm over all of them, when they are longer; 0: off").Within(0, 1e9),
		table.Float("backbone-lr", &c.BackboneRate, 1, "factor on the learning rate of the backbone").Within(0, 1e3),
		table.Float("layer-decay", &c.LayerDecay, 1, "factor on the learning rate for each block up to the end of the backbone: once in "+
			"the last block, twice in the one before it, and once more in what stands before the first").Within(0.01, 1),
		table.Float("drop-path", &c.DropPath, 0, "stochastic depth: the probability that an image goes without the branch of the last "+
			"residual block in a step; it grows linearly from 0 in the first; 0: off").Within(0, 0.9999),
		table.Int("train-blocks", &c.TrainBlocks, layer.AllBlocks,
			"blocks of the backbone that are trained, the last so many; 0: the layers behind the backbone alone").
			Auto("the whole backbone").Within(layer.AllBlocks, 1e3),
		table.Int("warmup", &c.Warmup, 0, "steps of linear warm-up").Within(0, 1e9),
		table.Int("cosine-steps", &c.CosineSteps, 0, "steps over which the learning rate falls to 0 as a cosine; 0: constant").
			Within(0, 1e9),
	)
}

func (c *Config) seedRow() table.Row {
	return table.Uint64("seed", &c.Seed, 0, "key of all randomness").Under("training").Unpreset()
}

// OptimOptions are the optimiser's settings.
func (c *Config) OptimOptions() optim.Options {
	return optim.Options{
		Name: c.Optimizer, Momentum: c.Momentum, Nesterov: c.Nesterov, WeightDecay: c.WeightDecay, BackboneFactor: c.BackboneRate,
		LayerDecay: c.LayerDecay, MaxNorm: c.ClipGrad,
	}
}
