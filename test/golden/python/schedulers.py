"""Schedulers: the learning rates (and momenta) of two groups before the first step and after each one."""
import warnings

import torch
from torch.optim import lr_scheduler, swa_utils

from support import Family, exact

TORCH_NAMES = {
    'stepSize': 'step_size', 'tMax': 'T_max', 'etaMin': 'eta_min', 'maxLr': 'max_lr', 'totalSteps': 'total_steps', 'stepsPerEpoch': 'steps_per_epoch',
    'pctStart': 'pct_start', 'annealStrategy': 'anneal_strategy', 'cycleMomentum': 'cycle_momentum', 'baseMomentum': 'base_momentum',
    'maxMomentum': 'max_momentum', 'divFactor': 'div_factor', 'finalDivFactor': 'final_div_factor', 'threePhase': 'three_phase',
    't0': 'T_0', 'tMult': 'T_mult', 'baseLr': 'base_lr', 'stepSizeUp': 'step_size_up', 'stepSizeDown': 'step_size_down', 'swaLr': 'swa_lr',
    'annealEpochs': 'anneal_epochs',
    'thresholdMode': 'threshold_mode', 'minLr': 'min_lr', 'startFactor': 'start_factor', 'endFactor': 'end_factor', 'totalIters': 'total_iters',
}
# The functions of LambdaLR, by the name that the test knows them by.
LAMBDAS = {'halves': lambda epoch: 0.5 ** epoch, 'rises': lambda epoch: 1 + epoch / 4}
METRICS = [1, 0.9, 0.91, 0.9, 0.95, 0.89995, 0.92, 0.8, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]


def named(options):
    return {TORCH_NAMES.get(key, key): value for key, value in options.items()}


