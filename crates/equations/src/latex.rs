//! The equations' source. The build script and the tests read it; the page gets only the MathML.

/// One equation.
pub(crate) struct Equation {
    /// Name of the constant with its MathML.
    pub(crate) name: &'static str,
    /// Plain text, for screen readers that do not read MathML.
    pub(crate) text: &'static str,
    /// LaTeX for display mode, with the macros of the build script. On a narrow screen the equation may be broken where a
    /// line ends.
    pub(crate) latex: &'static str,
}

/// All equations of the page. Brackets keep their size except between `\left` and `\right`.
pub(crate) const EQUATIONS: &[Equation] = &[
    Equation {
        name: "ELBO_DECOMPOSITION",
        text: "log p(x) = ELBO + gap, ELBO = E_q(z|x)[log p(x|z)] − KL(q(z|x) ‖ p(z)), gap = KL(q(z|x) ‖ p(z|x)) ≥ 0",
        latex: r"\log p(x)
            = \term{\text{ELBO}}{\E_{q(z|x)}[\log p(x|z)] - \KL(q(z|x) \parallel p(z))}
            + \term{\text{gap ≥ 0}}{\KL(q(z|x) \parallel p(z|x))}",
    },
    Equation {
        name: "MARGINAL_AND_POSTERIOR",
        text: "p(x) = ∫ p(x|z) p(z) dz, p(z|x) = p(x|z) p(z) / p(x)",
        latex: r"p(x) = \int p(x|z)\,p(z)\,dz, \qquad
            p(z|x) = \frac{p(x|z)\,p(z)}{p(x)}",
    },
    Equation {
        name: "MONTE_CARLO_ESTIMATES",
        text: "p(x) ≈ 1/n Σ_i p(x|z_i) with z_i ∼ p(z), L_K = E[log(1/K Σ_i p(x, z_i) / q(z_i|x))]",
        latex: r"p(x) \approx \frac{1}{n} \sum_{i=1}^n p(x|z_i), \quad
            z_i \sim p(z), \qquad
            L_K = \E\left[\log \frac{1}{K} \sum_{i=1}^K \frac{p(x, z_i)}{q(z_i|x)}\right]",
    },
    Equation {
        name: "LIKELIHOODS",
        text: "log p(x|z) = −‖x − f(z)‖² / (2σ²) + c, or Σ_j x_j log y_j + (1 − x_j) log(1 − y_j)",
        latex: r"\log p(x|z) = -\frac{\lVert x - f(z) \rVert^2}{2\sigma^2} + c \quad \text{or} \quad
            \sum_j x_j \log y_j
            + (1 - x_j) \log(1 - y_j)",
    },
    Equation {
        name: "METROPOLIS_ACCEPTANCE",
        text: "α = min(1, p(x|z′) p(z′) / (p(x|z) p(z)))",
        latex: r"\alpha = \min\left(1, \frac{p(x|z')\,p(z')}{p(x|z)\,p(z)}\right)",
    },
    Equation {
        name: "GRADIENT_ESTIMATORS",
        text: "∇_φ E_q(z|x)[log p(x|z)] = E_ε[∇_φ log p(x|μ + σ⊙ε)] = E_q(z|x)[log p(x|z) ∇_φ log q(z|x)]",
        latex: r"\nabla_\varphi \, \E_{q(z|x)}[\log p(x|z)]
            = \E_\varepsilon[\nabla_\varphi \log p(x | \mu + \sigma \hadamard \varepsilon)]
            = \E_{q(z|x)}[\log p(x|z) \, \nabla_\varphi \log q(z|x)]",
    },
    Equation {
        name: "JENSEN_INEQUALITY",
        text: "log E[w] ≥ E[log w]",
        latex: r"\log \E[w] \ge \E[\log w]",
    },
    Equation {
        name: "GENERATIVE_MODEL",
        text: "z ∼ p(z) = N(0, I), x ∼ p(x|z)",
        latex: r"z \sim p(z) = \mathcal{N}(0, I), \quad
            x \sim p(x|z)",
    },
];
