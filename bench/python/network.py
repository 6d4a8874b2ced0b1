#!/usr/bin/env python3
"""Runs in PyTorch what `offramp bench --network FILE --save DIR` measured: the network as a person writes it in Python, one operation
after the other (eager: BatchNorm not folded, channels first), and the archive that Offramp ran; beside them Offramp's own figures.

usage: network.py DIR [--rounds N]
"""
import argparse
import json
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

BATCH, STEPS = 64, 16


class Words:
    """TorchScript's `torch.` in eager mode: some of its words live elsewhere there."""

    def __getattr__(self, name):
        for place in (torch, torch._C._nn, torch.nn.functional):
            if hasattr(place, name):
                return getattr(place, name)
        return getattr(torch.Tensor, name)


def eager(path):
    """The archive's methods as Python functions: the same operations, each called by the interpreter."""
    module = torch.jit.load(path)
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("code/__torch__.py"))
        code = archive.read(name).decode()
    names = {"torch": Words(), "ops": torch.ops}
    exec("from __future__ import annotations\n" + code.replace("class Net(Module):", "class Net:"), names)
    net = names["Net"]()
    for attribute in names["Net"].__annotations__:
        setattr(net, attribute, getattr(module, attribute))
    return net


def rate(run, calls, samples):
    begin = time.perf_counter()
    for _ in range(calls):
        run()
    return calls * samples / (time.perf_counter() - begin)


def in_turns(ways, calls, samples, rounds):
    """The median samples a second of each way, measured in turns."""
    rates = [[rate(way, calls, samples) for way in ways] for _ in range(-3, rounds)][3:]
    return [statistics.median(column) for column in zip(*rates)]


def inference(net, module, rows, shape, rounds):
    print("| batch | threads | eager: images/s | the same archive: images/s | Offramp: images/s | Offramp x eager |")
    print("|---|---|---|---|---|---|")
    with torch.inference_mode(), torch.jit.optimized_execution(False):
        probe = torch.randn(2, *shape)
        (expected,) = net.inference(probe)
        difference = (module.backbone(probe)[0] - expected).abs().max().item()
        assert difference <= 1e-5 * max(1.0, expected.abs().max().item()), difference
        for row in rows:
            torch.set_num_threads(row["threads"])
            x = torch.randn(row["batch"], *shape)
            calls = max(1, 64 // row["batch"])
            one, other = in_turns((lambda: net.inference(x), lambda: module.backbone(x)), calls, row["batch"], rounds)
            ours = row["compiled"]
            print(f"| {row['batch']} | {row['threads']} | {one:.0f} | {other:.0f} | {ours:.0f} | {ours / one:.2f} |", flush=True)


def training(net, parameters, rows, shape, classes, rounds):
    print("| training, batch 64: threads | eager: images/s | Offramp: images/s | Offramp x eager |")
    print("|---|---|---|---|")
    optimizer = torch.optim.Adam(parameters)
    for row in rows:
        torch.set_num_threads(row["threads"])
        x, labels = torch.randn(BATCH, *shape), torch.randint(classes, (BATCH,))

        def step():
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net.training(x)[0], labels).backward()
            optimizer.step()

        (one,) = in_turns((step,), STEPS, BATCH, rounds)
        ours = row["compiled"]
        print(f"| {row['threads']} | {one:.0f} | {ours:.0f} | {ours / one:.2f} |", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory")
    arguments.add_argument("--rounds", type=int, default=7)
    given = arguments.parse_args()
    with open(os.path.join(given.directory, "network.json")) as file:
        measured = json.load(file)
    try:
        net = eager(os.path.join(given.directory, "eager.pt"))
        module = torch.jit.load(os.path.join(given.directory, "network.pt"))
    except RuntimeError as error:
        print(f"PyTorch from Python: left out, torch {torch.__version__} does not know an operation: {str(error).strip().splitlines()[-1]}")
        return
    print(f"PyTorch {torch.__version__} from Python")
    inference(net, module, measured["inference"], measured["input"], given.rounds)
    print()
    parameters = [getattr(net, name).requires_grad_() for name in measured["trained"]]
    training(net, parameters, measured["training"], measured["input"], measured["classes"], min(3, given.rounds))


if __name__ == "__main__":
    main()