def make():
    warnings.simplefilter('ignore')  # That no optimizer.step() came first is meant.
    family = Family('schedulers', 'Schedulers: [learning rate of each group] at the beginning and after each step; momenta where they move.')
    family.shared = {'metrics': METRICS}

    def build(kind, optimizer, options):
        if kind == 'LambdaLR':
            functions = options['lrLambda']
            return lr_scheduler.LambdaLR(optimizer, [LAMBDAS[name] for name in functions] if isinstance(functions, list) else LAMBDAS[functions])
        if kind == 'SequentialLR':
            parts = [build(part['scheduler'], optimizer, part['options']) for part in options['schedulers']]
            return lr_scheduler.SequentialLR(optimizer, parts, options['milestones'])
        if kind == 'CyclicLR' and 'momentum' not in optimizer.defaults:
            optimizer.defaults['momentum'] = 0  # Later versions of PyTorch cycle the first beta of Adam.
        return getattr(swa_utils if kind == 'SWALR' else lr_scheduler, kind)(optimizer, **named(options))

    def run(kind, steps=12, optimizer='SGD', optimizer_options=None, joins=None, **options):
        """`joins`: a third group joins `after` so many steps, with the rate `lr`."""
        given = optimizer_options if optimizer_options is not None else {'momentum': 0.7}
        parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
        rates = [0.1, 0.02]
        made = getattr(torch.optim, optimizer)([{'params': [parameter], 'lr': rate} for parameter, rate in zip(parameters, rates)], lr=1.0, **given)
        scheduler = build(kind, made, options)
        read_momentum = (lambda group: group['momentum']) if optimizer == 'SGD' else (lambda group: group['betas'][0])
        learned, momenta = [], []

        def look():
            learned.append(exact(group['lr'] for group in made.param_groups))
            momenta.append(exact(map(read_momentum, made.param_groups)))
        look()
        for step in range(steps):
            if joins is not None and step == joins['after']:
                made.add_param_group({'params': [torch.zeros(1, requires_grad=True)], 'lr': joins['lr']})
            if kind == 'ReduceLROnPlateau':
                sign = -1 if options.get('mode') == 'max' else 1
                scheduler.step(sign * METRICS[step])
            else:
                scheduler.step()
            look()
        shown = ', '.join(f'{key} {value}' for key, value in options.items() if key != 'schedulers')
        case = {'name': f'{kind} with {optimizer} ({shown})', 'scheduler': kind, 'optimizer': optimizer, 'optimizerOptions': given, 'rates': rates, 'options': options, 'lrs': learned}
        if joins is not None:
            case['name'] += f", a group joins after {joins['after']}"
            case['joins'] = joins
        if kind in ('OneCycleLR', 'CyclicLR'):
            case['momenta'] = momenta
        family.add(case)

    run('StepLR', stepSize=3)
    run('StepLR', stepSize=1, gamma=0.9)
    run('MultiStepLR', milestones=[2, 5, 6])
    run('MultiStepLR', milestones=[4, 4, 8], gamma=0.5)
    run('ExponentialLR', gamma=0.8)
    run('CosineAnnealingLR', tMax=10)
    run('CosineAnnealingLR', tMax=4, etaMin=0.01, steps=14)
    run('LambdaLR', lrLambda='halves')
    run('LambdaLR', lrLambda=['halves', 'rises'])
    run('LinearLR')
    run('LinearLR', startFactor=0.1, endFactor=0.8, totalIters=7)
    run('LinearLR', endFactor=0, totalIters=4)
    run('LinearLR', startFactor=1, endFactor=0, totalIters=9)
    run('StepLR', stepSize=3, joins={'after': 4, 'lr': 0.3})
    run('MultiStepLR', milestones=[2, 5, 6], gamma=0.5, joins={'after': 3, 'lr': 0.3})
    run('ExponentialLR', gamma=0.8, joins={'after': 2, 'lr': 0.3})
    run('SequentialLR', milestones=[4], schedulers=[
        {'scheduler': 'LinearLR', 'options': {'startFactor': 0.25, 'totalIters': 4}}, {'scheduler': 'CosineAnnealingLR', 'options': {'tMax': 8}}])
    run('SequentialLR', milestones=[2, 6], schedulers=[
        {'scheduler': 'LinearLR', 'options': {}}, {'scheduler': 'ExponentialLR', 'options': {'gamma': 0.9}}, {'scheduler': 'StepLR', 'options': {'stepSize': 2}}])
    run('ConstantLR')
    run('ConstantLR', factor=0.25, totalIters=3)
    run('PolynomialLR', steps=8)
    run('PolynomialLR', totalIters=9, power=0.9)
    run('PolynomialLR', totalIters=7, power=2)
    run('CosineAnnealingWarmRestarts', t0=4)
    run('CosineAnnealingWarmRestarts', t0=2, tMult=2, etaMin=0.01, steps=20)
    run('CyclicLR', baseLr=0.01, maxLr=0.1, stepSizeUp=4, steps=20)
    run('CyclicLR', baseLr=[0.01, 0.02], maxLr=[0.1, 0.05], stepSizeUp=3, stepSizeDown=5, mode='triangular2', steps=20)
    run('CyclicLR', baseLr=0.01, maxLr=0.1, stepSizeUp=3, mode='exp_range', gamma=0.9, baseMomentum=0.5, maxMomentum=0.99, steps=14)
    run('CyclicLR', baseLr=0.1, maxLr=0.01, stepSizeUp=3, cycleMomentum=False)
    run('SWALR', swaLr=0.05)
    run('SWALR', swaLr=[0.5, 0.01], annealEpochs=5, annealStrategy='linear')
    run('SWALR', swaLr=0.05, annealEpochs=0, steps=3)
    run('SequentialLR', milestones=[5], schedulers=[
        {'scheduler': 'PolynomialLR', 'options': {'totalIters': 8}}, {'scheduler': 'ConstantLR', 'options': {'totalIters': 3}}])
    # One step past the end of the cycle is allowed: PyTorch extrapolates there.
    run('OneCycleLR', maxLr=0.5, totalSteps=15, steps=15)
    run('OneCycleLR', maxLr=[0.5, 0.2], epochs=4, stepsPerEpoch=4, steps=15)
    run('OneCycleLR', maxLr=0.5, totalSteps=12, annealStrategy='linear', pctStart=0.5, steps=11)
    run('OneCycleLR', maxLr=0.5, totalSteps=16, threePhase=True, divFactor=10, finalDivFactor=100, steps=16)
    run('OneCycleLR', maxLr=0.5, totalSteps=12, baseMomentum=0.6, maxMomentum=0.9, steps=11)
    run('OneCycleLR', maxLr=0.5, totalSteps=12, cycleMomentum=False, steps=11)
    run('OneCycleLR', maxLr=0.01, totalSteps=12, steps=12, optimizer='Adam', optimizer_options={})
    run('OneCycleLR', maxLr=0.5, totalSteps=2, steps=2, pctStart=0.25)
    run('OneCycleLR', maxLr=0.3, totalSteps=10, annealStrategy='linear', steps=10)
    run('OneCycleLR', maxLr=0.5, totalSteps=16, annealStrategy='linear', threePhase=True, steps=16)
    run('OneCycleLR', maxLr=0.01, totalSteps=10, annealStrategy='linear', steps=10, optimizer='Adam',
        optimizer_options={})
    run('ReduceLROnPlateau', steps=22)
    run('ReduceLROnPlateau', steps=22, patience=2, factor=0.5)
    run('ReduceLROnPlateau', steps=22, patience=1, factor=0.5, cooldown=2, minLr=0.005)
    run('ReduceLROnPlateau', steps=22, patience=0, factor=0.7, threshold=0.05, thresholdMode='abs')
    run('ReduceLROnPlateau', steps=22, patience=2, mode='max')
    run('ReduceLROnPlateau', steps=22, patience=1, threshold=0, minLr=[0.01, 0.001])
    run('ReduceLROnPlateau', steps=22, patience=0, factor=0.1, eps=0.05)
    return family
