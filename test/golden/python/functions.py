"""Sines, roundings, truth values, triangles, unit vectors."""
import numpy as np
import torch
import torch.nn.functional as F

from support import Family, uniform, values

INF, NAN = float('inf'), float('nan')


def make():
    family = Family('functions', 'Functions of elements, truth values, triangles and unit vectors: value and gradients.')
    op = family.op
    for name in ('sin', 'cos'):
        f = getattr(torch, name)
        op(name, f, uniform(3, 7))
        op(name, f, uniform(9, low=-1000, high=1000), note='wide')
        op(name, f, values([INF, -INF, NAN]), note='not finite', grad=False)
    op('log1p', torch.log1p, uniform(3, 7, low=-0.9, high=4))
    op('log1p', torch.log1p, values([1e-30, -1e-6, 3e-8, 1e-3, 3e4, 1e30]), note='wide')
    op('log1p', torch.log1p, values([-1, -2, INF, NAN]), note='outside', grad=False)
    for name in ('floor', 'ceil', 'round', 'sign'):
        f = getattr(torch, name)
        op(name, f, uniform(3, 7))
        op(name, f, values([-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 1e9, INF, -INF]), note='ties and ends')
        op(name, f, values([-3, 0, 7], dtype=np.int32), note='of int32')
    op('sign', torch.sign, values([NAN]), note='of NaN', grad=False)
    for name in ('isnan', 'isfinite'):
        op(name, getattr(torch, name), values([0, -1, NAN, INF, -INF, 3e38], grad=False))
    op('logicalNot', torch.logical_not, values([0, -1, NAN, 0.5], grad=False))
    for name, f in {'logicalAnd': torch.logical_and, 'logicalOr': torch.logical_or, 'logicalXor': torch.logical_xor}.items():
        op(name, f, values([[0, 1, -2], [0.5, 0, NAN]], grad=False), values([0, 1, 0], grad=False))
    for name, f in {'any': torch.any, 'all': torch.all}.items():
        op(name, f, values([[0, 0, 0], [0, 1, 0]], grad=False))
        op(name, lambda x, f=f: f(x, 1), values([[0, 0, 0], [0, 2, 0], [1, NAN, 1]], grad=False), axes=1)
        op(name, lambda x, f=f: f(x, 0, True), values([[0, 1], [1, 1]], grad=False), axes=0, keepDim=True)
    mask = values([[0, 1, 0], [1, 0, 0]], dtype=np.uint8)
    op('maskedFill', lambda x, m: x.masked_fill(m.bool(), -INF), uniform(2, 3), mask, value='-Infinity')
    op('maskedFill', lambda x, m: x.masked_fill(m.bool(), 0.5), uniform(4, 1, 3), mask, note='broadcast', value=0.5)
    for name in ('tril', 'triu'):
        f = getattr(torch, name)
        op(name, f, uniform(3, 4))
        for diagonal in (-1, 2):
            op(name, lambda x, f=f, d=diagonal: f(x, d), uniform(2, 4, 3), diagonal=diagonal)
    op('normalize', F.normalize, uniform(3, 5))
    op('normalize', lambda x: F.normalize(x, p=1, dim=0), uniform(3, 5), p=1, axis=0)
    op('normalize', lambda x: F.normalize(x, eps=3), values([[1, 1], [30, 40]]), note='below eps', eps=3)
    op('cosineSimilarity', F.cosine_similarity, uniform(3, 5), uniform(3, 5))
    op('cosineSimilarity', lambda a, b: F.cosine_similarity(a, b, dim=-1), uniform(4, 2, 3), uniform(2, 3), axis=-1)
    return family
