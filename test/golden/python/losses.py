"""Losses with their options."""
import numpy as np
import torch
import torch.nn.functional as F

from support import Family, Spec, uniform, values, whole


def make():
    family = Family('losses', 'Losses with their options: value and gradients.')
    op = family.op

    def classes(name, f, shape, count, target=None, note='', weight=None, **arguments):
        names = {'ignoreIndex': 'ignore_index', 'labelSmoothing': 'label_smoothing', 'reduction': 'reduction'}
        torch_arguments = {names[key]: value for key, value in arguments.items()}
        if weight is not None:
            torch_arguments['weight'] = torch.tensor(np.array(weight, dtype=np.float32).astype(np.float64))
            arguments['weight'] = weight
        target = target or whole(*(shape[:1] + shape[2:]), high=count)
        op(name, lambda x, t: f(x, t, **torch_arguments), uniform(*shape, low=-4, high=4), target, note=note, **arguments)

    weight = [0.5, 2, 1, 0.25, 3]
    for reduction in ('mean', 'sum', 'none'):
        classes('crossEntropy', F.cross_entropy, (6, 5), 5, reduction=reduction)
        classes('crossEntropy', F.cross_entropy, (6, 5), 5, reduction=reduction, weight=weight)
        classes('crossEntropy', F.cross_entropy, (6, 5), 5, reduction=reduction, labelSmoothing=0.1)
        classes('crossEntropy', F.cross_entropy, (6, 5), 5, reduction=reduction, labelSmoothing=0.3, weight=weight)
        some = values([0, 2, 4, 2, 1, 3], dtype=np.int32)
        classes('crossEntropy', F.cross_entropy, (6, 5), 5, target=some, note='some ignored', reduction=reduction, ignoreIndex=2)
        classes('crossEntropy', F.cross_entropy, (6, 5), 5, target=some, note='some ignored', reduction=reduction, ignoreIndex=2, weight=weight, labelSmoothing=0.2)
        classes('nllLoss', F.nll_loss, (6, 5), 5, reduction=reduction)
        classes('nllLoss', F.nll_loss, (6, 5), 5, target=some, note='some ignored', reduction=reduction, ignoreIndex=2, weight=weight)
    default = values([0, -100, 4, -100, 1, 3], dtype=np.int32)
    classes('crossEntropy', F.cross_entropy, (6, 5), 5, target=default, note='ignored by default')
    classes('crossEntropy', F.cross_entropy, (4, 10), 10, note='4x10')
    classes('crossEntropy', F.cross_entropy, (3, 33), 33, note='3x33')
    op('crossEntropy', lambda x, t: F.cross_entropy(x, t), values([[1000, 0, -1000], [-500, 500, 499]]), values([1, 2], dtype=np.int32), note='large logits')

    def probabilities(random):
        rows = np.round(random.uniform(0.05, 1, (4, 5)), 2)
        return (rows / rows.sum(1, keepdims=True)).round(4).astype(np.float32)
    for arguments in ({}, {'reduction': 'sum'}, {'reduction': 'none', 'labelSmoothing': 0.1}):
        smoothing = {'label_smoothing': arguments.get('labelSmoothing', 0), 'reduction': arguments.get('reduction', 'mean')}
        op('crossEntropy', lambda x, t: F.cross_entropy(x, t, **smoothing), uniform(4, 5, low=-4, high=4), Spec(probabilities), note='with probabilities', **arguments)
        op('crossEntropy', lambda x, t: F.cross_entropy(x, t, weight=torch.tensor(weight).double(), **smoothing), uniform(4, 5, low=-4, high=4), Spec(probabilities),
           note='with probabilities', weight=weight, **arguments)

    def pair(name, f, **arguments):
        names = {'reduction': 'reduction', 'beta': 'beta'}
        torch_arguments = {names[key]: value for key, value in arguments.items()}
        op(name, lambda x, t: f(x, t, **torch_arguments), uniform(4, 5), uniform(4, 5), **arguments)

    for name, f in {'mseLoss': F.mse_loss, 'l1Loss': F.l1_loss, 'smoothL1Loss': F.smooth_l1_loss}.items():
        pair(name, f)
        for reduction in ('mean', 'sum', 'none'):
            pair(name, f, reduction=reduction)
    for beta in (0.5, 2):
        pair('smoothL1Loss', F.smooth_l1_loss, beta=beta)
    op('l1Loss', F.l1_loss, values([1, 2, 3]), values([1, 3, 2]), note='equal')
    op('smoothL1Loss', F.smooth_l1_loss, values([1, 2, 3, 0]), values([1, 3, 2, 0.5]), note='at the joints')

    with_logits = F.binary_cross_entropy_with_logits
    for reduction in ('mean', 'sum', 'none'):
        op('bceWithLogits', lambda x, t, r=reduction: with_logits(x, t, reduction=r), uniform(4, 5, low=-4, high=4), uniform(4, 5, low=0, high=1, grad=False), reduction=reduction)
    positive, weights = [0.5, 2, 3], [1, 0.25, 2]
    op('bceWithLogits', lambda x, t: with_logits(x, t, pos_weight=torch.tensor(positive).double()), uniform(4, 3, low=-4, high=4), uniform(4, 3, low=0, high=1, grad=False), posWeight=positive)
    op('bceWithLogits', lambda x, t: with_logits(x, t, weight=torch.tensor(weights).double()), uniform(4, 3, low=-4, high=4), uniform(4, 3, low=0, high=1, grad=False), weight=weights)
    op('bceWithLogits', lambda x, t: with_logits(x, t), values([-200, 200, -200, 200, 0]), values([0, 1, 1, 0, 1], grad=False), note='large logits')
    # To −18 and 18 a double keeps eight digits of what PyTorch's formula leaves of the smaller term.
    far = [-18, -14, -10, -6, -1, 0, 1, 6, 10, 14, 18]
    for target, note in ((0, 'far logits, targets 0'), (1, 'far logits, targets 1'), (0.25, 'soft targets')):
        for options in ({}, {'posWeight': [3]}):
            positive = torch.tensor(options['posWeight']).double() if options else None
            op('bceWithLogits', lambda x, t: with_logits(x, t, pos_weight=positive, reduction='none'), values(far),
               values([target] * len(far), grad=False), note=note, reduction='none', **options)

    probability = uniform(4, 3, low=0.02, high=0.98)
    for reduction in ('mean', 'sum', 'none'):
        op('bceLoss', lambda x, t, r=reduction: F.binary_cross_entropy(x, t, reduction=r), probability, uniform(4, 3, low=0, high=1, grad=False), reduction=reduction)
    op('bceLoss', lambda x, t: F.binary_cross_entropy(x, t, weight=torch.tensor(weights).double()), probability, uniform(4, 3, low=0, high=1, grad=False), weight=weights)
    op('bceLoss', lambda x, t: F.binary_cross_entropy(x, t, reduction='none'), values([0, 1, 0, 1, 0.5]), values([0, 1, 1, 0, 1], grad=False), note='certain', reduction='none')

    for reduction in ('mean', 'sum', 'none', 'batchmean'):
        op('klDivLoss', lambda x, t, r=reduction: F.kl_div(x, t, reduction=r), uniform(4, 5), uniform(4, 5, low=0, high=1), reduction=reduction)
    op('klDivLoss', lambda x, t: F.kl_div(x, t, reduction='batchmean'), uniform(2, 3), values([[0, 1, 0], [0.5, 0, 0.5]], grad=False), note='with zeros', reduction='batchmean')
    op('klDivLoss', lambda x, t: F.kl_div(x, t, log_target=True), uniform(4, 5), uniform(4, 5), logTarget=True)

    for options in ({}, {'reduction': 'sum', 'delta': 0.5}, {'reduction': 'none', 'delta': 2}):
        op('huberLoss', lambda x, t, o=options: F.huber_loss(x, t, **o), uniform(4, 5), uniform(4, 5), **options)

    signs = values([1, -1, 1, -1], dtype=np.int32)
    for options in ({}, {'reduction': 'none', 'margin': -0.5}):
        op('cosineEmbeddingLoss', lambda a, b, t, o=options: F.cosine_embedding_loss(a, b, t, **o), uniform(4, 3), uniform(4, 3), signs, **options)
        op('marginRankingLoss', lambda a, b, t, o=options: F.margin_ranking_loss(a, b, t, **o), uniform(4), uniform(4), signs, **options)
    op('cosineEmbeddingLoss', F.cosine_embedding_loss, values([1, 2, 3]), values([3, 0, 1]), values(1, dtype=np.int32), note='one pair')
    op('marginRankingLoss', lambda a, b, t: F.margin_ranking_loss(a, b, t, reduction='none'), values([1, 2]), values([1, 3]), values([1, -1], grad=False), note='equal scores', reduction='none')
    for options in ({}, {'reduction': 'none', 'margin': 0.5}):
        op('hingeEmbeddingLoss', lambda x, t, o=options: F.hinge_embedding_loss(x, t, **o), values([0.2, 0.4, 2, 0.5]), values([1, -1, -1, 1], dtype=np.int32), **options)
        op('multiMarginLoss', lambda x, t, o=options: F.multi_margin_loss(x, t, **o), uniform(4, 5), whole(4, high=5), **options)
    op('multiMarginLoss', lambda x, t: F.multi_margin_loss(x, t, p=2, weight=torch.tensor(weight).double(), reduction='none'), uniform(4, 5), whole(4, high=5), p=2, weight=weight, reduction='none')
    op('multiMarginLoss', F.multi_margin_loss, values([1, 2, 3]), values(2, dtype=np.int32), note='one row')
    for options in ({}, {'reduction': 'none', 'margin': 0.5, 'p': 1}, {'reduction': 'sum', 'swap': True, 'p': 3, 'eps': 0.01}):
        op('tripletMarginLoss', lambda a, p, n, o=options: F.triplet_margin_loss(a, p, n, **o), uniform(4, 3), uniform(4, 3), uniform(4, 3), **options)
    return family
