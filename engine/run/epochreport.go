package run

// EpochReport is one line of metrics.jsonl.
type EpochReport struct {
	Epoch        int                `json:"epoch"`
	Steps        int                `json:"steps"`
	Skipped      int                `json:"skipped_steps"`
	LearningRate float64            `json:"learning_rate"`
	Terms        map[string]float64 `json:"terms"` // means over the steps
	Health       Health             `json:"health"`
	Quality      *Quality           `json:"quality,omitempty"`
}

// Health are figures of training that need no labels.
type Health struct {
	LiveClusters      float64 `json:"live_clusters"`           // mean over batches
	LiveIfRandom      float64 `json:"live_clusters_if_random"` // what uniformly random labels would give
	LiveClustersEpoch int     `json:"live_clusters_epoch"`
	LiveEpochIfRandom float64 `json:"live_clusters_epoch_if_random"`
	UsageEntropy      float64 `json:"usage_entropy"` // of the cluster sizes over the epoch, over log K
	ViewAgreement     float64 `json:"view_agreement"`
}
