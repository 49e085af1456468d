//! The equations, in MathML, with the notes' symbols.

/// p(x), p(z), …: a density of one thing, or of one given another. Around letters, brackets that fit them would
/// come out twice as high in fonts without mathematics.
macro_rules! of {
    ($f:literal, $a:literal) => {
        concat!(
            "<mrow><mi>",
            $f,
            "</mi><mo stretchy=\"false\">(</mo><mi>",
            $a,
            "</mi><mo stretchy=\"false\">)</mo></mrow>"
        )
    };
    ($f:literal, $a:literal, $b:literal) => {
        concat!(
            "<mrow><mi>",
            $f,
            "</mi><mo stretchy=\"false\">(</mo><mi>",
            $a,
            "</mi><mo stretchy=\"false\">|</mo><mi>",
            $b,
            "</mi><mo stretchy=\"false\">)</mo></mrow>"
        )
    };
}
/// log of something.
macro_rules! log {
    ($what:expr) => {
        concat!("<mrow><mi>log</mi><mo>&#x2061;</mo>", $what, "</mrow>")
    };
}
/// KL(one ‖ another).
macro_rules! kl {
    ($one:expr, $other:expr) => {
        concat!(
            "<mrow><mi>KL</mi><mo>(</mo>",
            $one,
            "<mo>∥</mo>",
            $other,
            "<mo>)</mo></mrow>"
        )
    };
}
/// The expectation over q(z|x).
macro_rules! over_q {
    ($what:expr) => {
        concat!(
            "<mrow><msub><mi>E</mi>",
            of!("q", "z", "x"),
            "</msub><mo>[</mo>",
            $what,
            "<mo>]</mo></mrow>"
        )
    };
}
/// What stands by itself.
macro_rules! math {
    ($($part:expr),+) => {
        concat!("<math display=\"block\"><mrow>", $($part),+, "</mrow></math>")
    };
}

/// log p(x) = E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)) + KL(q(z|x) ‖ p(z|x)).
pub(crate) const BOUND: &str = math!(
    log!(of!("p", "x")),
    "<mo>=</mo><munder><mrow>",
    over_q!(log!(of!("p", "x", "z"))),
    "<mo>−</mo>",
    kl!(of!("q", "z", "x"), of!("p", "z")),
    "</mrow><mtext>ELBO</mtext></munder><mo>+</mo><munder>",
    kl!(of!("q", "z", "x"), of!("p", "z", "x")),
    "<mtext>gap ≥ 0</mtext></munder>"
);

/// p(x) = ∫ p(x|z) p(z) dz, p(z|x) = p(x|z) p(z) / p(x).
pub(crate) const EXACT: &str = math!(
    of!("p", "x"),
    "<mo>=</mo><mo>∫</mo>",
    of!("p", "x", "z"),
    of!("p", "z"),
    "<mspace width=\"0.2em\"/><mi>d</mi><mi>z</mi><mo>,</mo><mspace width=\"2em\"/>",
    of!("p", "z", "x"),
    "<mo>=</mo><mfrac><mrow>",
    of!("p", "x", "z"),
    of!("p", "z"),
    "</mrow>",
    of!("p", "x"),
    "</mfrac>"
);

/// p(x) ≈ 1/n Σ p(x|zᵢ), L_K = E[log 1/K Σ p(x, zᵢ) / q(zᵢ|x)].
pub(crate) const NAIVE: &str = math!(
    of!("p", "x"),
    "<mo>≈</mo><mfrac><mn>1</mn><mi>n</mi></mfrac><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn>",
    "</mrow><mi>n</mi></munderover><mi>p</mi><mo>(</mo><mi>x</mi><mo>|</mo><msub><mi>z</mi><mi>i</mi></msub>",
    "<mo>)</mo><mo>,</mo><mspace width=\"0.5em\"/><msub><mi>z</mi><mi>i</mi></msub><mo>∼</mo>",
    of!("p", "z"),
    "<mspace width=\"2em\"/><msub><mi>L</mi><mi>K</mi></msub><mo>=</mo><mi>E</mi><mo>[</mo><mi>log</mi>",
    "<mfrac><mn>1</mn><mi>K</mi></mfrac><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow>",
    "<mi>K</mi></munderover><mfrac><mrow><mi>p</mi><mo>(</mo><mi>x</mi><mo>,</mo><msub><mi>z</mi><mi>i</mi>",
    "</msub><mo>)</mo></mrow><mrow><mi>q</mi><mo>(</mo><msub><mi>z</mi><mi>i</mi></msub><mo>|</mo><mi>x</mi>",
    "<mo>)</mo></mrow></mfrac><mo>]</mo>"
);

