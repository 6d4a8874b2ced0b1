"""answers.py MODEL SAMPLES THRESHOLD: what an exported network answers, as JSON; nothing but torch is needed."""
import json
import sys

import torch

extra = {"class_names.json": "", "normalization.json": "", "thresholds.json": ""}
model = torch.jit.load(sys.argv[1], _extra_files=extra)
extra = {name: json.loads(content) for name, content in extra.items()}
names = extra["class_names.json"]
shape = extra["normalization.json"]["shape"]
samples = torch.tensor(json.load(open(sys.argv[2]))).reshape([-1] + shape)


def answers():
    rows = []
    for sample in samples:
        logits, exit, score = model(sample.unsqueeze(0))
        rows.append({"exit": int(exit), "class": names[int(logits.argmax())], "logits": logits[0].tolist(), "score": float(score)})
    logits, exits, scores = model.stages(samples)
    return {"forward": rows, "exits": exits.tolist(), "logits": logits.tolist(), "scores": scores.tolist()}


sealed = answers()
model.thresholds.fill_(float(sys.argv[3]))
filled = answers()
model.thresholds = torch.full_like(model.thresholds, float("inf"))
never = answers()
try:
    model(samples)
    refusal = ""
except torch.jit.Error as error:
    refusal = str(error)
print(json.dumps({"torch": torch.__version__, "extra": extra, "sealed": sealed, "filled": filled, "never": never, "refusal": refusal}))
