"""Operations that move elements: shapes, slices, gathers, joins."""
import torch
import torch.nn.functional as F

from support import Family, uniform, values, whole
import numpy as np


def make():
    family = Family('movement', 'Operations that move elements: value and gradients.')
    op = family.op
    op('reshape', lambda x: x.reshape(4, 6), uniform(2, 3, 4), shape=[4, 6])
    op('reshape', lambda x: x.reshape(-1, 8), uniform(2, 3, 4), shape=[-1, 8])
    op('flatten', lambda x: torch.flatten(x), uniform(2, 3, 4))
    op('flatten', lambda x: torch.flatten(x, 1), uniform(2, 3, 4), startAxis=1)
    op('flatten', lambda x: torch.flatten(x, 1, 2), uniform(2, 3, 4, 2), startAxis=1, endAxis=2)
    op('squeeze', lambda x: torch.squeeze(x), uniform(1, 3, 1, 2))
    op('squeeze', lambda x: torch.squeeze(x, 2), uniform(1, 3, 1, 2), axis=2)
    op('unsqueeze', lambda x: torch.unsqueeze(x, 1), uniform(3, 2), axis=1)
    op('unsqueeze', lambda x: torch.unsqueeze(x, -1), uniform(3, 2), axis=-1)
    op('transpose', lambda x: torch.transpose(x, 0, 1), uniform(3, 5), a=0, b=1)
    op('transpose', lambda x: torch.transpose(x, 1, -1), uniform(2, 3, 4), a=1, b=-1)
    op('permute', lambda x: x.permute(2, 0, 1), uniform(2, 3, 4), axes=[2, 0, 1])
    op('permute', lambda x: x.permute(0, 2, 3, 1), uniform(2, 3, 4, 5), axes=[0, 2, 3, 1])
    op('slice', lambda x: x[:, 1:3], uniform(3, 5), axis=1, start=1, end=3)
    op('slice', lambda x: x[1:], uniform(4, 3), axis=0, start=1)
    op('slice', lambda x: x[:, :-2], uniform(3, 5), axis=1, start=0, end=-2)
    op('slice', lambda x: x[:, 0:5:2], uniform(3, 5), axis=1, start=0, end=5, step=2)
    op('select', lambda x: x[:, 2], uniform(3, 5, 2), axis=1, index=2)
    op('select', lambda x: x[-1], uniform(3, 5), axis=0, index=-1)
    op('gather', lambda x, i: torch.gather(x, 1, i), uniform(3, 5), whole(3, 4, high=5), axis=1)
    op('gather', lambda x, i: torch.gather(x, 0, i), uniform(4, 3), whole(6, 3, high=4), axis=0)
    for axis, sizes in ((0, [(2, 3), (1, 3), (4, 3)]), (1, [(2, 3, 2), (2, 1, 2)]), (-1, [(2, 3), (2, 2)])):
        op('concat', lambda *x, axis=axis: torch.cat(x, axis), *(uniform(*size) for size in sizes), axis=axis)
    for axis in (0, 1, -1):
        op('stack', lambda *x, axis=axis: torch.stack(x, axis), *(uniform(2, 3) for _ in range(3)), axis=axis)
    for piece in range(3):
        op('split', lambda x, piece=piece: torch.split(x, 2, 1)[piece], uniform(3, 5), sizes=2, axis=1, piece=piece)
        op('split', lambda x, piece=piece: torch.split(x, [1, 3, 2], 0)[piece], uniform(6, 2), sizes=[1, 3, 2], axis=0, piece=piece)
    op('pad', lambda x: F.pad(x, (2, 1, 0, 3)), uniform(3, 4), padding=[2, 1, 0, 3])
    op('pad', lambda x: F.pad(x, (1, 1, 2, 0), value=-1.5), uniform(2, 3, 4), padding=[1, 1, 2, 0], value=-1.5)
    op('flip', lambda x: torch.flip(x, (1,)), uniform(3, 5), axes=[1])
    op('flip', lambda x: torch.flip(x, (0, 2)), uniform(2, 3, 4), axes=[0, 2])
    op('repeat', lambda x: x.repeat(2, 3), uniform(2, 3), counts=[2, 3])
    op('repeat', lambda x: x.repeat(2, 1, 2), uniform(2, 3), counts=[2, 1, 2])
    op('broadcastTo', lambda x: x.expand(4, 3, 5), uniform(3, 1), shape=[4, 3, 5])
    op('oneHot', lambda i: F.one_hot(i, 5).double(), whole(7, high=5), classes=5)
    op('oneHot', lambda i: F.one_hot(i, 3).double(), whole(2, 3, high=3), classes=3)
    op('embedding', lambda i, w: F.embedding(i, w), values([[0, 3, 3], [1, 0, 3]], dtype=np.int32), uniform(5, 4))
    op('clone', lambda x: torch.clone(x), uniform(2, 3))
    for piece in range(3):
        op('chunk', lambda x, piece=piece: torch.chunk(x, 3, 1)[piece], uniform(2, 7), chunks=3, axis=1, piece=piece)
    op('unbind', lambda x: torch.unbind(x, -1)[1], uniform(2, 3), axis=-1, piece=1)
    op('indexSelect', lambda x, i: torch.index_select(x, 0, i), uniform(4, 3), whole(6, high=4), axis=0)
    op('indexSelect', lambda x, i: torch.index_select(x, 1, i), uniform(2, 3, 2), whole(4, high=3), axis=1)
    # Where several go to one place, PyTorch promises neither value nor gradient.
    order = values([[2, 0, 4], [1, 3, 0]], dtype=np.int32)
    op('scatter', lambda x, i, s: torch.scatter(x, 1, i, s), uniform(2, 5), order, uniform(2, 3), axis=1)
    op('scatter', lambda x, i: torch.scatter(x, 1, i, 0.5), uniform(2, 5), order, axis=1, value=0.5)
    op('scatterAdd', lambda x, i, s: torch.scatter_add(x, 1, i, s), uniform(3, 4), whole(2, 6, high=4), uniform(2, 6), axis=1)
    op('scatterAdd', lambda x, i, s: torch.scatter_add(x, 0, i, s), uniform(3, 2), whole(4, 2, high=3), uniform(4, 2), axis=0)
    op('roll', lambda x: torch.roll(x, 4), uniform(2, 3), shifts=4)
    op('roll', lambda x: torch.roll(x, (1, -2), (0, 1)), uniform(3, 5), shifts=[1, -2], axes=[0, 1])
    for diagonal in (0, 2, -1):
        op('diag', lambda x, diagonal=diagonal: torch.diag(x, diagonal), uniform(3, 4), diagonal=diagonal)
        op('diag', lambda x, diagonal=diagonal: torch.diag(x, diagonal), uniform(2), diagonal=diagonal)
    op('outer', lambda a, b: torch.outer(a, b), uniform(3), uniform(2))
    for mode in ('reflect', 'replicate', 'circular'):
        op('pad', lambda x, m=mode: F.pad(x, (2, 1, 0, 2), mode=m), uniform(1, 2, 3, 4), padding=[2, 1, 0, 2], mode=mode)
    op('unflatten', lambda x: x.unflatten(1, (3, 4)), uniform(2, 12), axis=1, sizes=[3, 4])
    op('pixelShuffle', lambda x: F.pixel_shuffle(x, 2), uniform(2, 8, 3, 2), upscaleFactor=2)
    op('pixelShuffle', lambda x: F.pixel_shuffle(x, 3), uniform(9, 2, 2), upscaleFactor=3)

    def resized(*shape, size=None, scaleFactor=None, mode='nearest', **options):
        corners = options.get('alignCorners')
        as_tuple = lambda value: tuple(value) if isinstance(value, list) else value
        arguments = {key: value for key, value in (('size', size), ('scaleFactor', scaleFactor)) if value is not None}
        op('interpolate', lambda x: F.interpolate(x, as_tuple(size), as_tuple(scaleFactor), mode, align_corners=corners),
           uniform(*shape), **arguments, mode=mode, **options)

    resized(2, 2, 3, 4, scaleFactor=2)
    resized(1, 2, 3, 4, size=[7, 5])
    resized(1, 1, 7, 5, size=[3, 4])
    resized(1, 1, 5, 4, scaleFactor=[1.6, 0.7])
    resized(1, 2, 5, scaleFactor=2.5)
    resized(1, 1, 2, 3, 2, size=4)
    for corners in (False, True):
        resized(2, 2, 3, 4, scaleFactor=2, mode='bilinear', alignCorners=corners)
        resized(1, 2, 5, 7, size=[3, 9], mode='bilinear', alignCorners=corners)
        resized(1, 1, 5, 4, scaleFactor=[1.7, 0.6], mode='bilinear', alignCorners=corners)
        resized(1, 1, 4, 3, size=1, mode='bilinear', alignCorners=corners)
        resized(1, 2, 5, size=8, mode='linear', alignCorners=corners)
    return family
