#!/usr/bin/env python3
"""Runs the archive that `offramp bench --network FILE --save DIR` wrote, and the same operations one by one from Python (eager).

usage: network.py DIR [--rounds N] [--input 1,28,28]
"""
import argparse
import os
import statistics
import sys
import time
import zipfile

try:
    import torch
except ImportError:
    print("PyTorch from Python: left out, this Python has no torch")
    sys.exit(0)


class Words:
    """TorchScript's `torch.` in eager mode: some of its words live elsewhere there."""

    def __getattr__(self, name):
        for place in (torch, torch._C._nn, torch.nn.functional):
            if hasattr(place, name):
                return getattr(place, name)
        return getattr(torch.Tensor, name)

    @staticmethod
    def slice(x, dim, start, end, step):
        return x[(slice(None),) * dim + (slice(start, end, step),)]


def eager(path, module):
    """The archive's methods as Python functions: the same operations and constants, each called by the interpreter."""
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("code/__torch__.py"))
        code = archive.read(name).decode()
    names = {"torch": Words(), "ops": torch.ops}
    exec("from __future__ import annotations\n" + code.replace("class Net(Module):", "class Net:"), names)
    net = names["Net"]()
    for attribute, value in list(module.named_buffers()) + list(module.named_parameters()):
        setattr(net, attribute, value)
    for attribute in names["Net"].__annotations__:
        if not hasattr(net, attribute):
            setattr(net, attribute, getattr(module, attribute))
    return net


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--input", default="1,28,28", help="the shape of a sample")
    given = arguments.parse_args()
    path = os.path.join(given.directory, "network.pt")
    shape = [int(size) for size in given.input.split(",")]
    module = torch.jit.load(path)
    plain = eager(path, module)
    print(f"PyTorch {torch.__version__}; eager: the archive's operations (BatchNorm folded, channels last) one by one")
    print("| batch | threads | eager: images/s | the same archive: images/s | x eager |")
    print("|---|---|---|---|---|")
    with torch.inference_mode(), torch.jit.optimized_execution(False):
        probe = torch.randn(2, *shape)
        difference = (module.backbone(probe)[0] - plain.backbone(probe)[0]).abs().max().item()
        assert difference <= 1e-5 * max(1.0, plain.backbone(probe)[0].abs().max().item()), difference
        for threads in sorted({1, os.cpu_count()}):
            torch.set_num_threads(threads)
            for batch in (1, 8, 64, 256):
                x = torch.randn(batch, *shape)
                calls = max(1, 64 // batch)
                rates = ([], [])
                for round in range(-3, given.rounds):
                    for way, net in enumerate((plain, module)):
                        begin = time.perf_counter()
                        for _ in range(calls):
                            net.backbone(x)
                        if round >= 0:
                            rates[way].append(calls * batch / (time.perf_counter() - begin))
                one, other = (statistics.median(rate) for rate in rates)
                print(f"| {batch} | {threads} | {one:.0f} | {other:.0f} | {other / one:.2f} |", flush=True)


if __name__ == "__main__":
    main()
