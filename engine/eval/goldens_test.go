package eval

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"udml-gpu/kernels"
)

// goldens is the part of testdata/eval.json (scripts/goldens_eval.py) used here.
type goldens struct {
	Retrieval []struct {
		Name       string             `json:"name"`
		Embeddings [][]float32        `json:"embeddings"`
		Labels     []int32            `json:"labels"`
		Recall     map[string]float64 `json:"recall"`
		Precision1 float64            `json:"precision_at_1"`
		MAPAtR     float64            `json:"map_at_r"`
		Singular   []float64          `json:"singular_values"`
	} `json:"retrieval"`
	Roles []struct {
		Name       string             `json:"name"`
		Embeddings [][]float32        `json:"embeddings"`
		Labels     []int32            `json:"labels"`
		Queries    []int32            `json:"queries"`
		Gallery    []int32            `json:"gallery"`
		Recall     map[string]float64 `json:"recall"`
		Unmatched  int                `json:"unmatched"` // queries whose class is not in the gallery
		Precision1 float64            `json:"precision_at_1"`
		MAPAtR     float64            `json:"map_at_r"`
	} `json:"roles"`
	Clustering []struct {
		Name  string  `json:"name"`
		Truth []int32 `json:"truth"`
		Found []int32 `json:"found"`
		NMI   float64 `json:"nmi"`
		ARI   float64 `json:"ari"`
		F1    float64 `json:"f1"`
		AMI   float64 `json:"ami"`
	} `json:"clustering"`
}

func readGoldens(t *testing.T) (g goldens) {
	t.Helper()
	b, err := os.ReadFile("../../testdata/eval.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil || len(g.Retrieval) == 0 || len(g.Clustering) == 0 {
		t.Fatalf("goldens: %v, %d and %d cases", err, len(g.Retrieval), len(g.Clustering))
	}
	return g
}

func near(got, want, bound float64) bool { return math.Abs(got-want) <= bound }

func rowsOf(rows [][]float32) *kernels.Array {
	return kernels.Of(kernels.CPU(), slices.Concat(rows...), len(rows), len(rows[0]))
}

func TestRetrievalEqualsPyTorchMetricLearning(t *testing.T) {
	for _, c := range readGoldens(t).Retrieval {
		emb := rowsOf(c.Embeddings)
		s, err := Evaluate(context.Background(), emb, c.Labels, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range c.Recall {
			if n, _ := strconv.Atoi(k); !near(s.Recall[n], want, 1e-6) {
				t.Errorf("%s: recall@%s is %g, want %g", c.Name, k, s.Recall[n], want)
			}
		}
		if !near(s.MAPAtR, c.MAPAtR, 1e-6) {
			t.Errorf("%s: MAP@R is %g, want %g", c.Name, s.MAPAtR, c.MAPAtR)
		}
		alone := 0
		for _, size := range newClasses(c.Labels).size {
			if size == 1 {
				alone++
			}
		}
		// pytorch-metric-learning leaves out the images that are the only one of their class.
		n := float64(len(c.Labels))
		if got := s.Recall[1] * n / (n - float64(alone)); !near(got, c.Precision1, 1e-9) {
			t.Errorf("%s: precision at 1 is %g, want %g", c.Name, got, c.Precision1)
		}
	}
}

func TestClusteringEqualsScikitLearn(t *testing.T) {
	for _, c := range readGoldens(t).Clustering {
		got := [4]float64{NMI(c.Truth, c.Found), ARI(c.Truth, c.Found), PairF1(c.Truth, c.Found), AMI(c.Truth, c.Found)}
		for i, want := range [4]float64{c.NMI, c.ARI, c.F1, c.AMI} {
			if !near(got[i], want, 1e-12) {
				t.Errorf("%s: %s is %.15g, want %.15g", c.Name, []string{"NMI", "ARI", "F1", "AMI"}[i], got[i], want)
			}
		}
	}
}

func TestEffectiveRankOfGoldens(t *testing.T) {
	for _, c := range readGoldens(t).Retrieval {
		sum, h := 0.0, 0.0
		for _, s := range c.Singular {
			sum += s
		}
		for _, s := range c.Singular {
			h -= s / sum * math.Log(s/sum)
		}
		if got := EffectiveRank(rowsOf(c.Embeddings)); !near(got, math.Exp(h), 1e-6) {
			t.Errorf("%s: effective rank %g, want %g", c.Name, got, math.Exp(h))
		}
	}
}
