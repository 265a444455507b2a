"""Matrix products."""
import torch
import torch.nn.functional as F

from support import Family, uniform


def make():
    family = Family('matmul', 'Matrix products: value and gradients.')
    pairs = [
        ((3, 4), (4, 5)), ((1, 1), (1, 1)), ((17, 9), (9, 13)), ((8, 33), (33, 4)), ((5, 64), (64, 3)),
        ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)),
        ((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3)),
        ((0, 4), (4, 3)), ((3, 0), (0, 2)),
    ]
    for a, b in pairs:
        family.op('matmul', torch.matmul, uniform(*a), uniform(*b))
    for x, out in (((3, 4), 5), ((7, 33), 10), ((1, 1), 1), ((2, 3, 4), 5), ((4,), 3), ((16, 20), 17)):
        family.op('linear', F.linear, uniform(*x), uniform(out, x[-1]), uniform(out))
    family.op('linear', F.linear, uniform(3, 4), uniform(5, 4), None, note='without bias')
    for equation, *shapes in (
        ('ii', (3, 3)), ('ij,jk->ik', (2, 3), (3, 4)), ('bhqd,bhkd->bhqk', (2, 2, 3, 4), (2, 2, 5, 4)), ('...ij,...kj', (2, 3, 4), (5, 4)),
        ('bn,anm,bm->ba', (2, 3), (4, 3, 5), (2, 5)), ('iji,j,k...->...ki', (2, 3, 2), (3,), (2, 4)), ('i,j', (2,), (3,)),
    ):
        family.op('einsum', lambda *x, equation=equation: torch.einsum(equation, *x), *(uniform(*shape) for shape in shapes), equation=equation)
    return family
