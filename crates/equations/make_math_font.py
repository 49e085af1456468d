"""Makes www/fonts/elbo-room-math-1.woff2: the glyphs of STIX Two Math that the equations need.

    python3 -m venv venv && venv/bin/pip install fonttools==4.68.0 brotli==1.2.1
    venv/bin/python crates/equations/make_math_font.py STIXTwoMath-Regular.otf www/fonts/elbo-room-math-1.woff2

www/fonts/README.md says where STIXTwoMath-Regular.otf comes from. Raise the number in the output's name (here, in
that README and in www/css/evidence.css) with every change, so that browsers do not use an older file.
"""

import sys

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "ELBO Room Math"
PRIME = 0x2032

# Characters that the equations may use. Italic letters are in a block of their own: browsers replace a letter that
# stands alone in <mi> by its italic form.
TEXT = [*range(0x20, 0x7F), 0xA0]
LATIN_ITALIC = [*range(0x1D434, 0x1D468), 0x210E]  # U+1D455 is unassigned, h is U+210E
GREEK_ITALIC = [*range(0x1D6FC, 0x1D71C)]
LETTERS = [0x1D53C, 0x1D4A9, 0xFE00]  # 𝔼; 𝒩 and the selector of its chancery form
OPERATORS = [ord(character) for character in "±·×′∇∈∏∑−∥‖∫∼≈≠≤≥⊙⋅∞∂"]

# Characters that may grow; the others keep one size.
GROWING = {ord(character) for character in "()[]{}|‖∑∏∫"}


def main(source, target):
    font = TTFont(source)

    # The default prime is a raised one for plain text. As a superscript, where Firefox selects the large form by
    # itself, Chromium and WebKit would raise and shrink it once more.
    forms = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            forms.update(getattr(table, "alternates", {}))
    superscript = forms[font.getBestCmap()[PRIME]][0]
    for table in font["cmap"].tables:
        if table.format != 14:
            table.cmap[PRIME] = superscript

    growing = {name for code, name in font.getBestCmap().items() if code in GROWING}
    variants = font["MATH"].table.MathVariants
    for direction in ("Vert", "Horiz"):
        coverage = getattr(variants, f"{direction}GlyphCoverage")
        constructions = getattr(variants, f"{direction}GlyphConstruction")
        kept = [pair for pair in zip(coverage.glyphs, constructions) if pair[0] in growing]
        coverage.glyphs = [glyph for glyph, _ in kept]
        setattr(variants, f"{direction}GlyphConstruction", [construction for _, construction in kept])
        setattr(variants, f"{direction}GlyphCount", len(kept))

    options = subset.Options()
    options.layout_features = []
    options.drop_tables += ["GDEF", "GPOS", "GSUB"]
    options.hinting = False
    options.desubroutinize = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=TEXT + LATIN_ITALIC + GREEK_ITALIC + LETTERS + OPERATORS)
    subsetter.subset(font)

    names = font["name"]
    version = names.getDebugName(5)
    for name in names.names:
        renamed = {1: FAMILY, 3: f"{FAMILY}, subset of STIX Two Math, {version}", 4: FAMILY, 6: FAMILY.replace(" ", "")}
        if name.nameID in renamed:
            name.string = renamed[name.nameID]
    top = font["CFF "].cff
    top.fontNames = [FAMILY.replace(" ", "")]
    top[0].FullName = top[0].FamilyName = FAMILY

    font.flavor = "woff2"
    # So that the same source gives the same bytes.
    font.recalcTimestamp = False
    font.save(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
