"""Writes the fixtures of this folder with PyTorch 1.13 and NumPy 1.24 (those of Debian 12):

    /usr/bin/python3 test/formats/make.py

fixtures/*.pt, *.npy and *.npz, and fixtures/expected.json: for each file what reading it must give, or the message that
it must be refused with. Values are computed by PyTorch and NumPy: the bytes of float32, int32 or uint8 arrays, in hex.
"""
import io
import json
import os
import pickle
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures')
os.makedirs(FOLDER, exist_ok=True)
torch.manual_seed(1)
expected = {}


def array_of(tensor):
    """A tensor as lanewise holds it."""
    if tensor.dtype in (torch.uint8, torch.bool):
        return 'uint8', tensor.to(torch.uint8).contiguous().numpy()
    if tensor.dtype.is_floating_point:
        return 'float32', tensor.detach().to(torch.float32).contiguous().numpy()
    wide = tensor.to(torch.int64).contiguous().numpy()
    return 'int32', np.clip(wide, -(2**31), 2**31 - 1).astype(np.int32)


def described(dtype, array):
    return {'$tensor': {'dtype': dtype, 'shape': list(array.shape), 'hex': array.tobytes().hex()}}


def plain(value):
    """A value as JSON; what JSON lacks is marked by $."""
    if isinstance(value, torch.Tensor):
        return described(*array_of(value))
    if isinstance(value, (dict, OrderedDict, Counter)):
        return {(str(k).lower() if isinstance(k, bool) else str(k)): plain(v) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return {'$bytes': value.hex()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {'$bigint': str(value)}
    if isinstance(value, float) and (value != value or abs(value) == float('inf')):
        return {'$number': {'inf': 'Infinity', '-inf': '-Infinity', 'nan': 'NaN'}[str(value)]}
    if isinstance(value, torch.dtype):
        return str(value).replace('torch.', '')
    if isinstance(value, torch.device):
        return str(value)
    return value


def note(name, value, error=None, lossy=None):
    expected[name] = {'error': error} if error else {'value': plain(value)}
    if lossy is not None:
        expected[name]['lossy'] = plain(lossy)


def save(name, value, error=None, lossy=False, **options):
    torch.save(value, os.path.join(FOLDER, name), **options)
    note(name, value, error, value if lossy else None)


OLD = {'_use_new_zipfile_serialization': False}


def mlp():
    return torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3))


def cnn():
    model = torch.nn.Sequential(OrderedDict(
        features=torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU()),
        head=torch.nn.Linear(8, 3, bias=False)))
    model.features(torch.randn(2, 1, 6, 6))
    return model


# ---- State dicts ----
save('mlp.pt', mlp().state_dict())
save('mlp-old.pt', mlp().state_dict(), **OLD)
save('cnn.pt', cnn().state_dict())
save('cnn-old.pt', cnn().state_dict(), **OLD)
save('plain-dict.pt', {'w': torch.randn(3), 'b': torch.randn(())})

# ---- Element types ----
special = torch.tensor([0.0, -0.0, 1.0, -1.5, 65504.0, 6e-8, 2.0**-24, float('inf'), float('-inf'), float('nan')])
save('float32.pt', {'x': torch.cat([special, torch.tensor([1e-45, 3.4028235e38, 0.1])])})
save('float16.pt', {'x': torch.cat([special, torch.randn(7)]).half()})
save('bfloat16.pt', {'x': torch.cat([special, torch.randn(7), torch.tensor([1e38, 1e-40])]).bfloat16()})
save('float16-old.pt', {'x': torch.randn(2, 3).half(), 'y': torch.randn(3).bfloat16()}, **OLD)
save('float64.pt', {'x': torch.cat([special, torch.randn(7)]).double()})
save('float64-inexact.pt', {'good': torch.ones(2).double(), 'bad': torch.tensor([1.0, 0.1], dtype=torch.float64)},
     error='tensor "bad", element 1: the float64 0.1 is not exact in float32', lossy=True)
save('int64.pt', {'x': torch.tensor([0, -1, 2**31 - 1, -(2**31)])})
save('int64-large.pt', {'net.count': torch.tensor([[7, 2**31], [-(2**62), 1]])},
     error='tensor "net.count", element 1: 2147483648 does not fit int32', lossy=True)
save('int32.pt', {'x': torch.tensor([[1, -2**31], [2**31 - 1, 0]], dtype=torch.int32)})
save('int16.pt', {'x': torch.tensor([-32768, 32767, 5], dtype=torch.int16)})
save('int8.pt', {'x': torch.tensor([-128, 127, 5], dtype=torch.int8)})
save('uint8.pt', {'x': torch.tensor([0, 128, 255], dtype=torch.uint8)})
save('bool.pt', {'x': torch.tensor([[True, False], [False, True]])})

