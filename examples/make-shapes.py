"""Draws the pictures of the example own-images, with Pillow: python3 examples/make-shapes.py"""
import os
import random

from PIL import Image, ImageDraw

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shapes')
KINDS = ['png', 'jpg', 'webp']


def draw(shape, i):
    draws = random.Random(f'{shape} {i}')
    width, height = draws.randint(40, 64), draws.randint(40, 64)
    light = draws.randint(170, 255)
    image = Image.new('RGB', (width, height), tuple(light - draws.randint(0, 40) for _ in range(3)))
    r = draws.randint(10, 16)
    x, y = draws.randint(r + 1, width - r - 2), draws.randint(r + 1, height - r - 2)
    colour = tuple(draws.randint(0, 120) for _ in range(3))
    pen = ImageDraw.Draw(image)
    if shape == 'circle':
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    elif shape == 'square':
        pen.rectangle((x - r, y - r, x + r, y + r), fill=colour)
    else:
        pen.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=colour)
    return image


for shape in ('circle', 'square', 'triangle'):
    os.makedirs(os.path.join(HERE, shape), exist_ok=True)
    for i in range(24):
        kind = KINDS[i % len(KINDS)]
        draw(shape, i).save(os.path.join(HERE, shape, f'{i}.{kind}'), quality=80)
