"""Optimizers: twenty steps from the same parameters with the same gradients, and the state they end in."""
import re

import numpy as np
import torch

from support import Family, generator, tensor

STEPS = 20
SHAPES = [(3, 4), (5,)]
TORCH_NAMES = {
    'momentumDecay': 'momentum_decay',
    'weightDecay': 'weight_decay', 'lrDecay': 'lr_decay', 'initialAccumulatorValue': 'initial_accumulator_value',
}
# Options that later versions of PyTorch have: computed here from what this version has.
LATER = {'NAdam': {'decoupledWeightDecay': False, 'maximize': False}, 'RAdam': {'decoupledWeightDecay': False, 'maximize': False}}
# Options of groups that say how PyTorch is to compute, not what.
IMPLEMENTATION = {'foreach', 'capturable', 'differentiable', 'fused'}


def snake_case(name):
    return re.sub('[A-Z]', lambda letter: '_' + letter[0].lower(), name)


def numbers(random, *shape):
    return np.round(random.uniform(-1, 1, shape), 3).astype(np.float32)


def make():
    family = Family('optimizers', 'Optimizers: parameters after each of 20 steps with the given gradients, and the state at the end.')
    random = generator('optimizers')
    starts = [numbers(random, *shape) for shape in SHAPES]
    gradients = [numbers(random, STEPS, *shape) for shape in SHAPES]
    gradients[0][:, 0, 0] = 0  # A weight that never gets a gradient,
    gradients[0][:, 0, 1] *= np.float32(1e-4)  # one with tiny ones,
    gradients[0][:, 0, 2] *= 100  # one with huge ones,
    gradients[1][5:, 0] = 0  # and one that stops getting any.
    family.shared = {'steps': STEPS, 'parameters': [tensor(start) for start in starts], 'gradients': [tensor(gradient) for gradient in gradients]}

    def run(kind, note='', groups=None, absent=(), **options):
        """`groups`: options of one group per parameter; `absent`: steps at which the second parameter has no gradient."""
        def named(given):
            return {TORCH_NAMES.get(key, key): value for key, value in given.items()}
        later = {key: options.get(key, value) for key, value in LATER.get(kind, {}).items()}
        known = {key: value for key, value in options.items() if key not in later}
        if later.get('decoupledWeightDecay'):
            known['weightDecay'] = 0
        parameters = [torch.tensor(start.astype(np.float64), requires_grad=True) for start in starts]
        given = parameters if groups is None else [{'params': [parameter], **named(group)} for parameter, group in zip(parameters, groups)]
        # Up to PyTorch 1.13, NAdam without foreach takes the momentum twice into the product of the next step.
        optimizer = getattr(torch.optim, kind)(given, **named(known), **({'foreach': True} if kind == 'NAdam' else {}))
        trajectory = [[] for _ in parameters]
        for step in range(STEPS):
            for i, parameter in enumerate(parameters):
                missing = i == 1 and step in absent
                parameter.grad = None if missing else torch.tensor((-1 if later.get('maximize') else 1) * gradients[i][step].astype(np.float64))
                if later.get('decoupledWeightDecay') and not missing:
                    parameter.data.mul_(1 - options['lr'] * options['weightDecay'])
            optimizer.step()
            for i, parameter in enumerate(parameters):
                trajectory[i].append(parameter.detach().numpy().astype(np.float32))
        # Plain SGD keeps a momentum_buffer of None in this version of PyTorch, and nothing at all in later ones.
        state = {
            str(i): {key: tensor(value) if isinstance(value, torch.Tensor) and value.dim() > 0 else float(value) for key, value in entries.items()}
            for i, entries in optimizer.state_dict()['state'].items() if any(value is not None for value in entries.values())
        }
        param_groups = [{key: value for key, value in group.items() if key not in IMPLEMENTATION} for group in optimizer.state_dict()['param_groups']]
        for group in param_groups:
            group.update({snake_case(key): value for key, value in later.items()})
            if later.get('decoupledWeightDecay'):
                group['weight_decay'] = options['weightDecay']
        shown = ', '.join(f'{key} {value}' for key, value in options.items())
        case = {'name': f'{kind}{note and " " + note} ({shown})', 'optimizer': kind, 'options': options}
        if groups is not None:
            case['groups'] = groups
        if absent:
            case['absent'] = list(absent)
        family.add({**case, 'trajectory': [tensor(np.stack(points)) for points in trajectory], 'state': state, 'paramGroups': param_groups})

    run('SGD', lr=0.1)
    run('SGD', lr=0.1, weightDecay=0.05)
    run('SGD', lr=0.1, momentum=0.9)
    run('SGD', lr=0.1, momentum=0.9, dampening=0.5)
    run('SGD', lr=0.1, momentum=0.9, nesterov=True)
    run('SGD', lr=0.1, momentum=0.9, nesterov=True, weightDecay=0.05)
    run('SGD', lr=0.1, momentum=0.9, dampening=0.1, weightDecay=0.05, maximize=True)
    run('SGD', 'of two groups', [{'lr': 0.3, 'weightDecay': 0.1}, {'momentum': 0.8}], lr=0.05)
    run('SGD', 'without some gradients', absent=(0, 1, 7), lr=0.1, momentum=0.9, dampening=0.5)

    for kind in ('Adam', 'AdamW'):
        run(kind)
        run(kind, lr=0.05)
        run(kind, lr=0.05, weightDecay=0.1)
        run(kind, lr=0.05, betas=[0.8, 0.95], eps=0.001)
        run(kind, lr=0.05, amsgrad=True)
        run(kind, lr=0.05, amsgrad=True, weightDecay=0.1, maximize=True)
        run(kind, lr=0.05, maximize=True)
        run(kind, 'of two groups', [{'lr': 0.1, 'betas': [0.5, 0.9]}, {'weightDecay': 0.2}], lr=0.02)
        run(kind, 'without some gradients', absent=(0, 1, 7), lr=0.05)
    run('AdamW', lr=0.05, weightDecay=0)

    run('Adagrad')
    run('Adagrad', lr=0.1)
    run('Adagrad', lr=0.1, lrDecay=0.1)
    run('Adagrad', lr=0.1, weightDecay=0.1)
    run('Adagrad', lr=0.1, initialAccumulatorValue=0.5, eps=0.001)
    run('Adagrad', lr=0.1, lrDecay=0.05, weightDecay=0.1, initialAccumulatorValue=0.1, maximize=True)
    run('Adagrad', 'of two groups', [{'lr': 0.3}, {'lrDecay': 0.2}], lr=0.1)
    run('Adagrad', 'without some gradients', absent=(0, 1, 7), lr=0.1, lrDecay=0.1)

    run('Adadelta')
    run('Adadelta', lr=0.5, rho=0.8, eps=1e-4, weightDecay=0.1, maximize=True)
    run('Adadelta', 'without some gradients', absent=(0, 3), lr=2)
    run('NAdam')
    run('NAdam', lr=0.05, betas=[0.8, 0.95], eps=1e-4, weightDecay=0.1, momentumDecay=0.3, maximize=True)
    run('NAdam', lr=0.05, weightDecay=0.1, decoupledWeightDecay=True)
    run('NAdam', 'of two groups', [{'lr': 0.05, 'momentumDecay': 0.1}, {'betas': [0.5, 0.9]}], lr=0.01)
    run('RAdam')
    run('RAdam', lr=0.05, betas=[0.8, 0.9], eps=1e-4, weightDecay=0.1, maximize=True)
    run('RAdam', lr=0.05, weightDecay=0.1, decoupledWeightDecay=True)
    run('RAdam', 'without some gradients', absent=(0, 3, 4), lr=0.05)
    run('RMSprop')
    run('RMSprop', lr=0.02)
    run('RMSprop', lr=0.02, alpha=0.9, eps=0.001)
    run('RMSprop', lr=0.02, weightDecay=0.1)
    run('RMSprop', lr=0.02, momentum=0.9)
    run('RMSprop', lr=0.02, centered=True)
    run('RMSprop', lr=0.02, centered=True, momentum=0.9, weightDecay=0.1, maximize=True)
    run('RMSprop', 'of two groups', [{'lr': 0.05, 'alpha': 0.5}, {'momentum': 0.5}], lr=0.01)
    run('RMSprop', 'without some gradients', absent=(0, 1, 7), lr=0.02, momentum=0.9)
    return family
