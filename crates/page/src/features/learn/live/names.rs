//! The names of live values in the chapters' text.

/// All names, with what they are.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("z1", "first component of z"),
    ("z2", "second component of z"),
    ("mu1", "first component of the encoder's μ"),
    ("mu2", "second component of the encoder's μ"),
    ("sigma1", "first component of the encoder's σ"),
    ("sigma2", "second component of the encoder's σ"),
    ("encoder_parameters", "number of the encoder's weights"),
    ("log_prior_z", "log p(z) at the current z"),
    ("log_likelihood_z", "log p(x|z) at the current z"),
    ("log_posterior_z", "log p(z|x) at the current z"),
    ("log_px", "log p(x) by quadrature"),
    ("gap", "log p(x) − ELBO, the gap"),
    ("gap_precise", "the gap with three decimals"),
    (
        "gap_integrated",
        "KL(q(z|x) ‖ p(z|x)) integrated over the plane, with three decimals",
    ),
    ("elbo", "the ELBO of the encoder's q"),
    ("kl", "KL(q(z|x) ‖ p(z))"),
    ("reconstruction", "−E_q[log p(x|z)]"),
    ("expected_log_likelihood", "E_q[log p(x|z)]"),
    ("e_log_q", "E_q[log q(z|x)]"),
    ("e_log_prior", "E_q[log p(z)]"),
    ("e_log_joint", "E_q[log p(x, z)]"),
    ("e_log_posterior", "E_q[log p(z|x)]"),
];
