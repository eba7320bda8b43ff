package backbone

import (
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// divided are a network's parameters with the last blocks trained, by name.
func divided(t *testing.T, net Network, train int) map[string]*tape.Param {
	t.Helper()
	d, err := net.Division(train)
	if err != nil {
		t.Fatal(err)
	}
	dev := kernels.CPU()
	store, tp := layer.NewShapes(dev, kernels.Float32), tape.New(dev, kernels.Float32, false)
	store.Divide(d)
	net.Features(layer.NewScope(tp, store), tp.Input(dev.New(kernels.Float32, 1, net.Size, net.Size, 3)))
	all := map[string]*tape.Param{}
	for _, p := range store.Params() {
		all[p.Name] = p
	}
	return all
}

// TestDepths: depths are those by which BEiT and MAE decay the rates of a transformer's layers (get_layer_id_for_vit, counted from the
// end) and timm 1.0 those of ConvNeXt (param_groups_layer_decay); elsewhere they count the modules by their names.
func TestDepths(t *testing.T) {
	for name, want := range map[string]map[string]int{
		"vit_tiny_patch16": {
			"cls_token": 13, "pos_embed": 13, "patch_embed.proj.bias": 13, "blocks.0.norm1.weight": 12, "blocks.1.mlp.fc2.bias": 11,
			"blocks.10.attn.qkv.weight": 2, "blocks.11.norm1.weight": 1, "blocks.11.mlp.fc2.bias": 1, "norm.weight": 0,
		},
		"clip:dim=64,depth=2,heads=1,patch=32,grid=2,out=8,gelu=erf": {
			"norm_pre.weight": 3, "blocks.0.norm1.bias": 2, "norm.bias": 0, "head.weight": 0,
		},
		"siglip:dim=64,depth=2,heads=1,grid=2": {
			"pos_embed": 3, "norm.bias": 0, "attn_pool.latent": 0, "attn_pool.mlp.fc1.bias": 0,
		},
		"convnext_tiny": {
			"stem.1.bias": 19, "stages.0.blocks.0.gamma": 18, "stages.0.blocks.2.norm.bias": 16, "stages.1.downsample.0.weight": 15,
			"stages.1.blocks.0.gamma": 15, "stages.3.downsample.1.weight": 3, "stages.3.blocks.0.gamma": 3, "stages.3.blocks.2.gamma": 1,
			"head.norm.weight": 0,
		},
		"conv4":           {"features.1.bias": 4, "features.12.weight": 1, "features.13.running_mean": 1},
		"squeezenet":      {"features.0.weight": 9, "features.3.squeeze.weight": 8, "features.12.expand3x3.bias": 1},
		"squeezenet1_1":   {"features.0.weight": 9, "features.3.squeeze.weight": 8, "features.12.expand3x3.bias": 1},
		"resnet18":        {"bn1.bias": 9, "layer1.0.conv1.weight": 8, "layer2.0.downsample.0.weight": 6, "layer4.1.bn2.running_var": 1},
		"resnet50":        {"conv1.weight": 17, "layer1.0.downsample.1.bias": 16, "layer4.2.bn3.weight": 1},
		"googlenet":       {"conv3.bn.bias": 10, "inception3a.branch1.conv.weight": 9, "inception5b.branch4.1.bn.bias": 1},
		"googlenet_caffe": {"conv2/3x3.bias": 10, "inception_3a/1x1.weight": 9, "inception_5b/pool_proj.bias": 1},
		"bninception":     {"conv2_3x3_bn.bias": 11, "inception_3c_3x3_reduce.bias": 8, "inception_5b_pool_proj_bn.running_mean": 1},
		"efficientnet_lite0": {
			"_bn0.bias": 17, "_blocks.0._depthwise_conv.weight": 16, "_blocks.15._bn2.running_var": 1, "_conv_head.weight": 0,
			"_bn1.bias": 0,
		},
	} {
		net, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		all := divided(t, net, layer.AllBlocks)
		for param, depth := range want {
			if p := all[param]; p == nil || p.Depth != depth || p.Frozen {
				t.Errorf("%s %s: %+v, want depth %d", name, param, p, depth)
			}
		}
	}
}

// TestBlocks: every block of every network has parameters, all those that the beginning of its name covers, and nothing but the last
// N blocks and what stands behind them is trained.
func TestBlocks(t *testing.T) {
	all := append([]Network{}, networks...)
	for _, name := range []string{"dinov2:dim=64,depth=3,heads=1", "dinov3:dim=64,depth=3,heads=1", "siglip:dim=64,depth=3,heads=1"} {
		net, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, net)
	}
	for _, net := range all {
		blocks := len(net.Blocks)
		for _, train := range []int{0, 1, 2, blocks} {
			seen := map[int]bool{}
			for name, p := range divided(t, net, train) {
				seen[p.Depth] = true
				if p.Depth > blocks+1 || p.Frozen != (train == 0 || p.Depth > train) {
					t.Errorf("%s, %d blocks trained: %s has depth %d and frozen %v", net.Name, train, name, p.Depth, p.Frozen)
				}
				for i, begin := range net.Blocks {
					if strings.HasPrefix(name, begin) && p.Depth != blocks-i {
						t.Errorf("%s: %s has depth %d, but begins as block %d of %d", net.Name, name, p.Depth, i, blocks)
					}
				}
			}
			for depth := 1; depth <= blocks; depth++ {
				if !seen[depth] {
					t.Errorf("%s has no parameter of depth %d", net.Name, depth)
				}
			}
			if seen[0] != (net.Behind != "") {
				t.Errorf("%s: parameters behind the last block %v, Behind %q", net.Name, seen[0], net.Behind)
			}
		}
		if _, err := net.Division(blocks + 1); err == nil || !strings.Contains(err.Error(), net.Name+" has") {
			t.Errorf("%s with a block too many: %v", net.Name, err)
		}
	}
}
