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
	Clustering []clusteringCase `json:"clustering"`
}

// clusteringCase are two labellings of the same images, and their scores.
type clusteringCase struct {
	Name  string  `json:"name"`
	Truth []int32 `json:"truth"`
	Found []int32 `json:"found"`
	NMI   float64 `json:"nmi"`
	AMI   float64 `json:"ami"`
	ARI   float64 `json:"ari"`
	F1    float64 `json:"f1"`
}

// check compares the scores, which are the same where truth and found change places; AMI may be off by more than the others.
func (c *clusteringCase) check(t *testing.T, ofAMI float64) {
	t.Helper()
	for _, s := range []struct {
		name        string
		score       func(a, b []int32) float64
		want, bound float64
	}{{"AMI", AMI, c.AMI, ofAMI}, {"NMI", NMI, c.NMI, 1e-12}, {"ARI", ARI, c.ARI, 1e-12}, {"F1", PairF1, c.F1, 1e-12}} {
		got, mirrored := s.score(c.Truth, c.Found), s.score(c.Found, c.Truth)
		if !near(got, s.want, s.bound) || !near(mirrored, s.want, s.bound) {
			t.Errorf("%s: %s is %.15g, mirrored %.15g, want %.15g", c.Name, s.name, got, mirrored, s.want)
		}
	}
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
		c.check(t, 1e-12)
	}
	// The factorials' logarithms are some 10^4 at 4,000 images, so that a probability is off by 10^-12 of itself, here and in scikit-learn;
	// "a pair joined" divides by a difference that is a hundredth.
	for _, c := range readClusteringGoldens(t).Cases {
		c.check(t, 1e-10)
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
