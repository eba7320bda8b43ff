"""Embeds a folder of images with PyTorch as many would: torchvision's SqueezeNet 1.0 at 224 px, Pillow, two workers; for comparison with

    udml-gpu embed --data FOLDER --layer pooled --out photos.udml

    python scripts/bench_torch_embed.py FOLDER
"""
import resource
import sys
import time
from pathlib import Path

import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset


class Photos(Dataset):
    def __init__(self, folder):
        self.files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        im = Image.open(self.files[i]).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
        return torchvision.transforms.functional.pil_to_tensor(im)


def main():
    torch.set_num_threads(2)
    net = torchvision.models.squeezenet1_0().features.eval().to(memory_format=torch.channels_last)
    photos = Photos(sys.argv[1])
    wall, out = time.perf_counter(), []
    with torch.inference_mode():
        for batch in DataLoader(photos, batch_size=64, num_workers=2):
            x = batch.to(memory_format=torch.channels_last).float() - 115
            out.append(net(x).mean((2, 3)))
    vectors = torch.cat(out)
    wall = time.perf_counter() - wall
    cpu = sum(getattr(resource.getrusage(w), f) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN) for f in ("ru_utime", "ru_stime"))
    print(f"{len(vectors)} images in {wall:.1f} s, {len(vectors) / wall:.1f} images/s, {cpu:.1f} s of processor time")


if __name__ == "__main__":
    main()
