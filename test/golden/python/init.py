"""Initialisation: which distribution PyTorch draws from, caught at the call that draws."""
import contextlib
import math

import torch
from torch import nn

from support import Family


@contextlib.contextmanager
def watched():
    """Collects, by tensor, the last fill: {'uniform': [low, high]}, {'normal': [mean, std]} or {'constant': value}."""
    seen = {}
    originals = {name: getattr(torch.Tensor, name) for name in ('uniform_', 'normal_', 'fill_', 'zero_')}

    def uniform_(self, low=0.0, high=1.0, **_):
        seen[id(self)] = {'uniform': [float(low), float(high)]}
        return originals['uniform_'](self, low, high)

    def normal_(self, mean=0.0, std=1.0, **_):
        seen[id(self)] = {'normal': [float(mean), float(std)]}
        return originals['normal_'](self, mean, std)

    def fill_(self, value):
        seen[id(self)] = {'constant': float(value)}
        return originals['fill_'](self, value)

    def zero_(self):
        seen[id(self)] = {'constant': 0.0}
        return originals['zero_'](self)

    for replacement in (uniform_, normal_, fill_, zero_):
        setattr(torch.Tensor, replacement.__name__, replacement)
    try:
        yield seen
    finally:
        for name, original in originals.items():
            setattr(torch.Tensor, name, original)


def make():
    family = Family('init', 'The distributions of nn.init and of the default initialisation of layers; gains.')

    def call(name, f, shape, **options):
        shown = ', '.join(f'{key} {value}' for key, value in options.items())
        with watched() as seen:
            weight = torch.empty(*shape)
            f(weight)
            drawn = seen[id(weight)]
        family.add({'name': f'{name} {"x".join(map(str, shape))} ({shown})', 'init': name, 'shape': list(shape), 'options': options, 'drawn': drawn})

    linear, kernel = (60, 40), (24, 16, 3, 3)
    for shape in (linear, kernel):
        call('xavierUniform', nn.init.xavier_uniform_, shape)
        call('xavierNormal', nn.init.xavier_normal_, shape)
        call('kaimingUniform', nn.init.kaiming_uniform_, shape)
        call('kaimingNormal', nn.init.kaiming_normal_, shape)
    call('xavierUniform', lambda w: nn.init.xavier_uniform_(w, gain=1.5), linear, gain=1.5)
    call('xavierNormal', lambda w: nn.init.xavier_normal_(w, gain=2), linear, gain=2)
    for name, f in {'kaimingUniform': nn.init.kaiming_uniform_, 'kaimingNormal': nn.init.kaiming_normal_}.items():
        call(name, lambda w, f=f: f(w, mode='fan_out'), linear, mode='fanOut')
        call(name, lambda w, f=f: f(w, mode='fan_out', nonlinearity='relu'), kernel, mode='fanOut', nonlinearity='relu')
        call(name, lambda w, f=f: f(w, a=math.sqrt(5)), kernel, a=math.sqrt(5))
        call(name, lambda w, f=f: f(w, nonlinearity='tanh'), linear, nonlinearity='tanh')
        call(name, lambda w, f=f: f(w, nonlinearity='linear'), linear, nonlinearity='linear')
    call('uniform', nn.init.uniform_, linear)
    call('uniform', lambda w: nn.init.uniform_(w, -0.3, 0.1), linear, low=-0.3, high=0.1)
    call('normal', nn.init.normal_, linear)
    call('normal', lambda w: nn.init.normal_(w, 0.5, 0.1), linear, mean=0.5, std=0.1)
    call('constant', lambda w: nn.init.constant_(w, 0.25), linear, value=0.25)
    call('zeros', nn.init.zeros_, linear)
    call('ones', nn.init.ones_, linear)

    def layer(kind, arguments, make_module, **options):
        shown = ', '.join([*map(str, arguments), *(f'{key} {value}' for key, value in options.items())])
        with watched() as seen:
            module = make_module()
            drawn = {key: {'shape': list(parameter.shape), 'drawn': seen[id(parameter)]} for key, parameter in module.named_parameters()}
        family.add({'name': f'default of {kind}({shown})', 'layer': kind, 'arguments': arguments, 'options': options, 'parameters': drawn})

    layer('Linear', [60, 50], lambda: nn.Linear(60, 50))
    layer('Conv2d', [12, 40, 3], lambda: nn.Conv2d(12, 40, 3))
    layer('Conv2d', [12, 40, [5, 3]], lambda: nn.Conv2d(12, 40, (5, 3), groups=4), groups=4)
    layer('ConvTranspose2d', [12, 40, 3], lambda: nn.ConvTranspose2d(12, 40, 3))
    layer('ConvTranspose2d', [12, 40, 3], lambda: nn.ConvTranspose2d(12, 40, 3, groups=2), groups=2)
    layer('Embedding', [50, 30], lambda: nn.Embedding(50, 30))
    layer('BatchNorm1d', [10], lambda: nn.BatchNorm1d(10))
    layer('BatchNorm2d', [10], lambda: nn.BatchNorm2d(10))
    layer('LayerNorm', [10], lambda: nn.LayerNorm(10))
    layer('GroupNorm', [2, 10], lambda: nn.GroupNorm(2, 10))

    for nonlinearity, shown in (('linear', 'linear'), ('conv2d', 'conv2d'), ('sigmoid', 'sigmoid'), ('tanh', 'tanh'), ('relu', 'relu'), ('leaky_relu', 'leakyRelu'), ('selu', 'selu')):
        family.add({'name': f'gain of {shown}', 'nonlinearity': shown, 'gain': nn.init.calculate_gain(nonlinearity)})
    family.add({'name': 'gain of leakyRelu 0.3', 'nonlinearity': 'leakyRelu', 'parameter': 0.3, 'gain': nn.init.calculate_gain('leaky_relu', 0.3)})
    return family
