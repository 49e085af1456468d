"""Compares the augmentation of a project with plain loops.

    python check_augmentation.py PROJECT
"""

import math
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(sys.argv[1])))

from augmentation import affine, augment, shift  # noqa: E402

torch.manual_seed(1)


def warped(image, rotation, tall, broad, shear):
    """Bilinear interpolation at each pixel's source: black outside of a grey image, the border of one in colour."""
    channels, height, width = image.shape
    is_color = channels > 1
    result = torch.zeros_like(image)
    sin, cos = math.sin(rotation), math.cos(rotation)
    for row in range(height):
        for column in range(width):
            down, right = row - (height - 1) / 2, column - (width - 1) / 2
            y = (height - 1) / 2 + sin * right + tall * cos * down
            x = (width - 1) / 2 + broad * cos * right + (shear - sin) * down
            top, left = math.floor(y), math.floor(x)
            for at_y, at_x, part in [
                (top, left, (1 - y + top) * (1 - x + left)),
                (top, left + 1, (1 - y + top) * (x - left)),
                (top + 1, left, (y - top) * (1 - x + left)),
                (top + 1, left + 1, (y - top) * (x - left)),
            ]:
                if is_color:
                    at_y, at_x = min(max(at_y, 0), height - 1), min(max(at_x, 0), width - 1)
                if 0 <= at_y < height and 0 <= at_x < width:
                    result[:, row, column] += part * image[:, at_y, at_x]
    return result


for shape in [(1, 9, 12), (3, 10, 8)]:
    images = torch.rand(5, *shape, dtype=torch.double)
    amounts = [0.14 * (2 * torch.rand(5, dtype=torch.double) - 1) for _ in range(4)]
    rotation, tall, broad, shear = amounts[0], 1 + amounts[1], 1 + amounts[2], amounts[3]
    found = affine(images, rotation, tall, broad, shear)
    for at in range(5):
        values = [float(amount[at]) for amount in (rotation, tall, broad, shear)]
        assert (found[at] - warped(images[at], *values)).abs().max() < 1e-9, shape

    # Each of nine shifts by at most one pixel is drawn, and nothing else.
    generator = torch.Generator().manual_seed(2)
    marks = torch.zeros(400, *shape)
    marks[:, :, 4, 5] = 1
    moved = shift(marks, 1, 1.0, generator)[:, 0].flatten(1)
    assert (moved.sum(1) == 1).all()
    places = {divmod(int(at), shape[2]) for at in moved.argmax(1)}
    assert places == {(row, column) for row in (3, 4, 5) for column in (4, 5, 6)}, places
    still = (shift(marks, 1, 0.25, generator) == marks).flatten(1).all(1).float().mean()
    assert abs(still - (0.75 + 0.25 / 9)) < 0.1, still

# White in colour stays white; a grey image gets a black border.
settings = {"warp_share": 1.0, "shift": 2, "shift_share": 1.0}
for channels, darkest in [(3, 1.0), (1, 0.0)]:
    rows = torch.ones(50, 8 * 8 * channels)
    changed = augment(rows, (8, 8, channels), settings, torch.Generator().manual_seed(3))
    assert changed.shape == rows.shape and changed.max() <= 1.0001
    assert abs(changed.min() - darkest) < 1e-6, (channels, changed.min())
