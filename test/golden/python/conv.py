"""Convolutions and pools."""
import warnings

import torch
import torch.nn.functional as F

from support import Family, distinct, uniform, values


def make():
    warnings.filterwarnings('ignore', message='Using padding')  # It tells of a copy inside PyTorch.
    family = Family('conv', 'Convolutions, transposed convolutions and pools: value and gradients.')
    op = family.op

    def conv(x, w, bias=True, **arguments):
        torch_arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
        op('conv2d', lambda x, w, b: F.conv2d(x, w, b, **torch_arguments), uniform(*x), uniform(*w), uniform(w[0]) if bias else None, **arguments)

    conv((2, 3, 6, 5), (4, 3, 3, 3))
    conv((1, 1, 5, 5), (2, 1, 3, 3), bias=False)
    conv((2, 1, 7, 7), (4, 1, 3, 3), padding=1)
    conv((2, 4, 6, 6), (5, 4, 1, 1))
    conv((1, 2, 9, 9), (3, 2, 5, 5), padding=2)
    conv((2, 3, 7, 8), (4, 3, 3, 3), stride=2, padding=1)
    conv((2, 3, 7, 8), (4, 3, 1, 1), stride=2)
    conv((1, 2, 7, 9), (3, 2, 3, 2), stride=[2, 3], padding=[1, 0])
    conv((1, 2, 8, 8), (3, 2, 3, 3), dilation=2)
    conv((1, 2, 8, 9), (3, 2, 3, 2), dilation=[2, 3], padding=[2, 1], stride=[1, 2])
    conv((2, 4, 5, 5), (6, 2, 3, 3), groups=2, padding=1)
    conv((1, 4, 5, 5), (4, 1, 3, 3), groups=4, padding=1)
    conv((1, 3, 5, 5), (6, 1, 3, 3), groups=3, stride=2, bias=False)
    conv((1, 2, 5, 6), (3, 2, 3, 3), padding='same')
    conv((1, 2, 5, 6), (3, 2, 2, 4), padding='same')
    conv((1, 2, 6, 6), (3, 2, 3, 2), padding='same', dilation=2)
    conv((1, 2, 5, 6), (3, 2, 3, 3), padding='valid')
    conv((1, 17, 4, 4), (9, 17, 3, 3), padding=1)

    def transposed(x, w, bias=True, groups=1, outputPadding=0, **arguments):
        torch_arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
        out = tuple(outputPadding) if isinstance(outputPadding, list) else outputPadding
        op('convTranspose2d', lambda x, w, b: F.conv_transpose2d(x, w, b, groups=groups, output_padding=out, **torch_arguments),
           uniform(*x), uniform(*w), uniform(w[1] * groups) if bias else None,
           **arguments, **({'groups': groups} if groups != 1 else {}), **({'outputPadding': outputPadding} if outputPadding != 0 else {}))

    transposed((2, 3, 4, 5), (3, 4, 3, 3))
    transposed((1, 2, 3, 3), (2, 3, 2, 2), stride=2)
    transposed((1, 2, 3, 4), (2, 3, 3, 3), stride=2, padding=1, outputPadding=1)
    transposed((1, 2, 3, 4), (2, 3, 3, 2), stride=[2, 3], padding=[1, 0], outputPadding=[1, 2], bias=False)
    transposed((1, 4, 3, 3), (4, 2, 3, 3), groups=2, padding=1)
    transposed((1, 2, 4, 4), (2, 3, 3, 3), dilation=2, padding=1)

    def pool(name, f, x, draw, kernel, **arguments):
        names = {'stride': 'stride', 'padding': 'padding', 'dilation': 'dilation', 'ceilMode': 'ceil_mode', 'countIncludePad': 'count_include_pad'}
        torch_arguments = {names[key]: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
        size = tuple(kernel) if isinstance(kernel, list) else kernel
        op(name, lambda x: f(x, size, **torch_arguments), draw(*x), kernelSize=kernel, **arguments)

    for name, f, draw in (('maxPool2d', F.max_pool2d, distinct), ('avgPool2d', F.avg_pool2d, uniform)):
        pool(name, f, (2, 3, 6, 6), draw, 2)
        pool(name, f, (1, 2, 7, 5), draw, 2)
        pool(name, f, (1, 2, 7, 7), draw, 3, stride=2)
        pool(name, f, (1, 2, 7, 7), draw, 3, stride=2, padding=1)
        pool(name, f, (1, 2, 6, 8), draw, [3, 2], stride=[2, 1], padding=[1, 0])
        pool(name, f, (1, 2, 6, 7), draw, 3, stride=2, ceilMode=True)
        pool(name, f, (1, 2, 6, 7), draw, 3, stride=2, padding=1, ceilMode=True)
        pool(name, f, (1, 1, 5, 5), draw, 2, stride=3, ceilMode=True)
    pool('maxPool2d', F.max_pool2d, (1, 2, 8, 8), distinct, 3, stride=1, dilation=2)
    op('maxPool2d', lambda x: F.max_pool2d(x, 2), values([[[[1, 1, 2, 0], [1, 1, 0, 2], [-1, -2, -3, -3], [-2, -1, -3, -3]]]]), note='ties', kernelSize=2)
    pool('avgPool2d', F.avg_pool2d, (1, 2, 7, 7), uniform, 3, stride=2, padding=1, countIncludePad=False)
    pool('avgPool2d', F.avg_pool2d, (1, 2, 6, 7), uniform, 3, stride=2, padding=1, ceilMode=True, countIncludePad=False)
    for x, size in (((2, 3, 6, 6), 1), ((1, 2, 7, 5), [3, 2]), ((1, 2, 5, 5), 3), ((1, 2, 4, 4), 4), ((1, 1, 3, 3), 5)):
        op('adaptiveAvgPool2d', lambda x, size=size: F.adaptive_avg_pool2d(x, size), uniform(*x), outputSize=size)

    def conv1(x, w, bias=True, **arguments):
        op('conv1d', lambda x, w, b: F.conv1d(x, w, b, **arguments), uniform(*x), uniform(*w), uniform(w[0]) if bias else None, **arguments)

    conv1((2, 3, 7), (4, 3, 3))
    conv1((3, 8), (2, 3, 3), padding=1, stride=2)
    conv1((1, 4, 9), (4, 2, 2), bias=False, groups=2, dilation=3)
    conv1((1, 2, 6), (3, 2, 4), padding='same')
    conv1((1, 2, 6), (3, 2, 3), padding='valid')
    conv1((4, 8, 11), (16, 8, 5), padding=2)
    op('convTranspose1d', lambda x, w, b: F.conv_transpose1d(x, w, b), uniform(2, 3, 4), uniform(3, 4, 3), uniform(4))
    op('convTranspose1d', lambda x, w, b: F.conv_transpose1d(x, w, b, stride=3, padding=1, output_padding=2, dilation=2), uniform(1, 2, 4), uniform(2, 3, 3), uniform(3), stride=3, padding=1, outputPadding=2, dilation=2)
    op('convTranspose1d', lambda x, w, b: F.conv_transpose1d(x, w, b, groups=2), uniform(4, 3), uniform(4, 1, 2), None, groups=2)
    for name, f, draw in (('maxPool1d', F.max_pool1d, distinct), ('avgPool1d', F.avg_pool1d, uniform)):
        pool(name, f, (2, 3, 6), draw, 2)
        pool(name, f, (3, 7), draw, 3, stride=2, padding=1)
        pool(name, f, (1, 2, 8), draw, 3, stride=2, ceilMode=True)
    pool('maxPool1d', F.max_pool1d, (1, 2, 8), distinct, 3, stride=1, dilation=2)
    pool('avgPool1d', F.avg_pool1d, (1, 2, 7), uniform, 3, stride=2, padding=1, countIncludePad=False)
    for x, size in (((2, 3, 6), 1), ((2, 7), 3)):
        op('adaptiveAvgPool1d', lambda x, size=size: F.adaptive_avg_pool1d(x, size), uniform(*x), outputSize=size)

    for x, size in (((2, 3, 6, 4), 2), ((1, 2, 5, 7), 3), ((1, 1, 3, 4), [5, 2]), ((2, 3, 5, 7), 1)):
        op('adaptiveMaxPool2d', lambda x, size=size: F.adaptive_max_pool2d(x, tuple(size) if isinstance(size, list) else size), distinct(*x), outputSize=size)
    return family
