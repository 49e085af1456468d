//! LaTeX macros of all equations: those of this crate and those of the chapters in `www/learn/`.

/// Name and definition.
pub const MACROS: &[(&str, &str)] = &[
    ("E", r"\mathbb{E}"),
    ("KL", r"\operatorname{KL}"),
    // Text style, because Firefox enlarges ⊙ in display style.
    ("hadamard", r"\:{\textstyle\odot}\:"),
    // A label below a term: \term{label}{term}. The stylesheet draws a line between them, because Chromium cuts off
    // long braces. The empty superscript keeps the label clear of the line, for which Firefox makes no room.
    ("term", r"\underset{\vphantom{X^X}#1}{#2}"),
];
