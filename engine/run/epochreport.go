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
	Within       *Within            `json:"within,omitempty"` // of the first epochs
}
