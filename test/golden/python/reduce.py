"""Reductions over any axes, and softmax."""
import numpy as np
import torch

from support import Family, distinct, uniform, values, whole


def make():
    family = Family('reduce', 'Reductions, softmax and logSoftmax: value and gradients. No axes: over all.')
    op = family.op
    axes_list = [None, [0], [1], [-1], [0, 2], [1, 2]]

    def over(f, axes, keep):
        return (lambda x: f(x, tuple(range(x.dim())), keep)) if axes is None else (lambda x: f(x, tuple(axes), keep))

    def arguments(axes, keep):
        return {**({} if axes is None else {'axes': axes}), **({'keepDim': True} if keep else {})}

    def norm(p):
        return lambda x, dims, keep: torch.linalg.vector_norm(x, p, dims, keep)

    functions = {
        'sum': (torch.sum, uniform), 'mean': (torch.mean, uniform), 'max': (torch.amax, distinct), 'min': (torch.amin, distinct),
        'logSumExp': (torch.logsumexp, uniform),
        'var': (lambda x, dims, keep: torch.var(x, dims, unbiased=True, keepdim=keep), uniform),
        'std': (lambda x, dims, keep: torch.std(x, dims, unbiased=True, keepdim=keep), uniform),
    }
    for name, (f, draw) in functions.items():
        for axes in axes_list:
            op(name, over(f, axes, False), draw(3, 4, 5), **arguments(axes, False))
        for axes in ([1], [0, 2]):
            op(name, over(f, axes, True), draw(3, 4, 5), **arguments(axes, True))
        op(name, over(f, None, False), draw(37), note='37')
        if name != 'logSumExp':  # PyTorch 1.13 fails on it, and on the gradients of var and std.
            grad = name not in ('var', 'std')
            op(name, lambda x, f=f: f(x, [], False), draw(3, 4), grad=grad, axes=[])
            op(name, lambda x, f=f: f(x, [], True), draw(3, 4), grad=grad, axes=[], keepDim=True)
    for name, f in {'var': torch.var, 'std': torch.std}.items():
        op(name, lambda x, f=f: f(x, (1,), unbiased=False), uniform(3, 6), axes=[1], correction=0)
        op(name, lambda x, f=f: f(x, (1,), unbiased=True), uniform(3, 6, low=99, high=101), note='far from zero', axes=[1])

    for p in (1, 2, 3, float('inf')):
        shown = 'Infinity' if p == float('inf') else p
        for axes in (None, [1], [0, 2]):
            op('norm', over(norm(p), axes, False), distinct(3, 4, 5), p=shown, **arguments(axes, False))
    op('norm', over(norm(2), [1], True), uniform(3, 4), p=2, axes=[1], keepDim=True)
    op('norm', over(norm(2), [], False), uniform(3, 4), p=2, axes=[])
    op('norm', over(norm(2), [1], False), values([[0, 0, 0], [3, 4, 0]]), note='of zeros', p=2, axes=[1])

    # torch.prod takes one axis, so several are flattened into one first.
    op('prod', torch.prod, uniform(3, 4))
    op('prod', lambda x: torch.prod(x, 1), uniform(3, 4), axes=[1])
    op('prod', lambda x: torch.prod(x, 0, keepdim=True), uniform(3, 4), axes=[0], keepDim=True)
    op('prod', lambda x: torch.prod(x.permute(1, 0, 2).reshape(3, -1), 1), uniform(2, 3, 4), axes=[0, 2])
    op('prod', lambda x: torch.prod(x, 1), values([[1.5, 0, -2], [0, 3, 0], [0.5, 2, 4]]), note='with zeros', axes=[1])

    for name, f in {'argmax': torch.argmax, 'argmin': torch.argmin}.items():
        op(name, f, distinct(3, 4, 5, grad=False))
        for axis in (0, 1, -1):
            op(name, lambda x, f=f, axis=axis: f(x, axis), distinct(3, 4, 5, grad=False), axis=axis)
        op(name, lambda x, f=f: f(x, 1, keepdim=True), distinct(3, 4, grad=False), axis=1, keepDim=True)
    op('max', lambda x: torch.amax(x, 1), values([[1, 3, 3, 2], [5, 5, 5, 5]]), note='ties', axes=[1])
    op('min', lambda x: torch.amin(x, 1), values([[1, 1, 3, 2], [5, 5, 5, 5]]), note='ties', axes=[1])

    # Integers: sums and products are int64 in PyTorch, written as int32.
    long = lambda: whole(3, 4, 5, low=2**24, high=2**24 + 9)
    few = lambda: whole(3, 4, low=0, high=256, dtype=np.uint8)
    for axes in (None, [1], [0, 2]):
        for name, f in {'sum': torch.sum, 'max': torch.amax, 'min': torch.amin}.items():
            op(name, over(f, axes, False), long(), note='of long int32', **arguments(axes, False))
        mean = over(lambda x, *rest: torch.mean(x.double(), *rest), axes, False)
        op('mean', mean, long(), note='of long int32', **arguments(axes, False))
    for name, f in {'sum': torch.sum, 'max': torch.amax, 'min': torch.amin}.items():
        op(name, over(f, [1], True), few(), note='of uint8', **arguments([1], True))
    op('prod', lambda x: torch.prod(x, 1), whole(3, 9, low=7, high=10), note='of int32', axes=[1])
    for name, f in {'argmax': torch.argmax, 'argmin': torch.argmin}.items():
        op(name, f, values([16777217, 16777216, 16777218, 16777215], dtype=np.int32), note='of long int32')

    op('logSumExp', lambda x: torch.logsumexp(x, 1), values([[1000, 1001, 999], [-1000, -1001, -1002]]), note='large', axes=[1])
    for name, f in {'softmax': torch.softmax, 'logSoftmax': torch.log_softmax}.items():
        for axis in (0, 1, -1):
            op(name, lambda x, f=f, axis=axis: f(x, axis), uniform(3, 4, 5, low=-4, high=4), axis=axis)
        op(name, lambda x, f=f: f(x, -1), uniform(5, 33), note='5x33')
        op(name, lambda x, f=f: f(x, 1), values([[1000, 1001, 999], [-1000, -1001, -1002], [0, 90, -90]]), note='large', axis=1)
    for axis in (0, 1):
        op('cumsum', lambda x, axis=axis: torch.cumsum(x, axis), uniform(3, 4), axis=axis)
    # Equal elements, both zeros, infinities and NaN, in their places of each order.
    odd = values([[1, np.nan, -0.0, np.inf, 1, 0], [-np.inf, 2, np.nan, 2, -1, np.inf]], grad=False)
    for part in ('values', 'indices'):
        for descending in (False, True):
            arguments = {'axis': 1, 'descending': descending, 'part': part}
            run = lambda x, **_: getattr(torch.sort(x, dim=1, descending=descending, stable=True), part)
            op('sort', run, distinct(3, 5), **arguments)
            op('sort', run, odd, note='odd', **arguments)
            op('topk', lambda x: getattr(torch.topk(x, 2, 0, descending), part), distinct(4, 3), k=2, axis=0, largest=descending, part=part)
    op('argsort', lambda x: torch.argsort(x, 1), distinct(3, 5), axis=1)
    return family
