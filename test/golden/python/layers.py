"""Layers: keys and shapes of the state dict, several batches in training mode (running statistics!), then evaluation."""
import numpy as np
import torch
from torch import nn

from support import Family, Raw, generator, tensor, to_torch, uniform, distinct, whole


class RMSNorm(nn.Module):
    """torch.nn.RMSNorm, which came with PyTorch 2.4."""

    def __init__(self, size, eps=2 ** -23):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, x):
        return x / (x.pow(2).mean(-1, True) + self.eps).sqrt() * self.weight


class SinusoidalPositions(nn.Module):
    """Vaswani et al. 2017, section 3.5."""

    def forward(self, x):
        length, size = x.shape[0], x.shape[-1]
        columns = torch.arange(size)
        angles = torch.arange(length).double()[:, None] * 10000 ** (-2 * (columns // 2) / size).double()
        table = torch.where(columns % 2 == 0, angles.sin(), angles.cos())
        return x + (table if x.dim() == 2 else table[:, None])


def fill(module, random):
    """Gives every parameter and buffer short random values; variances are positive."""
    for key, value in module.state_dict().items():
        if value.dtype != torch.float64:
            continue
        low = 0.5 if key.endswith('running_var') else -1
        value.copy_(torch.tensor(np.round(random.uniform(low, 1.5 if low > 0 else 1, tuple(value.shape)), 3).astype(np.float32).astype(np.float64)))


def state(module):
    return {key: tensor(value) for key, value in module.state_dict().items()}


def train_batch(module, spec, random):
    module.zero_grad()
    array = spec.make(random)
    x = to_torch(array, spec.grad)
    y = module(x)
    step = {'x': tensor(array), 'y': tensor(y)}
    if y.requires_grad:
        dy = np.round(random.uniform(-1, 1, tuple(y.shape)), 3).astype(np.float32)
        y.backward(torch.tensor(dy.astype(np.float64)))
        step['dy'] = tensor(dy)
        if x.requires_grad:
            step['dx'] = tensor(x.grad)
        step['grads'] = {key: tensor(parameter.grad) for key, parameter in module.named_parameters()}
    return step


def make():
    family = Family('layers', 'Layers: state dict, batches in training mode with all gradients, buffers afterwards, and a batch in evaluation mode.')

    def layer(kind, arguments, module, *specs, random_in_training=False, **options):
        """`specs`: one per batch in training mode; the last one is also drawn for the batch in evaluation mode."""
        shown = ', '.join([*map(str, arguments), *(f'{key} {value}' for key, value in options.items())])
        sizes = ' '.join('x'.join(map(str, spec.make(generator('')).shape)) for spec in specs[:1])
        name = f'{kind}({shown}) of {sizes}'
        random = generator(f'layers/{name}')
        module.double()
        fill(module, random)
        case = {'name': name, 'layer': kind, 'arguments': arguments, 'options': options, 'state': state(module)}
        module.train()
        case['batches'] = [] if random_in_training else [train_batch(module, spec, random) for spec in specs]
        parameters = dict(module.named_parameters())
        case['buffers'] = {key: value for key, value in state(module).items() if key not in parameters}
        module.eval()
        case['evaluation'] = train_batch(module, specs[-1], random)
        family.add(case)

    layer('Linear', [4, 3], nn.Linear(4, 3), uniform(5, 4))
    layer('Linear', [4, 3], nn.Linear(4, 3, bias=False), uniform(2, 5, 4), bias=False)
    layer('Conv2d', [1, 4, 3], nn.Conv2d(1, 4, 3, padding=1), uniform(2, 1, 6, 6), padding=1)
    layer('Conv2d', [2, 3, [3, 2]], nn.Conv2d(2, 3, (3, 2), stride=2, bias=False), uniform(1, 2, 7, 6), stride=2, bias=False)
    layer('Conv2d', [4, 4, 3], nn.Conv2d(4, 4, 3, padding='same', groups=2, dilation=2), uniform(1, 4, 6, 6), padding='same', groups=2, dilation=2)
    layer('ConvTranspose2d', [3, 2, 3], nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1), uniform(1, 3, 4, 4), stride=2, padding=1, outputPadding=1)
    layer('ConvTranspose2d', [4, 2, 2], nn.ConvTranspose2d(4, 2, 2, groups=2, bias=False), uniform(2, 4, 3, 3), groups=2, bias=False)

    layer('Conv1d', [2, 4, 3], nn.Conv1d(2, 4, 3, stride=2, padding=1), uniform(2, 2, 7), stride=2, padding=1)
    layer('Conv1d', [4, 6, 2], nn.Conv1d(4, 6, 2, groups=2, dilation=2, bias=False), uniform(4, 6), groups=2, dilation=2, bias=False)
    layer('Conv1d', [2, 3, 3], nn.Conv1d(2, 3, 3, padding=2, padding_mode='circular'), uniform(2, 2, 5), padding=2, paddingMode='circular')
    layer('Conv1d', [2, 3, 4], nn.Conv1d(2, 3, 4, padding='same', padding_mode='reflect'), uniform(1, 2, 6), padding='same', paddingMode='reflect')
    layer('Conv1d', [2, 3, 3], nn.Conv1d(2, 3, 3, padding=1, stride=2, padding_mode='replicate'), uniform(2, 2, 6), padding=1, stride=2, paddingMode='replicate')
    layer('ConvTranspose1d', [3, 2, 3], nn.ConvTranspose1d(3, 2, 3, stride=2, padding=1, output_padding=1), uniform(2, 3, 4), stride=2, padding=1, outputPadding=1)

    layer('BatchNorm1d', [3], nn.BatchNorm1d(3), *(uniform(6, 3) for _ in range(4)))
    layer('BatchNorm1d', [3], nn.BatchNorm1d(3), *(uniform(4, 3, 5) for _ in range(2)))
    layer('BatchNorm1d', [3], nn.BatchNorm1d(3, eps=0.01, momentum=0.3), *(uniform(5, 3) for _ in range(3)), eps=0.01, momentum=0.3)
    layer('BatchNorm2d', [2], nn.BatchNorm2d(2), *(uniform(3, 2, 4, 5) for _ in range(4)))
    layer('BatchNorm2d', [2], nn.BatchNorm2d(2, affine=False), *(uniform(3, 2, 3, 3) for _ in range(2)), affine=False)
    layer('BatchNorm2d', [2], nn.BatchNorm2d(2, track_running_stats=False), *(uniform(3, 2, 3, 3) for _ in range(2)), trackRunningStats=False)
    layer('BatchNorm2d', [2], nn.BatchNorm2d(2, momentum=None), *(uniform(3, 2, 3, 3) for _ in range(3)), momentum=None)
    layer('LayerNorm', [7], nn.LayerNorm(7), uniform(4, 7))
    layer('LayerNorm', [[3, 5]], nn.LayerNorm([3, 5], eps=0.001), uniform(2, 3, 5), eps=0.001)
    layer('LayerNorm', [5], nn.LayerNorm(5, elementwise_affine=False), uniform(2, 3, 5), elementwiseAffine=False)
    layer('GroupNorm', [2, 4], nn.GroupNorm(2, 4), uniform(2, 4, 3, 3))
    layer('GroupNorm', [3, 6], nn.GroupNorm(3, 6, affine=False), uniform(2, 6, 2), affine=False)
    layer('RMSNorm', [7], RMSNorm(7), uniform(4, 7))
    layer('RMSNorm', [5], RMSNorm(5, 0.01), uniform(2, 3, 5), eps=0.01)
    layer('InstanceNorm1d', [3], nn.InstanceNorm1d(3), uniform(2, 3, 5))
    layer('InstanceNorm1d', [3], nn.InstanceNorm1d(3, affine=True), uniform(3, 5), affine=True)
    layer('InstanceNorm2d', [2], nn.InstanceNorm2d(2, affine=True, track_running_stats=True, momentum=0.3), *(uniform(3, 2, 3, 4) for _ in range(2)), affine=True, trackRunningStats=True, momentum=0.3)
    layer('InstanceNorm2d', [2], nn.InstanceNorm2d(2, eps=0.01), uniform(2, 3, 4), eps=0.01)
    layer('TransformerEncoderLayer', [6, 2], nn.TransformerEncoderLayer(6, 2, dim_feedforward=5, dropout=0), uniform(3, 2, 6), dimFeedforward=5, dropout=0)
    layer('TransformerEncoderLayer', [6, 2], nn.TransformerEncoderLayer(6, 2, dim_feedforward=5, dropout=0, activation='gelu', batch_first=True, norm_first=True), uniform(2, 3, 6), dimFeedforward=5, dropout=0, activation='gelu', batchFirst=True, normFirst=True)
    layer('SinusoidalPositions', [6], SinusoidalPositions(), uniform(4, 2, 6))
    layer('SinusoidalPositions', [3], SinusoidalPositions(), uniform(70, 3))
    layer('Embedding', [5, 3], nn.Embedding(5, 3), whole(2, 4, high=5))
    layer('Dropout', [0.4], nn.Dropout(0.4), uniform(3, 4), random_in_training=True)
    layer('Dropout', [0], nn.Dropout(0.0), uniform(3, 4))
    layer('Flatten', [], nn.Flatten(), uniform(2, 3, 4))

    layer('ReLU', [], nn.ReLU(), uniform(3, 5))
    layer('LeakyReLU', [0.1], nn.LeakyReLU(0.1), uniform(3, 5))
    layer('LeakyReLU', [], nn.LeakyReLU(), uniform(3, 5))
    layer('ELU', [0.5], nn.ELU(0.5), uniform(3, 5))
    layer('ELU', [], nn.ELU(), uniform(3, 5))
    layer('GELU', [], nn.GELU(), uniform(3, 5))
    layer('GELU', [], nn.GELU(approximate='tanh'), uniform(3, 5), approximate='tanh')
    for activation in ('LogSigmoid', 'ReLU6', 'Hardswish', 'Mish', 'SELU'):
        layer(activation, [], getattr(nn, activation)(), uniform(3, 5))
    layer('GLU', [], nn.GLU(), uniform(3, 4))
    layer('GLU', [0], nn.GLU(0), uniform(2, 3))
    layer('PReLU', [], nn.PReLU(), uniform(3, 5))
    layer('PReLU', [], nn.PReLU(3, init=0.1), uniform(2, 3, 4), numParameters=3, init=0.1)
    layer('SiLU', [], nn.SiLU(), uniform(3, 5))
    layer('Softplus', [], nn.Softplus(), uniform(3, 5))
    layer('Sigmoid', [], nn.Sigmoid(), uniform(3, 5))
    layer('Tanh', [], nn.Tanh(), uniform(3, 5))
    layer('Softmax', [-1], nn.Softmax(-1), uniform(3, 5))
    layer('LogSoftmax', [1], nn.LogSoftmax(1), uniform(3, 5))
    layer('MaxPool2d', [2], nn.MaxPool2d(2), distinct(1, 2, 4, 6))
    layer('MaxPool2d', [3], nn.MaxPool2d(3, stride=2, padding=1), distinct(1, 2, 7, 7), stride=2, padding=1)
    layer('AvgPool2d', [2], nn.AvgPool2d(2), uniform(1, 2, 4, 6))
    layer('AvgPool2d', [3], nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), uniform(1, 2, 7, 7), stride=2, padding=1, countIncludePad=False)
    layer('AdaptiveAvgPool2d', [1], nn.AdaptiveAvgPool2d(1), uniform(2, 3, 4, 5))
    layer('AdaptiveAvgPool2d', [[2, 3]], nn.AdaptiveAvgPool2d((2, 3)), uniform(1, 2, 5, 5))
    layer('MaxPool1d', [3], nn.MaxPool1d(3, stride=2, padding=1), distinct(2, 2, 7), stride=2, padding=1)
    layer('AvgPool1d', [3], nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), uniform(2, 7), stride=2, padding=1, countIncludePad=False)
    layer('AdaptiveAvgPool1d', [2], nn.AdaptiveAvgPool1d(2), uniform(2, 3, 5))
    layer('AdaptiveMaxPool2d', [[2, 3]], nn.AdaptiveMaxPool2d((2, 3)), distinct(1, 2, 5, 5))
    for mode in ('reflect', 'replicate', 'circular'):
        layer('Conv2d', [2, 3, 3], nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode=mode), uniform(1, 2, 5, 6), padding=[1, 2], paddingMode=mode)
    layer('Conv2d', [2, 3, [2, 4]], nn.Conv2d(2, 3, (2, 4), padding='same', padding_mode='reflect'), uniform(1, 2, 5, 6), padding='same', paddingMode='reflect')
    layer('Dropout2d', [0.4], nn.Dropout2d(0.4), uniform(2, 3, 2, 2), random_in_training=True)
    layer('Dropout1d', [0.4], nn.Dropout1d(0.4), uniform(2, 3, 4), random_in_training=True)
    layer('Unflatten', [1, [2, 3]], nn.Unflatten(1, (2, 3)), uniform(2, 6))
    layer('PixelShuffle', [2], nn.PixelShuffle(2), uniform(1, 8, 2, 3))
    layer('Upsample', [], nn.Upsample(scale_factor=2), uniform(1, 2, 3, 4), scaleFactor=2)
    layer('Upsample', [], nn.Upsample(size=(5, 6), mode='bilinear', align_corners=True), uniform(1, 2, 3, 4), size=[5, 6], mode='bilinear', alignCorners=True)
    return family
