"""Gradient clipping."""
import numpy as np
import torch

from support import Family, generator, tensor


def make():
    family = Family('clip', 'clipGradNorm and clipGradValue: gradients before and after, and the norm returned.')

    def run(name, clip, scale=1.0, absent=False, **options):
        shown = ', '.join(f'{key} {value}' for key, value in options.items())
        title = f'{name} ({shown}){" of small gradients" if scale < 1 else ""}{" without one" if absent else ""}'
        random = generator(f'clip/{title}')
        arrays = [np.round(random.uniform(-1, 1, shape) * scale, 5).astype(np.float32) for shape in ((3, 5), (7,), ())]
        parameters = [torch.zeros(array.shape, dtype=torch.float64, requires_grad=True) for array in arrays]
        for i, (parameter, array) in enumerate(zip(parameters, arrays)):
            parameter.grad = None if absent and i == 1 else torch.tensor(array.astype(np.float64))
        before = [tensor(parameter.grad) for parameter in parameters]
        total = clip(parameters)
        family.add({'name': title, 'clip': name, 'options': options, 'before': before, 'after': [tensor(parameter.grad) for parameter in parameters],
                    **({} if total is None else {'norm': tensor(total)})})

    norm, value = torch.nn.utils.clip_grad_norm_, torch.nn.utils.clip_grad_value_
    for kind, shown in ((2, 2), (1, 1), (3, 3), (float('inf'), 'Infinity')):
        run('clipGradNorm', lambda p, kind=kind: norm(p, 0.7, kind), maxNorm=0.7, normType=shown)
    run('clipGradNorm', lambda p: norm(p, 1.0), scale=0.01, maxNorm=1)
    run('clipGradNorm', lambda p: norm(p, 0.5), absent=True, maxNorm=0.5)
    run('clipGradValue', lambda p: value(p, 0.3), clipValue=0.3)
    run('clipGradValue', lambda p: value(p, 0.3), absent=True, clipValue=0.3)
    return family
