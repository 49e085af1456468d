//! Which of two heads is μ and which is log σ².

/// How μ and log σ² of an imported model were identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadOrder {
    /// By names or position.
    Known,
    /// Not at all: they may be swapped, so both orders should be tried.
    Guessed,
}

/// Identifies μ and log σ² by the names of their layers. Returns also whether the second layer is μ. If the names do not
/// tell, the first is taken as μ, as with fc21 and fc22 in pytorch/examples.
pub(super) fn identify_heads(first: &str, second: &str) -> (HeadOrder, bool) {
    let names_scale = |name: &str| {
        let name = name.to_lowercase();
        ["var", "sigma", "std", "scale"]
            .iter()
            .any(|word| name.contains(word))
    };
    let names_location = |name: &str| {
        let name = name.to_lowercase();
        ["mu", "mean", "loc"].iter().any(|word| name.contains(word))
    };
    match (
        names_scale(first) || names_location(second) && !names_location(first),
        names_scale(second) || names_location(first) && !names_location(second),
    ) {
        (true, false) => (HeadOrder::Known, true),
        (false, true) => (HeadOrder::Known, false),
        _ if (first, second) == ("fc21", "fc22") => (HeadOrder::Known, false),
        _ => (HeadOrder::Guessed, false),
    }
}
