"""Recurrent layers and cells: outputs, last states and all gradients, and twenty steps of training."""
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from layers import fill, state
from support import Family, generator, tensor

TORCH_NAMES = {'numLayers': 'num_layers', 'batchFirst': 'batch_first'}
STEPS = 20


def numbers(random, *shape):
    return np.round(random.uniform(-1, 1, shape), 3).astype(np.float32)


def double(array, grad=False):
    return torch.tensor(array.astype(np.float64), requires_grad=grad)


def listed(states):
    return list(states) if isinstance(states, tuple) else [states]


def forward(module, x, states, lengths):
    """The output padded to the length of x, and the last states as a list."""
    given = None if states is None else states[0] if len(states) == 1 else tuple(states)
    if lengths is None:
        result = module(x, given)
        return (result[0], listed(result[1])) if isinstance(module, nn.RNNBase) else (None, listed(result))
    first = module.batch_first
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=first, enforce_sorted=False)
    output, last = module(packed, given)
    output, _ = pad_packed_sequence(output, batch_first=first, total_length=x.shape[1 if first else 0])
    return output, listed(last)


def make():
    family = Family('recurrent', 'Recurrent layers and cells: outputs, last states, all gradients; training for 20 steps.')

    def run(kind, sizes, x_shape, initial=False, lengths=None, **options):
        shown = ', '.join(f'{key} {value}' for key, value in options.items())
        extra = (' with a state' if initial else '') + (f' of lengths {lengths}' if lengths else '')
        name = f'{kind}({", ".join(map(str, sizes))}{shown and ", " + shown}) of {"x".join(map(str, x_shape))}{extra}'
        random = generator(f'recurrent/{name}')
        module = getattr(nn, kind)(*sizes, **{TORCH_NAMES.get(key, key): value for key, value in options.items()}).double()
        fill(module, random)
        x = double(numbers(random, *x_shape), True)
        output, last = forward(module, x, None, lengths)
        states = [double(numbers(random, *part.shape), True) for part in last] if initial else None
        output, last = forward(module, x, states, lengths)
        results = ([] if output is None else [output]) + last
        gradients = [numbers(random, *result.shape) for result in results]
        sum((result * double(gradient)).sum() for result, gradient in zip(results, gradients)).backward()
        family.add({
            'name': name, 'layer': kind, 'arguments': sizes, 'options': options, 'lengths': lengths, 'state': state(module), 'x': tensor(x),
            'initial': states and [tensor(part) for part in states], 'output': output is not None, 'results': [tensor(result) for result in results],
            'gradients': [tensor(gradient) for gradient in gradients], 'dx': tensor(x.grad),
            'dInitial': states and [tensor(part.grad) for part in states],
            'grads': {key: tensor(parameter.grad) for key, parameter in module.named_parameters()},
        })

    for kind in ('RNN', 'LSTM', 'GRU'):
        run(kind, [3, 5], [4, 2, 3])
        run(kind, [3, 4], [5, 3], initial=True, bias=False)
        run(kind, [2, 3], [3, 5, 2], initial=True, lengths=[2, 5, 3], numLayers=2, bidirectional=True, batchFirst=True)
        run(kind + 'Cell', [3, 5], [2, 3], initial=True)
        run(kind + 'Cell', [3, 2], [3], bias=False)
    run('RNN', [3, 4], [4, 2, 3], lengths=[4, 2], nonlinearity='relu', bidirectional=True)
    run('RNNCell', [2, 3], [3, 2], nonlinearity='relu')

    # Twenty steps of SGD with momentum on the squares of the last output.
    random = generator('recurrent/training')
    module = nn.LSTM(3, 6, num_layers=2).double()
    fill(module, random)
    x = numbers(random, 5, 4, 3)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.5, momentum=0.9)
    initial, losses = state(module), []
    for _ in range(STEPS):
        optimizer.zero_grad()
        output, _ = module(double(x))
        loss = (output[-1] - 0.5).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    family.shared = {'training': {'x': tensor(x), 'state': initial, 'losses': losses, 'end': state(module)}}
    return family
