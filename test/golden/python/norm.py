"""Normalisations as operations. The layers, with their running statistics, are in layers.py."""
import torch
import torch.nn.functional as F

from support import Family, uniform, values


def make():
    family = Family('norm', 'batchNorm, layerNorm and groupNorm: value and gradients.')
    op = family.op
    for shape in ((6, 3), (4, 3, 5), (3, 2, 4, 5), (2, 1, 1, 1)):
        op('batchNorm', lambda x, w, b: F.batch_norm(x, None, None, w, b, True), uniform(*shape), uniform(shape[1]), uniform(shape[1]), training=True)
    op('batchNorm', lambda x, w, b: F.batch_norm(x, None, None, None, None, True), uniform(4, 3, 2, 2), None, None, note='not affine', training=True)
    op('batchNorm', lambda x, w, b: F.batch_norm(x, None, None, w, b, True), uniform(5, 2, 3, 3, low=99, high=101), uniform(2), uniform(2), note='far from zero', training=True)
    op('batchNorm', lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=0.1), uniform(5, 3), uniform(3), uniform(3), training=True, eps=0.1)
    mean, var = [0.3, -0.2, 0.1], [0.5, 1.5, 2.0]
    for shape in ((5, 3), (2, 3, 4, 3)):
        op('batchNorm', lambda x, w, b: F.batch_norm(x, torch.tensor(mean).double(), torch.tensor(var).double(), w, b, False),
           uniform(*shape), uniform(3), uniform(3), training=False, runningMean=mean, runningVar=var)
    for shape, sizes in (((4, 7), [7]), ((2, 3, 5), [5]), ((2, 3, 5), [3, 5]), ((3, 33), [33])):
        op('layerNorm', lambda x, w, b, sizes=sizes: F.layer_norm(x, sizes, w, b), uniform(*shape), uniform(*sizes), uniform(*sizes), normalizedShape=sizes)
    op('layerNorm', lambda x, w, b: F.layer_norm(x, [6]), uniform(3, 6), None, None, note='not affine', normalizedShape=[6])
    op('layerNorm', lambda x, w, b: F.layer_norm(x, [6], w, b), uniform(3, 6, low=99, high=101), uniform(6), uniform(6), note='far from zero', normalizedShape=[6])
    op('layerNorm', lambda x, w, b: F.layer_norm(x, [4], w, b), values([[1, 1, 1, 1], [0, 0, 0, 1]]), uniform(4), uniform(4), note='of equal numbers', normalizedShape=[4])
    for shape, groups in (((2, 6, 3, 3), 2), ((2, 6, 3, 3), 6), ((2, 6, 2, 2), 1), ((3, 10), 2)):
        op('groupNorm', lambda x, w, b, groups=groups: F.group_norm(x, groups, w, b), uniform(*shape), uniform(shape[1]), uniform(shape[1]), groups=groups)
    op('groupNorm', lambda x, w, b: F.group_norm(x, 2), uniform(2, 4, 3), None, None, note='not affine', groups=2)
    def rms(x, sizes, w=None, eps=2 ** -23):
        y = x / (x.pow(2).mean(tuple(range(-len(sizes), 0)), True) + eps).sqrt()
        return y if w is None else y * w

    # torch.nn.functional.rms_norm came with PyTorch 2.4: its formula.
    for shape, sizes in (((4, 7), [7]), ((2, 3, 5), [3, 5])):
        op('rmsNorm', lambda x, w, sizes=sizes: rms(x, sizes, w), uniform(*shape), uniform(*sizes), normalizedShape=sizes)
    op('rmsNorm', lambda x, w: rms(x, [6], eps=0.1), uniform(3, 6), None, note='not affine', normalizedShape=[6], eps=0.1)
    return family
