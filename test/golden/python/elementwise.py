"""Elementwise functions, with broadcasting, scalars, kinks and the ends of the range."""
import numpy as np
import torch
import torch.nn.functional as F

from support import Family, uniform, values, whole

INF, NAN = float('inf'), float('nan')


def make():
    family = Family('elementwise', 'Elementwise operations: value and gradients.')
    op = family.op
    unary = {
        'neg': torch.neg, 'abs': torch.abs, 'exp': torch.exp, 'square': torch.square, 'sigmoid': torch.sigmoid,
        'tanh': torch.tanh, 'relu': torch.relu, 'gelu': F.gelu, 'silu': F.silu, 'softplus': F.softplus, 'elu': F.elu,
        'leakyRelu': F.leaky_relu,
    }
    for name, f in unary.items():
        op(name, f, uniform(3, 7))
        op(name, f, uniform(9, low=-12, high=12), note='wide')
        op(name, f, values([0.0, -1e-6, 1e-6, -30, 30, 19.5, 20.5, -0.75, 88, -88]), note='kinks and ends')
        op(name, f, values([-INF, INF, NAN]), note='not finite', grad=False)
    for name, f in {'log': torch.log, 'sqrt': torch.sqrt, 'rsqrt': torch.rsqrt}.items():
        op(name, f, uniform(3, 7, low=0.01, high=4))
        op(name, f, values([1e-30, 1e-6, 1, 3e4, 1e30]), note='wide')
        op(name, f, values([0, -1, INF, NAN]), note='outside', grad=False)
    op('reciprocal', torch.reciprocal, uniform(3, 7, low=0.2, high=4))
    op('reciprocal', torch.reciprocal, values([-0.001, 1000, -7]), note='wide')
    op('reciprocal', torch.reciprocal, values([0, INF, -INF, NAN]), note='outside', grad=False)
    op('exp', torch.exp, values([88.7, 89, 104, -87, -95, -104]), note='overflow and underflow', grad=False)

    for slope in (0, 0.2):
        op('leakyRelu', lambda x, slope=slope: F.leaky_relu(x, slope), uniform(11), negativeSlope=slope)
    for alpha in (0.5, 2):
        op('elu', lambda x, alpha=alpha: F.elu(x, alpha), uniform(11), alpha=alpha)
    op('gelu', lambda x: F.gelu(x, approximate='tanh'), uniform(3, 7, low=-4, high=4), approximate='tanh')
    op('softplus', lambda x: F.softplus(x, 2, 5), values([-8, -1, 0, 1, 2.4, 2.6, 9]), beta=2, threshold=5)
    op('clamp', lambda x: torch.clamp(x, -0.5, 1), uniform(3, 7), min=-0.5, max=1)
    op('clamp', lambda x: torch.clamp(x, min=0.25), uniform(11), min=0.25)
    op('clamp', lambda x: torch.clamp(x, max=0.25), uniform(11), max=0.25)
    op('clamp', lambda x: torch.clamp(x, -1, 1), values([-1, 1, -2, 2, 0]), note='at the bounds', min=-1, max=1)

    shapes = [((3, 5), (3, 5)), ((3, 5), (5,)), ((4, 1, 3), (2, 1)), ((2, 3, 1, 2), (1, 3, 4, 1)), ((7,), ()), ((0, 3), (1, 3))]
    for name, f in {'add': torch.add, 'sub': torch.sub, 'mul': torch.mul, 'div': torch.div, 'maximum': torch.maximum, 'minimum': torch.minimum}.items():
        for a, b in shapes:
            second = uniform(*b, low=0.3, high=2) if name == 'div' else uniform(*b)
            op(name, f, uniform(*a), second)
    for name, f in {'add': torch.add, 'sub': torch.sub, 'mul': torch.mul, 'div': torch.div}.items():
        op(name, lambda x, f=f: f(x, 1.7), uniform(3, 5), scalar=1.7)
    op('maximum', torch.maximum, values([1, 2, 3, 0]), values([1, 3, 2, 0]), note='ties')
    op('minimum', torch.minimum, values([1, 2, 3, 0]), values([1, 3, 2, 0]), note='ties')
    op('div', torch.div, values([1, -1, 0, 2]), values([0, 0, 0, -4]), note='by zero', grad=False)

    for exponent in (2, 3, 0.5, -1, -2, 1.7, 0, 1):
        op('pow', lambda x, e=exponent: torch.pow(x, e), uniform(7, low=0.1, high=3), scalar=exponent)
    for exponent in (2, 3, -1):
        op('pow', lambda x, e=exponent: torch.pow(x, e), uniform(7, low=-3, high=-0.1), note='negative base', scalar=exponent)
    op('pow', lambda x: torch.pow(x, 2), values([0, 1, -2]), note='zero base', scalar=2)
    for a, b in shapes[:5]:
        op('pow', torch.pow, uniform(*a, low=0.2, high=2), uniform(*b))
    op('pow', torch.pow, values([0, 0, 1, -2, -2, 0.5]), values([0, 2, 7, 2, 3, -3]), note='special pairs', grad=False)
    op('pow', torch.pow, values([-2, -0.5, 0]), values([0.5, 1.5, -1]), note='outside', grad=False)

    for name, f in {'gt': torch.gt, 'ge': torch.ge, 'lt': torch.lt, 'le': torch.le, 'eq': torch.eq, 'ne': torch.ne}.items():
        op(name, f, values([[1, 2, 3], [3, 2, NAN]], grad=False), values([2, 2, 3], grad=False), note='broadcast and ties')
        op(name, lambda x, f=f: f(x, 0.5), values([0, 0.5, 1, -1], grad=False), scalar=0.5)
    long = [16777216, 16777217, -16777217, 2147483647, -2147483648, 5]
    turned = [16777217, 16777217, -16777216, -2147483648, -2147483647, 5]
    integers = lambda data: values(data, dtype=np.int32)
    for name in ('gt', 'ge', 'lt', 'le', 'eq', 'ne', 'maximum', 'minimum'):
        op(name, getattr(torch, name), integers(long), integers(turned), note='of long int32')
    most = 16777217
    op('clamp', lambda x: torch.clamp(x, -most, most), integers(long), note='of long int32', min=-most, max=most)
    op('square', torch.square, integers([4097, -4099, 46340]), note='of int32')
    op('abs', torch.abs, integers([16777217, -16777217]), note='of int32')
    op('neg', torch.neg, integers([16777217, -16777217]), note='of int32')
    numbers = [-1.7, -0.5, 0, 0.5, 1.7, 2.5, 254.9]
    op('cast', lambda x: x.to(torch.int32), values(numbers, grad=False), dtype='int32')
    op('cast', lambda x: x.to(torch.uint8), values(numbers[2:], grad=False), dtype='uint8')
    op('cast', lambda x: x.double(), values([-3, 0, 70000], dtype=np.int32), note='of int32', dtype='float32')
    mask = whole(3, 5, high=2, dtype=np.uint8)
    op('where', lambda c, a, b: torch.where(c.bool(), a, b), mask, uniform(3, 5), uniform(3, 5))
    op('where', lambda c, a, b: torch.where(c.bool(), a, b), mask, uniform(5), uniform(3, 1), note='broadcast')
    return family
