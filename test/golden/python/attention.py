"""Attention: value, weights and all gradients of nn.MultiheadAttention, and 20 steps of a small encoder."""
import numpy as np
import torch
from torch import nn

from layers import fill, state
from support import Family, exact, generator, tensor, to_torch

OPTIONS = {
    'bias': 'bias', 'kdim': 'kdim', 'vdim': 'vdim', 'batchFirst': 'batch_first', 'dimFeedforward': 'dim_feedforward',
    'activation': 'activation', 'normFirst': 'norm_first', 'dropout': 'dropout', 'layerNormEps': 'layer_norm_eps',
}


def draw(random, *shape):
    return np.round(random.uniform(-1, 1, shape), 3).astype(np.float32)


def mask(random, *shape):
    """uint8, of which about a third is set; nothing in the first column, so that no query is left without a key."""
    array = (random.uniform(0, 1, shape) < 0.35).astype(np.uint8)
    array[..., 0] = 0
    return array


def make():
    family = Family('attention', 'MultiheadAttention: output, weights and all gradients, with masks; 20 steps of an encoder.')

    def attention(sizes, masks=(), average=True, **options):
        """`sizes`: batch (None: without), queries, keys."""
        batch, queries, keys = sizes
        embed, heads = 6, 2
        names = ', '.join([*masks, *(f'{key} {value}' for key, value in options.items()), *([] if average else ['each head'])])
        name = f'attention of {batch} x {queries} x {keys}' + (f' ({names})' if names else '')
        random = generator(f'attention/{name}')
        module = nn.MultiheadAttention(embed, heads, **{OPTIONS[key]: value for key, value in options.items()}).double()
        fill(module, random)
        features = (embed, options.get('kdim', embed), options.get('vdim', embed))

        def shape(length, width):
            if batch is None:
                return (length, width)
            return (batch, length, width) if options.get('batchFirst') else (length, batch, width)

        arrays = [draw(random, *shape(length, width)) for length, width in zip((queries, keys, keys), features)]
        inputs = [to_torch(array, True) for array in arrays]
        given, torch_masks = {}, {}
        for which in masks:
            if which == 'padding':
                array = mask(random, *(() if batch is None else (batch,)), keys)
            elif which == 'causal':
                array = np.triu(np.ones((queries, keys), np.uint8), 1)
            elif which == 'added':
                array = draw(random, queries, keys)
            else:
                array = mask(random, *(() if which == 'mask' else (batch * heads,)), queries, keys)
            key = 'key_padding_mask' if which == 'padding' else 'attn_mask'
            torch_masks[key] = torch.tensor(array.astype(np.float64)) if which == 'added' else torch.tensor(array).bool()
            given['keyPaddingMask' if which == 'padding' else 'isCausal' if which == 'causal' else 'attnMask'] = True if which == 'causal' else tensor(array)
        y, weights = module(*inputs, average_attn_weights=average, **torch_masks)
        dy = draw(random, *y.shape)
        (y * torch.tensor(dy.astype(np.float64))).sum().backward()
        family.add({
            'name': name, 'arguments': [embed, heads], 'options': options, 'state': state(module),
            'inputs': [tensor(array) for array in arrays], 'masks': given, 'average': average,
            'y': tensor(y), 'weights': tensor(weights), 'dy': tensor(dy), 'dx': [tensor(x.grad) for x in inputs],
            'grads': {key: tensor(parameter.grad) for key, parameter in module.named_parameters()},
        })

    attention((2, 3, 3))
    attention((2, 3, 5), batchFirst=True)
    attention((2, 3, 4), bias=False, average=False)
    attention((2, 3, 4), batchFirst=True, kdim=5, vdim=4)
    attention((None, 4, 3))
    attention((None, 3, 3), ('causal',), batchFirst=True)
    attention((2, 4, 4), ('causal', 'padding'), batchFirst=True)
    attention((2, 3, 5), ('mask', 'padding'))
    attention((2, 3, 4), ('mask of each head',), batchFirst=True, average=False)
    attention((2, 3, 4), ('added',), batchFirst=True)

    options = {'dimFeedforward': 10, 'dropout': 0.0, 'activation': 'gelu', 'batchFirst': True, 'normFirst': True}
    layer = nn.TransformerEncoderLayer(8, 2, **{OPTIONS[key]: value for key, value in options.items()})
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=False).double()
    random = generator('attention/trajectory')
    fill(encoder, random)
    x, target = draw(random, 3, 5, 8), draw(random, 3, 5, 8)
    trajectory = {'arguments': [8, 2], 'options': options, 'state': state(encoder), 'x': tensor(x), 'target': tensor(target)}
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.5, momentum=0.9)
    causal = torch.triu(torch.ones(5, 5), 1).bool()
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(encoder(to_torch(x), mask=causal), to_torch(target))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    trajectory['losses'] = exact(losses)
    trajectory['final'] = state(encoder)
    family.shared['trajectory'] = trajectory
    return family
