"""Writes the files in test/images/files and their pixels, by Pillow: python3 test/images/make.py (python3-pil).

Each file NAME has NAME.json: width, height, channels, the SHA-256 of the pixels as Pillow decodes them, and those of
the images made of it by ImageOps.fit, ImageOps.pad and resize, all with the bilinear filter.
"""
import hashlib
import json
import os

from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'files')
SIZES = [(8, 8), (13, 7), (40, 30)]


def picture(width, height, mode):
    """Smooth colours with an edge, and alpha that falls from left to right."""
    image = Image.new('RGBA', (width, height))
    image.putdata([
        (x * 255 // width, y * 255 // height, 255 if (x // 5 + y // 4) % 2 else 40, 255 - x * 200 // width)
        for y in range(height) for x in range(width)
    ])
    return image if mode == 'RGBA' else image.convert('RGB').convert(mode)


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def planes(image):
    """SHA-256 of the bytes [C, H, W]."""
    return hashlib.sha256(b''.join(band.tobytes() for band in image.split())).hexdigest()


def images(pixels):
    made = {}
    for mode, channels in (('L', 1), ('RGB', 3)):
        source = pixels.convert(mode)
        for w, h in SIZES:
            key = f'{channels}x{h}x{w}'
            made[f'cover {key}'] = planes(ImageOps.fit(source, (w, h), Image.BILINEAR))
            made[f'contain {key}'] = planes(ImageOps.pad(source, (w, h), Image.BILINEAR, color='white'))
            made[f'fill {key}'] = planes(source.resize((w, h), Image.BILINEAR))
    return made


def write(name, image, **options):
    path = os.path.join(HERE, name)
    image.save(path, **options)
    keep(name)


def keep(name):
    with Image.open(os.path.join(HERE, name)) as opened:
        upright = ImageOps.exif_transpose(opened)
        if upright.mode == 'CMYK':
            upright = upright.convert('RGB')
        alpha = upright.mode == 'RGBA'
        facts[name] = {
            'width': upright.width, 'height': upright.height, 'channels': len(upright.getbands()),
            'pixels': digest(upright), **({} if alpha else {'images': images(upright)}),
        }


facts = {}
os.makedirs(HERE, exist_ok=True)
write('colour.jpg', picture(37, 29, 'RGB'), quality=90)
write('progressive.jpg', picture(37, 29, 'RGB'), quality=85, progressive=True)
write('full.jpg', picture(21, 34, 'RGB'), quality=95, subsampling=0)
write('halved.jpg', picture(33, 17, 'RGB'), quality=80, subsampling=1)
write('grey.jpg', picture(19, 23, 'L'), quality=90)
write('cmyk.jpg', picture(16, 11, 'CMYK'), quality=90)
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    write(f'orientation{orientation}.jpg', picture(20, 12, 'RGB'), quality=85, exif=exif.tobytes())
write('lossy.webp', picture(37, 29, 'RGB'), quality=85)
write('lossless.webp', picture(24, 31, 'RGB'), lossless=True)
write('alpha.webp', picture(17, 13, 'RGBA'), lossless=True, exact=True)
write('alphaLossy.webp', picture(32, 18, 'RGBA'), quality=80, exact=True)
write('colour.png', picture(45, 31, 'RGB'))
write('grey.png', picture(28, 28, 'L'))
with open(os.path.join(HERE, 'facts.json'), 'w') as out:
    json.dump(facts, out, indent=1, sort_keys=True)
    out.write('\n')
