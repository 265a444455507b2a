"""What the families share: inputs that depend on the case's name alone, gradients, and compact JSON.

PyTorch computes in double precision from float32 inputs, and each number is rounded to float32 once, at the end: a
golden is then the right answer, without the rounding of one particular machine, and lanewise's own rounding is all
that the tests have to allow for.
"""
import json
import zlib

import numpy as np
import torch


class Spec:
    """An input to be drawn: `make` gets the case's generator and returns a numpy array."""

    def __init__(self, make, grad=False):
        self.make, self.grad = make, grad


def uniform(*shape, low=-2.0, high=2.0, grad=True):
    """Float32 numbers of three decimals (short in the file) in [low, high], without exact zeros."""
    def make(random):
        values = np.round(random.uniform(low, high, shape), 3)
        return np.where(values == 0, 0.001, values).astype(np.float32)
    return Spec(make, grad)


def distinct(*shape, grad=True):
    """Float32 numbers of which no two are equal: for max, min and pools, where ties have a choice."""
    def make(random):
        size = int(np.prod(shape))
        return (np.round((random.permutation(size) - size / 2 + 0.25) * 4 / max(size, 1), 4)).astype(np.float32).reshape(shape)
    return Spec(make, grad)


def whole(*shape, low=0, high=4, dtype=np.int32):
    """Integers in [low, high)."""
    return Spec(lambda random: random.randint(low, high, shape).astype(dtype))


def values(data, dtype=np.float32, grad=True):
    """These numbers."""
    return Spec(lambda random: np.array(data, dtype=dtype), grad and dtype == np.float32)


def generator(name):
    return np.random.RandomState(zlib.crc32(name.encode()))


def to_torch(array, grad=False):
    """Floats become doubles, integers int64, as PyTorch wants them for indices."""
    if array.dtype == np.float32:
        return torch.tensor(array.astype(np.float64), requires_grad=grad)
    return torch.tensor(array.astype(np.int64)) if array.dtype == np.int32 else torch.tensor(array)


def number(value):
    """The shortest text that reads back as the same float32; JSON has no NaN or infinity, so these are strings."""
    if np.isnan(value):
        return '"NaN"'
    if np.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    text = np.format_float_positional(value, unique=True, trim='-') if 1e-4 <= abs(value) < 1e7 else np.format_float_scientific(value, unique=True, trim='-', exp_digits=1)
    return '0' if float(text) == 0 else text


class Raw(str):
    """JSON text, to be written as it is."""


def tensor(value):
    """A tensor or array as JSON: floats as float32, booleans as uint8, other integers as int32."""
    if value is None:
        return None
    array = value.detach().numpy() if isinstance(value, torch.Tensor) else value
    shape = list(array.shape)
    if array.dtype in (np.bool_, np.uint8):
        dtype, items = 'uint8', [str(int(item)) for item in array.ravel()]
    elif array.dtype.kind == 'i':
        dtype, items = 'int32', [str(int(item)) for item in array.ravel()]
    else:
        with np.errstate(over='ignore', under='ignore'):  # What float32 cannot hold is infinite or zero, as it should be.
            dtype, items = None, [number(item) for item in array.astype(np.float32).ravel()]
    kind = '' if dtype is None else f'"dtype":"{dtype}",'
    return Raw(f'{{{kind}"shape":{json.dumps(shape, separators=(",", ":"))},"data":[{",".join(items)}]}}')


def exact(items):
    """A list of doubles, in full."""
    return [float(item) for item in items]


def dump(value):
    """JSON with `Raw` parts."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return '{' + ','.join(f'{json.dumps(key)}:{dump(item)}' for key, item in value.items()) + '}'
    if isinstance(value, (list, tuple)):
        return '[' + ','.join(dump(item) for item in value) + ']'
    return json.dumps(value, allow_nan=False)


class Family:
    """The cases of one file."""

    def __init__(self, name, about):
        self.name, self.about, self.cases = name, about, []
        self.shared = {}

    def add(self, case):
        if any(case['name'] == other['name'] for other in self.cases):
            raise ValueError(f'two cases of {self.name} are called {case["name"]}')
        self.cases.append(case)

    def op(self, op, f, *inputs, note='', grad=True, **arguments):
        """A case of a differentiable function: value, and the gradients of sum(y * dy) for a random dy.

        `inputs` are specs (None: the argument is left out), `arguments` are what the test passes besides; `f` gets
        the inputs as tensors.
        """
        shown = ', '.join(f'{key} {value}' for key, value in arguments.items())
        sizes = ' '.join('x'.join(map(str, spec.make(generator('')).shape)) or 'scalar' for spec in inputs if spec)
        name = f'{op} {note or sizes}' + (f' ({shown})' if shown else '')
        random = generator(f'{self.name}/{name}')
        arrays = [spec and spec.make(random) for spec in inputs]
        tensors = [None if spec is None else to_torch(array, spec.grad and grad) for spec, array in zip(inputs, arrays)]
        y = f(*tensors)
        case = {'name': name, 'op': op, 'inputs': [tensor(array) for array in arrays], 'args': arguments, 'y': tensor(y)}
        if y.requires_grad:
            dy = np.round(random.uniform(-1, 1, tuple(y.shape)), 3).astype(np.float32)
            y.backward(torch.tensor(dy.astype(np.float64)))
            case['dy'] = tensor(dy)
            case['grads'] = [None if x is None or not x.requires_grad else tensor(x.grad if x.grad is not None else torch.zeros_like(x)) for x in tensors]
        self.add(case)

    def text(self):
        head = {'about': self.about, 'pytorch': torch.__version__, **self.shared}
        lines = ',\n'.join(dump(case) for case in self.cases)
        return dump(head)[:-1] + ',"cases":[\n' + lines + '\n]}\n'
