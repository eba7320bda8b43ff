package weights

import "slices"

// convention says which of two networks in a file is evaluated by the program that writes such files. A part is recognised by a word in
// the beginning of its tensors' names, which no other part of the file may have; all others must have one of the words of beside.
type convention struct {
	taken  string
	beside []string
	why    string
}

// conventions are the conventions of published programs.
var conventions = []convention{
	// facebookresearch/moco, main_lincls.py; PCL and others that began as copies of it
	{"encoder_q", []string{"encoder_k"}, "as MoCo's evaluation does"},
	// facebookresearch/moco-v3, main_lincls.py
	{"base_encoder", []string{"momentum_encoder"}, "as MoCo v3's evaluation does"},
	// facebookresearch/dino, eval_linear.py: --checkpoint_key teacher
	{"teacher", []string{"student"}, "as DINO's evaluation does"},
	{"teacher_backbone", []string{"student_backbone"}, "as DINO's evaluation does"},
	// vturrisi/solo-learn, main_linear.py; lightly-ai/lightly; MMSelfSup, where backbone is also the first of the online network
	{"backbone", []string{"momentum_backbone"}, "as solo-learn's evaluation does"},
	{"backbone", []string{"backbone_momentum", "momentum_backbone", "student_backbone"}, "as Lightly's evaluation does"},
	{"backbone", []string{"encoder_q", "encoder_k", "online_net", "target_net", "momentum_encoder"}, "as MMSelfSup's evaluation does"},
	// lucidrains/byol-pytorch, where net is the first of the online encoder; sthalles/PyTorch-BYOL; lightning-bolts
	{"online_encoder", []string{"target_encoder", "net"}, "as BYOL's evaluation takes the online network"},
	{"online_network", []string{"target_network"}, "as BYOL's evaluation takes the online network"},
	{"online_network_state_dict", []string{"target_network_state_dict"}, "as BYOL's evaluation takes the online network"},
	// timm, models/_helpers.py: load_state_dict prefers the moving average
	{"state_dict_ema", []string{"state_dict"}, "as timm does"},
	{"model_ema", []string{"model", "state_dict"}, "as timm does"},
}

// evaluatedPart is the part that is evaluated by the programs that write such files, and by which; -1 where no convention applies.
func evaluatedPart(parts []Part) (at int, why string) {
	for _, c := range conventions {
		if at := c.of(parts); at >= 0 {
			return at, c.why
		}
	}
	return -1, ""
}

// of is the part that c selects; -1 where c does not apply to parts.
func (c convention) of(parts []Part) int {
	taken := -1
	for i, p := range parts {
		list := words(p.Beginning)
		beside := slices.ContainsFunc(c.beside, func(word string) bool { return slices.Contains(list, word) })
		switch {
		case slices.Contains(list, c.taken) && (taken < 0):
			taken = i
		case slices.Contains(list, c.taken) || !beside:
			return -1
		}
	}
	return taken
}
