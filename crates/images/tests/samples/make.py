"""Makes the samples in this folder: pip install pillow numpy; python make.py FOLDER_OF_MNIST

The 40 digits are the first four of each class of MNIST's test set, in the order 0 1 2 ... 9 0 1 ...
All images but `sheet.jpg` show the same digit, a 3, in different formats and variants.
"""

import gzip
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent


def idx(folder, name):
    data = gzip.decompress((folder / f"{name}.gz").read_bytes())
    axes = data[3]
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def write_idx(name, array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    with gzip.GzipFile(HERE / name, "wb", mtime=0) as file:
        file.write(header + array.tobytes())


def main(folder):
    images, labels = idx(folder, "t10k-images-idx3-ubyte"), idx(folder, "t10k-labels-idx1-ubyte")
    chosen = [np.flatnonzero(labels == digit)[:4] for digit in range(10)]
    order = np.stack(chosen, axis=1).ravel()
    write_idx("mnist-40-images.idx3.gz", images[order])
    write_idx("mnist-40-labels.idx1.gz", labels[order])

    # Dark on light, 56×56 pixels on a page of 80×96, off centre.
    three = 255 - images[order[3]]
    page = np.full((96, 80), 255, np.uint8)
    big = np.asarray(Image.fromarray(three).resize((56, 56), Image.Resampling.BICUBIC))
    page[30:86, 4:60] = big
    grey = Image.fromarray(page)
    colour = Image.merge("RGB", [grey.point(lambda v, k=k: 255 - (255 - v) * k // 100) for k in (100, 95, 60)])
    black_on_transparent = Image.merge("LA", [Image.new("L", grey.size, 0), Image.fromarray(255 - page)])
    white_on_transparent = Image.merge("LA", [Image.new("L", grey.size, 255), Image.fromarray(255 - page)])

    grey.save(HERE / "grey.png")
    grey.convert("1").save(HERE / "bits.png")
    colour.save(HERE / "colour.png")
    colour.quantize(16).save(HERE / "palette.png")
    Image.fromarray(page.astype(np.uint16) * 257).save(HERE / "sixteen.png")
    black_on_transparent.save(HERE / "black-on-nothing.png")
    white_on_transparent.convert("RGBA").save(HERE / "white-on-nothing.png")

    grey.save(HERE / "grey.jpg", quality=85)
    colour.save(HERE / "progressive.jpg", quality=85, progressive=True)
    colour.convert("CMYK").save(HERE / "cmyk.jpg", quality=85)
    # Six digits on a page, as a photo of a sheet.
    sheet = np.full((200, 290), 235, np.uint8)
    for i in range(6):
        y, x = 20 + i // 3 * 90, 20 + i % 3 * 90
        digit = Image.fromarray(images[order[i]]).resize((70, 70), Image.Resampling.BICUBIC)
        sheet[y : y + 70, x : x + 70] -= np.minimum(np.asarray(digit), 200)
    Image.fromarray(sheet).save(HERE / "sheet.jpg", quality=85)
    exif = Image.Exif()
    exif[0x0112] = 6
    colour.transpose(Image.Transpose.ROTATE_90).save(HERE / "turned.jpg", quality=85, exif=exif)

    colour.save(HERE / "lossy.webp", quality=80)
    colour.save(HERE / "lossless.webp", lossless=True)
    white_on_transparent.convert("RGBA").save(HERE / "alpha.webp", lossless=True)

    # The browser decodes it; an end-to-end test uploads it.
    colour.save(HERE / "colour.avif", quality=80)

    for mode in ("1", "L", "RGB", "RGBA"):
        colour.convert(mode).save(HERE / f"{mode.lower()}.bmp")

    blank = Image.new("L", grey.size, 255)
    grey.save(HERE / "still.gif")
    grey.save(HERE / "moving.gif", save_all=True, append_images=[blank, grey])
    # GIF has no partial transparency.
    binary_alpha = black_on_transparent.getchannel("A").point(lambda alpha: 255 * (alpha > 127))
    Image.merge("LA", [black_on_transparent.getchannel("L"), binary_alpha]).convert("RGBA").save(HERE / "alpha.gif")

    # Headers that declare a size beyond the limit.
    wide = bytearray((HERE / "grey.png").read_bytes())
    wide[16:24] = struct.pack(">II", 40_000, 40_000)
    wide[29:33] = struct.pack(">I", zlib.crc32(bytes(wide[12:29])))
    (HERE / "wide.png").write_bytes(wide)
    bmp = bytearray((HERE / "rgb.bmp").read_bytes())[:200]
    bmp[18:26] = struct.pack("<ii", 40_000, 40_000)
    (HERE / "wide.bmp").write_bytes(bmp)
    jpg = bytearray((HERE / "grey.jpg").read_bytes())
    at = jpg.index(b"\xff\xc0")
    jpg[at + 5 : at + 9] = struct.pack(">HH", 40_000, 40_000)
    (HERE / "wide.jpg").write_bytes(jpg)
    gif = bytearray((HERE / "still.gif").read_bytes())
    gif[6:10] = struct.pack("<HH", 40_000, 40_000)
    (HERE / "wide.gif").write_bytes(gif)
    Image.new("L", (40, 40), 200).save(HERE / "blank.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
