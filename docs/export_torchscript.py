"""Cuts a PyTorch model after named modules and writes the parts as TorchScript stages with a manifest, for Offramp's backbone `torchscript`."""
import json
import pathlib

import torch
from torch import fx, nn
from torch.fx.passes.split_module import split_module


def count_macs(part, x):
    """The multiply-accumulates of convolutions and linear layers for one sample."""
    macs = []
    layers = [m for m in part.modules() if isinstance(m, (nn.Conv1d, nn.Conv2d, nn.Linear))]
    hooks = [m.register_forward_hook(lambda m, _, y: macs.append(y.numel() * m.weight[0].numel())) for m in layers]
    y = part(x)
    for hook in hooks:
        hook.remove()
    return sum(macs) // len(x), y


class Tracer(fx.Tracer):
    """Notes the last operation of every module."""

    last = {}

    def call_module(self, m, forward, args, kwargs):
        y = super().call_module(m, forward, args, kwargs)
        self.last[self.path_of_module(m)] = y.node
        return y


@torch.no_grad()
def export(model, cuts, shape, folder):
    """One stage ends after every module in `cuts` (names as in model.named_modules(), in order), one more at the logits."""
    tracer, stage_of, number = Tracer(), {}, 0
    traced = fx.GraphModule(model.eval(), tracer.trace(model))
    ends = [tracer.last[cut] for cut in cuts]  # a KeyError names a module that there is not
    for node in traced.graph.nodes:
        stage_of[node] = number
        number += node in ends
    x, stages = torch.zeros(2, *shape), []
    for name, part in zip([*cuts, "logits"], split_module(traced, model, stage_of.get).children()):
        macs, y = count_macs(part, x)
        torch.jit.trace(part, x).save(str(pathlib.Path(folder) / f"{name}.pt"))
        stages.append({"name": name, "archive": f"{name}.pt", "output": list(y.shape[1:]), "macs": macs})
        x = y
    manifest = {"input": list(shape), "classes": x.shape[1], "stages": stages}
    (pathlib.Path(folder) / "manifest.json").write_text(json.dumps(manifest, indent=1))


if __name__ == "__main__":
    import torchvision

    export(torchvision.models.resnet18(num_classes=10), ["layer1", "layer2.0", "layer3"], (3, 64, 64), ".")