# ---- Views ----
base = torch.arange(24.0).reshape(4, 6)
save('transposed.pt', {'x': base.t(), 'y': base.reshape(2, 3, 4).permute(2, 0, 1)})
save('sliced.pt', {'x': base[1:, ::2], 'y': base[2], 'z': base[:, 3], 'w': base[3:, 5:]})
save('expanded.pt', {'x': torch.tensor([[1.0], [2.0]]).expand(2, 5), 'y': torch.tensor(3.0).expand(4)})
save('shared.pt', {'all': base, 'row': base[1], 'corner': base[2:, 4:]})
save('shared-old.pt', {'all': base, 'row': base[1], 'corner': base[2:, 4:], 'half': base.half()[::2]}, **OLD)
tied = torch.nn.Linear(3, 3, bias=False)
save('tied.pt', torch.nn.Sequential(tied, tied).state_dict())
save('small-view-of-large.pt', {'x': torch.randn(1000)[500:503]})
save('channels-last.pt', {'x': torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)})

# ---- Shapes ----
save('empty.pt', {'x': torch.empty(0), 'y': torch.empty(3, 0, 2), 'z': torch.empty(0, dtype=torch.int64)})
save('empty-dict.pt', {})
save('scalars.pt', {'loss': torch.tensor(0.25), 'step': torch.tensor(7), 'done': torch.tensor(True)})
save('lone.pt', torch.randn(2, 2))
save('lone-old.pt', torch.randn(2, 2), **OLD)
save('list.pt', [torch.randn(2), (torch.randn(1), 3)])
save('parameters.pt', {'w': torch.nn.Parameter(torch.randn(2)),
                       'b': torch.nn.Parameter(torch.zeros(1), requires_grad=False)})

# ---- Checkpoints ----
def trained(optimizer_class, **options):
    model = mlp()
    optimizer = optimizer_class(model.parameters(), lr=0.1, **options)
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.randn(4, 5)).square().mean().backward()
        optimizer.step()
    return model, optimizer


model, optimizer = trained(torch.optim.SGD, momentum=0.9)
save('sgd.pt', {'model': model.state_dict(), 'optimizer': optimizer.state_dict(), 'epoch': 2})
model, optimizer = trained(torch.optim.Adam, amsgrad=True)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2, 5, 5])
save('adam.pt', {'epoch': 3, 'model_state_dict': model.state_dict(), 'optimizer_state_dict': optimizer.state_dict(),
                 'scheduler': {k: v for k, v in scheduler.state_dict().items() if not k.startswith('_get')}})
save('adam-old.pt', {'state': optimizer.state_dict(), 'best': 0.5}, **OLD)
save('nested.pt', {'a': {'b': {'c': [1, 2.5, None, True, False, 'text', -7, 2**40, 2**70, float('inf')]}},
                   'empty': [], 'none': None, 'text': 'größer ∞', 7: 'seven', True: 'yes', 'size': torch.Size([2, 3]),
                   'dtype': torch.float16, 'device': torch.device('cuda', 1), 'raw': b'\x00\xff\x80', 'set': {1, 2}})
deep = {'x': torch.ones(1)}
for _ in range(60):
    deep = {'d': deep}
save('deep.pt', deep)
save('keys.pt', OrderedDict([('with space', torch.ones(1)), ('ünï.code', torch.ones(1)), ('__proto__', torch.ones(1)),
                             ('constructor', torch.ones(1)), ('', torch.ones(1))]))
twice = mlp().state_dict()
save('dict-twice.pt', {'model': twice, 'same': twice})

# ---- Protocols ----
for protocol in (3, 4, 5):
    save(f'protocol-{protocol}.pt', {'model': cnn().state_dict(), 'raw': b'ab', 'bytes': bytearray(b'cd'), 'set': {3},
                                     'frozen': frozenset([4]), 'n': [1, -1, 70000, 2**33]}, pickle_protocol=protocol)
save('protocol-4-old.pt', mlp().state_dict(), pickle_protocol=4, **OLD)

# ---- What is refused ----
save('whole-model.pt', mlp(), error='it names "torch.nn.modules.container.Sequential", which is not loaded')
save('whole-model-old.pt', torch.nn.Linear(2, 2),
     error='it names "torch.nn.modules.linear.Linear", which is not loaded', **OLD)
save('complex.pt', {'x': torch.randn(2, dtype=torch.complex64)}, error='it has a complex tensor, which is not read')
save('sparse.pt', {'x': torch.eye(3).to_sparse()}, error='it has a sparse tensor, which is not read')
save('quantised.pt', {'x': torch.quantize_per_tensor(torch.randn(3), 0.1, 0, torch.qint8)},
     error='it has a quantised tensor, which is not read')
save('numpy-scalar.pt', {'best': np.float64(0.5)}, error='it names "numpy.core.multiarray.scalar", which is not loaded')
loop = []
loop.append({'loop': loop})
save('loop.pt', {'top': loop}, error='"top.0.loop" contains itself')
endless = torch.ones(1)
for _ in range(120):
    endless = [endless]
