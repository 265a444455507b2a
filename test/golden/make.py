#!/usr/bin/python3
"""Writes the golden files of this folder with PyTorch (1.13; Debian's python3-torch serves).

    /usr/bin/python3 test/golden/make.py            writes all files
    /usr/bin/python3 test/golden/make.py --check    regenerates and compares: exit code 1 when a file differs
    /usr/bin/python3 test/golden/make.py conv norm  only these families

Python is a tool of the developer: the tests only read the JSON. Inputs depend on the names of the cases alone, so a
new case changes no other line.
"""
import os
import sys

folder = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(folder, 'python'))
sys.dont_write_bytecode = True

import importlib

FAMILIES = ['elementwise', 'functions', 'activations', 'reduce', 'movement', 'matmul', 'conv', 'norm', 'attention', 'recurrent', 'losses', 'layers', 'optimizers', 'schedulers', 'init', 'clip']


def first_difference(old, new):
    for number, (a, b) in enumerate(zip(old.splitlines(), new.splitlines()), 1):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return f'line {number}, column {at + 1}: {a[max(0, at - 30):at + 30]!r} is now {b[max(0, at - 30):at + 30]!r}'
    return 'the number of lines differs'


def main(arguments):
    check = '--check' in arguments
    chosen = [name for name in arguments if not name.startswith('--')] or FAMILIES
    unknown = [name for name in chosen if name not in FAMILIES]
    if unknown:
        print(f'unknown family {", ".join(unknown)}; there are {", ".join(FAMILIES)}', file=sys.stderr)
        return 2
    differing = 0
    for name in chosen:
        family = importlib.import_module(name).make()
        text, file = family.text(), os.path.join(folder, f'{name}.json')
        if not check:
            with open(file, 'w') as out:
                out.write(text)
            print(f'{name}.json: {len(family.cases)} cases, {len(text) / 1000:.0f} kB')
            continue
        old = open(file).read() if os.path.exists(file) else ''
        same = old == text
        differing += not same
        print(f'{name}.json: {"the same" if same else first_difference(old, text)}')
    return 1 if differing else 0


sys.exit(main(sys.argv[1:]))
