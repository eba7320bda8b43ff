package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// torch's defaults for BatchNorm1d and 2d.
const batchNormEps, batchNormMomentum = 1e-5, 0.1

// Norm describes a batch norm. Weight [N] counts each row of the batch so many times (nil: once). Eps is added to the
// variance (0: torch's default, 1e-5).
type Norm struct {
	ReLU   bool
	Weight *tape.Var
	Eps    float64
}

// BatchNorm is torch.nn.BatchNorm on the last axis of x [..,C]: batch statistics while training, running ones
// otherwise, in a part of the network that is not trained, and in a backbone after Store.FreezeNorms. Parameters name.weight,
// name.bias; buffers name.running_mean, name.running_var.
func BatchNorm(s *Scope, name string, x *tape.Var, n Norm) *tape.Var {
	if n.Eps == 0 {
		n.Eps = batchNormEps
	}
	in, c := s.In(name), x.Dim(len(x.Shape())-1)
	t, constants := s.Tape, s.Store.frozenNorms && s.group == tape.Backbone
	gamma := in.param("weight", !constants, constant(1), c)
	p := batchNorm{
		gamma: t.Param(gamma),
		beta:  t.Param(in.param("bias", !constants, constant(0), c)),
		mean:  in.param("running_mean", false, constant(0), c),
		vari:  in.param("running_var", false, constant(1), c),
		x:     x, y: t.NewOf(x.DType(), x.Shape()...), n: n, tape: t,
	}
	if !t.Training() || gamma.Frozen || constants {
		t.Apply(p.evaluation(in.prefix))
		return p.y
	}
	p.batchMean, p.batchInv = t.New(c), t.New(c)
	if s.lane != nil && s.lane.cut.Group.Shards() > 1 {
		p.inShard(s, in.prefix)
		return p.y
	}
	t.Apply(p.training(in.prefix))
	return p.y
}

// BatchNormSpec is the Spec of a batch norm in evaluation mode: (x - Mean) / sqrt(Var + Eps) gamma + beta, and max(0, .) with ReLU.
type BatchNormSpec struct {
	Mean, Var *kernels.Array
	Eps       float64
	ReLU      bool
}

type batchNorm struct {
	gamma, beta, x, y   *tape.Var
	batchMean, batchInv *tape.Var
	mean, vari          *tape.Param
	n                   Norm
	tape                *tape.Tape
}

func (p *batchNorm) evaluation(name string) tape.Op {
	mean, vari := p.mean.Value, p.vari.Value
	return tape.Op{
		Name: "batch norm", Of: name, Spec: BatchNormSpec{mean, vari, p.n.Eps, p.n.ReLU},
		In: []*tape.Var{p.x, p.gamma, p.beta}, Out: []*tape.Var{p.y}, InPlace: true,
		Forward: func() {
			norm.BatchNormEval(p.y.Value(), p.x.Value(), p.gamma.Value(), p.beta.Value(), mean, vari, p.n.Eps, p.n.ReLU)
		},
		Reads: []*tape.Var{p.y, p.gamma}, GradInPlace: true,
		Backward: func(b *tape.Back) { // of scale and shift, which are constants here, there is no gradient
			norm.BatchNormEvalBackward(b.Grad(0), p.y.Grad(), p.y.Value(), p.gamma.Value(), vari, p.n.Eps, p.n.ReLU)
		},
	}
}

func (p *batchNorm) training(name string) tape.Op {
	inputs := []*tape.Var{p.x, p.gamma, p.beta}
	saved := []*tape.Var{p.batchMean, p.batchInv}
	reads := []*tape.Var{p.x, p.gamma}
	if p.n.ReLU {
		reads = append(reads, p.beta)
	}
	if p.n.Weight != nil {
		inputs = append(inputs, p.n.Weight)
		saved = append(saved, p.n.Weight) // the running statistics need it when the step is committed
	}
	return tape.Op{
		Name: "batch norm", Of: name, In: inputs, Out: []*tape.Var{p.y}, Saved: saved, Reads: reads, GradInPlace: true,
		Forward: func() {
			norm.BatchNorm(p.y.Value(), p.x.Value(), p.gamma.Value(), p.beta.Value(), valueOf(p.n.Weight), p.stats(), p.n.Eps, p.n.ReLU)
		},
		Backward: p.backward, Together: runningOf(p.tape).add(p.running),
	}
}

// running is what moves its running statistics.
func (p *batchNorm) running() norm.Running {
	return norm.Running{
		Mean: p.mean.Value, Var: p.vari.Value, Stats: p.stats(), Weight: valueOf(p.n.Weight), Rows: p.x.Value().Len() / p.gamma.Dim(0),
		Eps: p.n.Eps,
	}
}

func (p *batchNorm) stats() norm.Stats {
	return norm.Stats{Mean: p.batchMean.Value(), InvStd: p.batchInv.Value()}
}

func (p *batchNorm) backward(b *tape.Back) {
	var gate *kernels.Array
	if p.n.ReLU {
		gate = p.beta.Value()
	}
	norm.BatchNormBackward(b.Grad(0), b.Grad(1), b.Grad(2), p.y.Grad(), p.x.Value(), p.gamma.Value(), gate, valueOf(p.n.Weight), p.stats())
}
