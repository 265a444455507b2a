"""Activations that are made of other operations."""
import torch.nn.functional as F

from support import Family, uniform, values


def make():
    family = Family('activations', 'Activations that are made of other operations: value and gradients.')
    op = family.op
    activations = {
        'logSigmoid': F.logsigmoid, 'relu6': F.relu6, 'hardswish': F.hardswish, 'mish': F.mish, 'selu': F.selu,
    }
    for name, f in activations.items():
        op(name, f, uniform(3, 7))
        op(name, f, uniform(9, low=-12, high=12), note='wide')
        op(name, f, values([0.0, 2.5, -3, 6, -1e-6, 1e-6, -30, 30]), note='kinks and ends')
    op('glu', F.glu, uniform(3, 4))
    op('glu', lambda x: F.glu(x, 0), uniform(4, 3), axis=0)
    op('prelu', F.prelu, values([[-2, -0.5, 0], [0.5, 3, -1e-6]]), values([0.25]), note='one slope')
    op('prelu', F.prelu, uniform(2, 3, 4), uniform(3))
    return family
