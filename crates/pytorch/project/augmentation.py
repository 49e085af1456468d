"""Random changes of training images, [n, channels, height, width] from 0 to 1.

From outside of an image comes black; of an image in colour, its border.
"""

import torch
import torch.nn.functional as F

# The largest rotation in radians, relative scaling of an axis, and shear in columns per row.
ROTATION, SCALING, SHEAR = 0.14, 0.08, 0.12


def chosen(count, share, generator):
    """Which images are changed."""
    return torch.rand(count, generator=generator) < share


def shift(images, reach, share, generator):
    """Moves images by a random whole number of pixels, at most `reach`, along each axis."""
    count, channels, height, width = images.shape
    padded = F.pad(images, [reach] * 4, mode="constant" if channels == 1 else "replicate")
    start = torch.randint(0, 2 * reach + 1, (count, 2), generator=generator)
    start[~chosen(count, share, generator)] = reach
    rows = start[:, :1] + torch.arange(height)
    columns = start[:, 1:] + torch.arange(width)
    image = torch.arange(count)[:, None, None]
    return padded[image, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def warp(images, share, generator):
    """Rotates, scales and shears images about their centre by random amounts."""
    count = len(images)
    rotation, tall, broad, shear = 2 * torch.rand(4, count, generator=generator) - 1
    amounts = (ROTATION * rotation, 1 + SCALING * tall, 1 + SCALING * broad, SHEAR * shear)
    changed = affine(images, *amounts)
    return torch.where(chosen(count, share, generator)[:, None, None, None], changed, images)


def affine(images, rotation, tall, broad, shear):
    """Images read at (sin right + tall cos down, broad cos right + (shear - sin) down) from their centre, where right and
    down are the columns and rows from it. The amounts are a number for each image."""
    height, width = images.shape[2:]
    # grid_sample counts from -1 to 1 along each axis.
    ratio = (height - 1) / (width - 1)
    sin, cos, none = rotation.sin(), rotation.cos(), torch.zeros_like(rotation)
    across = torch.stack([broad * cos, (shear - sin) * ratio, none], 1)
    along = torch.stack([sin / ratio, tall * cos, none], 1)
    grid = F.affine_grid(torch.stack([across, along], 1), list(images.shape), align_corners=True)
    padding = "zeros" if images.shape[1] == 1 else "border"
    return F.grid_sample(images, grid, padding_mode=padding, align_corners=True)


def augment(x, shape, settings, generator):
    """Rows of [height, width, channels], warped and shifted as the settings say."""
    height, width, channels = shape
    images = x.view(-1, height, width, channels).permute(0, 3, 1, 2)
    if settings["warp_share"] > 0:
        images = warp(images, settings["warp_share"], generator)
    if settings["shift"] > 0 and settings["shift_share"] > 0:
        images = shift(images, settings["shift"], settings["shift_share"], generator)
    return images.permute(0, 2, 3, 1).reshape(x.shape)