/// log p(x|z) of the Gaussian, −‖x − f(z)‖²/2σ² and a constant; of the Bernoulli, Σ x log y + (1 − x) log(1 − y).
pub(crate) const LIKELIHOODS: &str = math!(
    log!(of!("p", "x", "z")),
    "<mo>=</mo><mo>−</mo><mfrac><msup><mrow><mo>∥</mo><mi>x</mi><mo>−</mo><mi>f</mi><mo>(</mo><mi>z</mi>",
    "<mo>)</mo><mo>∥</mo></mrow><mn>2</mn></msup><mrow><mn>2</mn><msup><mi>σ</mi><mn>2</mn></msup></mrow>",
    "</mfrac><mo>+</mo><mi>c</mi><mspace width=\"1.2em\"/><mtext>or</mtext><mspace width=\"1.2em\"/>",
    "<munder><mo>∑</mo><mi>j</mi></munder><msub><mi>x</mi><mi>j</mi></msub><mi>log</mi><msub><mi>y</mi>",
    "<mi>j</mi></msub><mo>+</mo><mo>(</mo><mn>1</mn><mo>−</mo><msub><mi>x</mi><mi>j</mi></msub><mo>)</mo>",
    "<mi>log</mi><mo>(</mo><mn>1</mn><mo>−</mo><msub><mi>y</mi><mi>j</mi></msub><mo>)</mo>"
);

/// z′ is taken with probability min(1, p(x, z′) / p(x, z)).
pub(crate) const METROPOLIS: &str = math!(
    "<mi>α</mi><mo>=</mo><mi>min</mi><mo>(</mo><mn>1</mn><mo>,</mo><mfrac>",
    "<mrow><mi>p</mi><mo>(</mo><mi>x</mi><mo>|</mo><msup><mi>z</mi><mo>′</mo></msup><mo>)</mo><mi>p</mi><mo>(</mo>",
    "<msup><mi>z</mi><mo>′</mo></msup><mo>)</mo></mrow><mrow>",
    of!("p", "x", "z"),
    of!("p", "z"),
    "</mrow></mfrac><mo>)</mo>"
);

/// ∇E[log p(x|z)] = E[∇ log p(x|μ + σ⊙ε)] = E[log p(x|z) ∇ log q(z|x)].
pub(crate) const GRADIENT: &str = math!(
    "<msub><mo>∇</mo><mi>φ</mi></msub>",
    over_q!(log!(of!("p", "x", "z"))),
    "<mo>=</mo><msub><mi>E</mi><mi>ε</mi></msub><mo>[</mo><msub><mo>∇</mo><mi>φ</mi></msub><mi>log</mi>",
    "<mi>p</mi><mo>(</mo><mi>x</mi><mo>|</mo><mi>μ</mi><mo>+</mo><mi>σ</mi><mo>⊙</mo><mi>ε</mi><mo>)</mo>",
    "<mo>]</mo><mo>=</mo>",
    over_q!(concat!(
        log!(of!("p", "x", "z")),
        "<mspace width=\"0.2em\"/><msub><mo>∇</mo><mi>φ</mi></msub>",
        log!(of!("q", "z", "x"))
    ))
);

/// log E[w] ≥ E[log w].
pub(crate) const JENSEN: &str = math!(
    "<mi>log</mi><mo>&#x2061;</mo><mi>E</mi><mo>[</mo><mi>w</mi><mo>]</mo><mo>≥</mo><mi>E</mi><mo>[</mo>",
    "<mi>log</mi><mo>&#x2061;</mo><mi>w</mi><mo>]</mo>"
);

/// z ∼ p(z), x ∼ p(x|z).
pub(crate) const DRAWS: &str = math!(
    "<mi>z</mi><mo>∼</mo>",
    of!("p", "z"),
    "<mo>=</mo><mi>N</mi><mo>(</mo><mn>0</mn><mo>,</mo><mi>I</mi><mo>)</mo><mo>,</mo><mspace width=\"1.2em\"/>",
    "<mi>x</mi><mo>∼</mo>",
    of!("p", "x", "z")
);
