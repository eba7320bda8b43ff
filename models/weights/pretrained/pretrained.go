// Package pretrained holds the weights embedded in the program. scripts/pretrained.py made them.
package pretrained

import (
	_ "embed"
	"fmt"

	"udml-gpu/models/weights/file"
)

//go:embed squeezenet1_0.safetensors
var squeezeNet []byte

//go:embed squeezenet1_0.LICENSE
var squeezeNetLicense string

// SqueezeNet is the convolutional part ("features.*") of SqueezeNet 1.0 trained on ImageNet, in float16 with
// torchvision's names. It takes RGB 0..255 minus (123, 117, 104), without division. The caller must not change the data.
func SqueezeNet() (*file.Weights, error) {
	f, err := file.Parse(squeezeNet)
	if err != nil {
		return nil, fmt.Errorf("embedded SqueezeNet weights: %w", err)
	}
	return f, nil
}

// SqueezeNetLicense is the licence of these weights.
func SqueezeNetLicense() string { return squeezeNetLicense }