save('too-deep.pt', endless, error='it is nested deeper than 100')
torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), os.path.join(FOLDER, 'script.pt'))
note('script.pt', None, error='it is a program of TorchScript, which is not run here')
big = io.BytesIO()
torch.save(torch.ones(1), big, **OLD)
with open(os.path.join(FOLDER, 'big-endian.pt'), 'wb') as file:
    file.write(big.getvalue().replace(b'little_endianq\x02\x88', b'little_endianq\x02\x89'))
note('big-endian.pt', None, error='it was written on a big-endian machine, which is not read')
with open(os.path.join(FOLDER, 'pickle.pkl'), 'wb') as file:
    pickle.dump({'x': [1, 2]}, file)
note('pickle.pkl', None, error='it is a pickle of Python, but not one of torch.save')


# ---- NumPy ----
def as_lanewise(array):
    if array.dtype == np.bool_ or array.dtype == np.uint8:
        return described('uint8', np.ascontiguousarray(array.astype(np.uint8)).reshape(array.shape))
    if array.dtype.kind == 'f':
        with np.errstate(over='ignore'):
            return described('float32', np.ascontiguousarray(array.astype('<f4')).reshape(array.shape))
    limited = np.clip(array, -(2**31), 2**31 - 1).astype('<i4')
    return described('int32', np.ascontiguousarray(limited).reshape(array.shape))


def save_npy(name, array, error=None, version=None, lossy=False):
    with open(os.path.join(FOLDER, name), 'wb') as file:
        np.lib.format.write_array(file, array, version=version)
    expected[name] = {'error': error} if error else {'value': {'tensor': as_lanewise(array)}}
    if lossy:
        expected[name]['lossy'] = {'tensor': as_lanewise(array)}


def save_npz(name, arrays, error=None, compressed=False):
    (np.savez_compressed if compressed else np.savez)(os.path.join(FOLDER, name), **arrays)
    expected[name] = {'error': error} if error else {'value': {k: as_lanewise(v) for k, v in arrays.items()}}


random = np.random.default_rng(1)
every = {code: np.array([0, 1, 100, 7, 127, 2], dtype=code).reshape(2, 3)
         for code in ('u1', 'u2', 'u4', 'u8', 'i1', 'i2', 'i4', 'i8', 'f2', 'f4', 'f8')}
every.update({'signed' + code: np.array([-1, -100, 5], dtype=code)
              for code in ('i1', 'i2', 'i4', 'i8', 'f2', 'f4', 'f8')})
every.update({'big' + code: np.array([1, 2, 100], dtype='>' + code) for code in ('u2', 'i4', 'i8', 'f2', 'f4', 'f8')})
every['bool'] = np.array([True, False])
every['fortran'] = np.asfortranarray(random.standard_normal((3, 4)).astype('f4'))
every['fortran3'] = np.asfortranarray(np.arange(24, dtype='i8').reshape(2, 3, 4))
every['scalar'] = np.array(2.5, dtype='f4')
every['empty'] = np.zeros((0, 3), dtype='f4')
save_npz('every.npz', every)
save_npz('compressed.npz', {'x': np.arange(500, dtype='f4').reshape(5, 100), 'zeros': np.zeros((50, 40), dtype='f4')},
         compressed=True)
save_npz('empty.npz', {})
save_npz('inexact.npz', {'fine': np.zeros(2), 'bad': np.array([0.5, 0.1])},
         error='tensor "bad", element 1: the float64 0.1 is not exact in float32')
save_npy('v1.npy', random.standard_normal((2, 3)).astype('f4'))
save_npy('v2.npy', np.asfortranarray(random.standard_normal((2, 3)).astype('f4')), version=(2, 0))
save_npy('v3.npy', np.arange(5, dtype='i2'), version=(3, 0))
save_npy('large.npy', np.array([2**40, -(2**40), 3]),
         error='the array, element 0: 1099511627776 does not fit int32', lossy=True)
save_npy('complex.npy', np.zeros(2, dtype='c8'), error='the array has elements of the type "<c8", which are not read')
save_npy('object.npy', np.array([{}], dtype=object),
         error='the array has elements of the type "|O", which are not read')
save_npy('text.npy', np.array(['ab']), error='the array has elements of the type "<U2", which are not read')
save_npy('structured.npy', np.zeros(2, dtype=[('a', 'f4'), ('b', 'i4')]), error='the array has elements of the type')

with zipfile.ZipFile(os.path.join(FOLDER, 'other.zip'), 'w') as other:
    other.writestr(zipfile.ZipInfo('config.json'), '{}')
note('other.zip', None, error='it is a zip file, but neither of PyTorch nor of NumPy: it has "config.json"')

with open(os.path.join(FOLDER, 'expected.json'), 'w') as file:
    compact = {name: json.dumps(value, separators=(',', ':')) for name, value in sorted(expected.items())}
    rows = [f'{json.dumps(name)}: {text}' for name, text in compact.items()]
    file.write('{\n' + ',\n'.join(rows) + '\n}\n')
