"""PyTorch as a contender: answers the bench's requests (see bench/work.ts), one JSON object a line.

The bench sets OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and, unless called with the argument "untuned", glibc's MALLOC_*.
Tuned also means: whole-image work runs in channels_last where that is faster here.
"""
import ctypes
import json
import os
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

THREADS = int(os.environ["OMP_NUM_THREADS"])
TUNED = "untuned" not in sys.argv[1:]
MAX_SAMPLES = 400
CHECKED_STEPS = 5
LEARNING_RATES = {"sgd": 0.01, "adam": 0.001}
torch.set_num_threads(THREADS)


def read(inputs):
    """The input files as tensors."""
    arrays = {}
    for name, spec in inputs.items():
        values = np.fromfile(spec["file"], dtype=spec["dtype"]).reshape(spec["shape"])
        arrays[name] = torch.from_numpy(values.astype(np.int64) if spec["dtype"] == "int32" else values)
    return arrays


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class LSTM(nn.Module):
    """h after the last step."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[1][0][0]


class Block(nn.TransformerEncoderLayer):
    """Causal, normalised before, without dropout."""

    def __init__(self, width, heads, hidden):
        super().__init__(width, heads, hidden, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)

    def forward(self, x):
        return super().forward(x, nn.Transformer.generate_square_subsequent_mask(x.shape[1]))


class MeanOverSteps(nn.Module):
    def forward(self, x):
        return x.mean(1)


def layer(spec):
    kind = spec["layer"]
    if kind == "linear":
        return nn.Linear(spec["in"], spec["out"])
    if kind == "conv":
        return nn.Conv2d(spec["in"], spec["out"], spec["kernel"], stride=spec["stride"], padding=spec["padding"], bias=spec["bias"])
    if kind == "batchNorm":
        return (nn.BatchNorm2d if spec["images"] else nn.BatchNorm1d)(spec["channels"])
    if kind == "relu":
        return nn.ReLU()
    if kind == "maxPool":
        return nn.MaxPool2d(spec["size"])
    if kind == "averagePool":
        return nn.AvgPool2d(spec["size"])
    if kind == "globalAveragePool":
        return nn.AdaptiveAvgPool2d(1)
    if kind == "flatten":
        return nn.Flatten()
    if kind == "lstm":
        return LSTM(spec["in"], spec["hidden"])
    if kind == "block":
        return Block(spec["width"], spec["heads"], spec["hidden"])
    if kind == "meanOverSteps":
        return MeanOverSteps()
    if kind == "residual":
        return Residual(sequential(spec["body"]), sequential(spec["shortcut"]))
    raise ValueError(f"unknown layer {kind}")


def sequential(layers):
    return nn.Sequential(*[layer(spec) for spec in layers])


def network(layers, data, memory_format):
    model = sequential(layers)
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            parameter.copy_(data[f"p{i}"])
    return model.to(memory_format=memory_format) if has_convolution(layers) else model


def has_convolution(layers):
    return any(spec["layer"] in ("conv", "residual") for spec in layers)


def make_optimizer(name, parameters, lr=None, betas=None):
    lr = LEARNING_RATES[name] if lr is None else lr
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=lr, momentum=0.9)
    return torch.optim.Adam(parameters, lr=lr, betas=betas or (0.9, 0.999))


class Task:
    """A case, ready to run: `run()` once, `outputs()` by name, `reset()` to where it began."""

    def __init__(self, run, outputs, reset=lambda: None):
        self.run = run
        self.outputs = outputs
        self.reset = reset


def forward(apply):
    def run():
        with torch.no_grad():
            return apply()
    return Task(run, lambda: {"y": run()})


def backward(y, gradient, leaves):
    """Times the way back from y, computed once."""
    names = list(leaves)
    wanted = [leaves[name] for name in names]

    def run():
        return torch.autograd.grad(y, wanted, gradient, retain_graph=True)
    return Task(run, lambda: dict(zip(names, run())))


def one_pass(work, data, apply, memory_format):
    x = data["x"].to(memory_format=memory_format)
    if work["pass"] == "forward":
        return forward(lambda: apply(x))
    x.requires_grad_()
    return backward(apply(x), data["dy"].to(memory_format=memory_format), {"dx": x})


def three_passes(work, data, apply, memory_format):
    images = data["x"].dim() == 4
    place = (lambda t: t.to(memory_format=memory_format)) if images else (lambda t: t)
    x, weight = place(data["x"]), place(data["weight"])
    if work["pass"] == "forward":
        return forward(lambda: apply(x, weight, data["bias"]))
    leaves = {"dx": x} if work["pass"] == "backward-input" else {"dWeight": weight}
    for leaf in leaves.values():
        leaf.requires_grad_()
    return backward(apply(x, weight, None), place(data["dy"]), leaves)


def batch_norm(work, data, memory_format):
    images = len(work["shape"]) == 4
    place = (lambda t: t.to(memory_format=memory_format)) if images else (lambda t: t)
    x, weight, bias = place(data["x"]), data["weight"], data["bias"]
    channels = work["shape"][1]
    mean, variance = torch.zeros(channels), torch.ones(channels)

    def apply():
        return F.batch_norm(x, mean, variance, weight, bias, training=True)
    if work["pass"] == "forward":
        return forward(apply)
    for leaf in (x, weight, bias):
        leaf.requires_grad_()
    return backward(apply(), place(data["dy"]), {"dx": x, "dWeight": weight, "dBias": bias})


def update(work, data):
    start = data["param"].clone()
    param = data["param"].clone().requires_grad_()
    param.grad = data["grad"]
    state = {"optimizer": make_optimizer(work["optimizer"], [param])}

    def reset():
        with torch.no_grad():
            param.copy_(start)
        state["optimizer"] = make_optimizer(work["optimizer"], [param])

    def outputs():
        for _ in range(CHECKED_STEPS):
            state["optimizer"].step()
        return {"param": param}
    return Task(lambda: state["optimizer"].step(), outputs, reset)


def train(work, data, memory_format):
    batch, shape = work["batch"], work["network"]["input"]
    count = len(data["labels"]) // batch
    x = data["x"].reshape([count, batch, *shape])
    images = len(shape) == 3
    batches = [(x[i].contiguous(memory_format=memory_format) if images else x[i], data["labels"][i * batch:(i + 1) * batch]) for i in range(count)]
    state = {}

    def reset():
        state["model"] = network(work["network"]["layers"], data, memory_format)
        state["optimizer"] = make_optimizer(work["optimizer"], state["model"].parameters())
        state["turn"] = 0

    def run():
        inputs, labels = batches[state["turn"] % count]
        state["turn"] += 1
        state["optimizer"].zero_grad(set_to_none=True)
        loss = F.cross_entropy(state["model"](inputs), labels)
        loss.backward()
        state["optimizer"].step()
        return loss.item()
    reset()
    return Task(run, lambda: {"losses": torch.tensor([run() for _ in range(CHECKED_STEPS)])}, reset)


def infer(work, data, memory_format):
    model = network(work["network"]["layers"], data, memory_format).eval()
    x = data["x"].contiguous(memory_format=memory_format) if data["x"].dim() == 4 else data["x"]
    return forward(lambda: model(x))


def build(work, data, memory_format):
    kind = work["kind"]
    if kind == "matmul":
        return forward(lambda: torch.matmul(data["a"], data["b"]))
    if kind == "linear":
        return three_passes(work, data, F.linear, memory_format)
    if kind == "conv":
        return three_passes(work, data, lambda x, w, b: F.conv2d(x, w, b, stride=work["stride"], padding=work["padding"]), memory_format)
    if kind == "batchNorm":
        return batch_norm(work, data, memory_format)
    if kind == "relu":
        return one_pass(work, data, F.relu, torch.contiguous_format)
    if kind == "maxPool":
        return one_pass(work, data, lambda x: F.max_pool2d(x, 2), memory_format)
    if kind == "averagePool":
        return one_pass(work, data, lambda x: F.avg_pool2d(x, 2), memory_format)
    if kind == "bias":
        return forward(lambda: data["x"] + data["bias"])
    if kind == "softmaxCrossEntropy":
        x = data["x"]
        if work["pass"] == "forward":
            return forward(lambda: F.cross_entropy(x, data["labels"]))
        x.requires_grad_()
        return backward(F.cross_entropy(x, data["labels"]), None, {"dx": x})
    if kind == "update":
        return update(work, data)
    if kind == "train":
        return train(work, data, memory_format)
    if kind == "infer":
        return infer(work, data, memory_format)
    raise NotImplementedError(kind)


def works_on_images(work):
    if work["kind"] in ("train", "infer"):
        return has_convolution(work["network"]["layers"])
    return work["kind"] in ("conv", "maxPool", "averagePool") or (work["kind"] == "batchNorm" and len(work["shape"]) == 4)


def sample(task, ms):
    """Times runs for `ms` milliseconds, one at least."""
    task.reset()
    samples, spent = [], 0.0
    while not samples or spent < ms:
        begin = time.perf_counter()
        task.run()
        took = (time.perf_counter() - begin) * 1e3
        samples.append(took)
        spent += took
    samples.sort()
    if len(samples) <= MAX_SAMPLES:
        return samples
    return [samples[int((i + 0.5) * len(samples) / MAX_SAMPLES)] for i in range(MAX_SAMPLES)]


def open_case(request):
    work, data = request["work"], read(request["inputs"])
    layouts = [torch.contiguous_format]
    if TUNED and works_on_images(work):
        layouts.append(torch.channels_last)
    best = None
    for memory_format in layouts:
        task = build(work, {name: tensor.clone() for name, tensor in data.items()}, memory_format)
        outputs = {name: tensor.detach().contiguous().reshape(-1).clone() for name, tensor in task.outputs().items()}
        samples = sample(task, request["warmUpMs"])
        median = samples[len(samples) // 2]
        if best is None or median < best[0]:
            best = (median, task, outputs, memory_format)
    _, task, outputs, memory_format = best
    probed = {name: [float(outputs[name][position]) for position in positions] for name, positions in request["probe"].items()}
    reply = {"is": "open", "outputs": probed}
    if len(layouts) > 1:
        reply["note"] = "channels_last" if memory_format is torch.channels_last else "contiguous"
    return task, reply


def reach(request):
    """Trains by a recipe, the digits lying ready as tensors; where it stood after every epoch."""
    recipe, data = request["recipe"], read(request["inputs"])
    layers, shape, batch = recipe["network"]["layers"], recipe["network"]["input"], recipe["batch"]
    memory_format = torch.channels_last if len(shape) == 3 and TUNED else torch.contiguous_format

    def prepare(name):
        images = (data[name].float() / 255).reshape([-1, *shape])
        if recipe.get("standardise"):
            images = (images - 0.1307) / 0.3081
        return images.contiguous(memory_format=memory_format) if len(shape) == 3 else images
    images, tests = prepare("images"), prepare("testImages")
    labels, test_labels = data["labels"], data["testLabels"]
    torch.manual_seed(request["seed"])
    count = len(labels)
    begin = time.perf_counter()
    model = network(layers, data, memory_format)
    optimizer = make_optimizer(recipe["optimizer"], model.parameters(), recipe["lr"], recipe.get("betas"))
    steps = recipe["epochs"] * -(-count // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe["lr"], total_steps=steps, cycle_momentum="betas" not in recipe) if recipe["oneCycle"] else None
    epochs = []
    for _ in range(recipe["epochs"]):
        model.train()
        order = torch.randperm(count)
        for start in range(0, count, batch):
            chosen = order[start:start + batch]
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(model(images[chosen]), labels[chosen], label_smoothing=recipe.get("labelSmoothing", 0.0)).backward()
            optimizer.step()
            if schedule:
                schedule.step()
        model.eval()
        with torch.no_grad():
            right = sum(int((model(tests[i:i + 1000]).argmax(1) == test_labels[i:i + 1000]).sum()) for i in range(0, len(test_labels), 1000))
        epochs.append({"seconds": time.perf_counter() - begin, "accuracy": right / len(test_labels)})
        if right / len(test_labels) > recipe.get("until", 1):
            break
    return {"is": "reach", "epochs": epochs}


def version():
    """PyTorch's version, and for which processor its OpenBLAS works: what the processor is, or what OPENBLAS_CORETYPE says."""
    libraries = set()
    if os.path.exists("/proc/self/maps"):
        with open("/proc/self/maps", encoding="utf8") as maps:
            libraries = {line.split()[-1] for line in maps if "libopenblas" in line}
    cores = []
    for library in libraries:
        name = ctypes.CDLL(library).openblas_get_corename
        name.restype = ctypes.c_char_p
        cores.append(name().decode())
    return ", ".join([torch.__version__, *(f"OpenBLAS for {core}" for core in sorted(set(cores)))])


def main():
    task = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "hello":
                reply = {"is": "hello", "version": version(), "threads": torch.get_num_threads(), "fast": False}
            elif request["do"] == "open":
                task, reply = open_case(request)
            elif request["do"] == "time":
                reply = {"is": "time", "samplesMs": sample(task, request["ms"])}
            elif request["do"] == "reach":
                reply = reach(request)
            else:
                task, reply = None, {"is": "close"}
        except Exception as error:  # The bench reports it and goes on.
            reply = {"is": "error", "message": f"{type(error).__name__}: {error}".splitlines()[0], "unsupported": isinstance(error, NotImplementedError)}
        print(json.dumps(reply), flush=True)


main()
