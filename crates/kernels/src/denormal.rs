//! Flushing values to zero before they become denormal.
//!
//! Arithmetic on denormal numbers (below 1.2e-38) is about a hundred times slower on common processors, and wasm
//! offers no mode in which the processor flushes them. The thresholds lie far above the denormal range so that
//! products of a small value with another small one stay out of it, too.

/// Gradients below this are flushed to zero: they are negligible beside Adam's ε of 1e-8.
const GRAD_FLUSH_THRESHOLD: f32 = 1e-16;

/// First moments below this are flushed to zero: such a step changes no parameter.
pub(crate) const FIRST_MOMENT_FLUSH_THRESHOLD: f32 = 1e-30;

/// Second moments below this are flushed to zero: their square root is negligible beside Adam's ε.
pub(crate) const SECOND_MOMENT_FLUSH_THRESHOLD: f32 = 1e-36;

/// The gradient, or zero when its magnitude is below [`GRAD_FLUSH_THRESHOLD`]. NaN stays NaN.
#[inline(always)]
pub(crate) fn flush_gradient(gradient: f32) -> f32 {
    if gradient.abs() < GRAD_FLUSH_THRESHOLD {
        0.0
    } else {
        gradient
    }
}
