"""Cuts a PyTorch model after named modules and writes the parts as TorchScript stages with a manifest, for Offramp's backbone `torchscript`."""
import json
import pathlib

import torch
from torch import fx
from torch.fx.passes.split_module import split_module
from torch.utils._python_dispatch import TorchDispatchMode


class Macs(TorchDispatchMode):
    """Counts the multiply-accumulates of the convolutions and matrix products that run, in modules or not."""

    count = 0

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        y = op(*args, **(kwargs or {}))
        if op.overloadpacket is torch.ops.aten.convolution:
            self.count += (args[0] if args[6] else y).numel() * args[1][0].numel()  # args[6]: transposed
        elif op.overloadpacket in (torch.ops.aten.mm, torch.ops.aten.addmm, torch.ops.aten.bmm, torch.ops.aten.baddbmm):
            self.count += y.numel() * args[-2].shape[-1]
        return y


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
    tracer, folder, stage_of, stages, x = Tracer(), pathlib.Path(folder), {}, [], torch.zeros(2, *shape)
    folder.mkdir(parents=True, exist_ok=True)
    traced = fx.GraphModule(model.eval(), tracer.trace(model))
    ends = [tracer.last[cut] for cut in cuts]  # a KeyError names a module that there is not
    for node in traced.graph.nodes:
        stage_of[node] = sum(end in stage_of for end in ends)
    for name, part in zip([*cuts, "logits"], split_module(traced, model, stage_of.get).children()):
        with Macs() as macs:
            y = part(x)
        torch.jit.trace(part, x).save(str(folder / f"{name}.pt"))
        stages.append({"name": name, "archive": f"{name}.pt", "output": list(y.shape[1:]), "macs": macs.count // 2})
        x = y
    manifest = {"input": list(shape), "classes": x.shape[1], "stages": stages}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
