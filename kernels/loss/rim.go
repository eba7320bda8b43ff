// Package loss holds the three losses of CBSwR (Nguyen et al., BMVC 2020, arXiv 2009.04091), each with its gradient in
// the same pass: L_rim on the cluster logits, L_m on the embedding, L_rec on the decoded centroids.
package loss

import "udml-gpu/kernels"

// Rim is L_rim, regularised information maximisation, of logits [N,K], with p_i = softmax(logits_i), natural entropy H:
//
//	loss = mean_i H(p_i)/log K + 1 - mu H(mean_i p_i)/log K
//	terms = ( mean_i H(p_i)/log K, H(mean_i p_i)/log K )
//	dlogits[i,j] = p_ij/(N log K) ( mu (log m_j - sum_k p_ik log m_k) - log p_ij - H(p_i) ),   m = mean_i p_i
//
// loss [1], terms [2]; dlogits [N,K] or nil. With K = 1 both entropies are 0 and loss is 1. float32 or float64,
// computed in float64 from the log-softmax, so that logits of any size are legal. Cost O(N K).
func Rim(loss, terms, dlogits, logits *kernels.Array, mu float64) {
	const op = "loss.Rim"
	kernels.WantShape(op, "logits", logits, -1, -1)
	kernels.WantShape(op, "loss", loss, 1)
	kernels.WantShape(op, "terms", terms, 2)
	if dlogits != nil {
		kernels.WantShape(op, "dlogits", dlogits, logits.Shape()...)
	}
	switch kernels.PathOf(op, loss, terms, dlogits, logits) {
	case kernels.OnGPU:
		rimCUDA(loss, terms, dlogits, logits, mu)
	case kernels.InFloat64:
		rim[float64](loss, terms, dlogits, logits, mu)
	case kernels.InFloat32:
		rim[float32](loss, terms, dlogits, logits, mu)
	}
}
