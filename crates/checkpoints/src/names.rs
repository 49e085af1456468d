//! Names that training programs give to dictionaries and parameters.

use std::collections::HashSet;

/// Whether a key is the name of a parameter, rather than of a value beside the weights.
pub(crate) fn is_parameter(key: &str) -> bool {
    key.contains('.') || matches!(key, "weight" | "bias" | "kernel")
}

/// Whether a name says that these weights are an average over training steps.
pub(crate) fn is_average(name: &str) -> bool {
    let name = name.to_lowercase();
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| {
            matches!(
                word,
                "ema" | "swa" | "average" | "averaged" | "avg" | "shadow"
            )
        })
}

/// Whether a parameter is a buffer, which training averages don't contain.
pub(crate) fn is_buffer(name: &str) -> bool {
    ["running_mean", "running_var", "num_batches_tracked"]
        .iter()
        .any(|buffer| name.ends_with(buffer))
}

/// The place of a dictionary's name in the list of usual names; later ones are less usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ContainerRank(usize);

impl ContainerRank {
    /// Whether the name is in the list.
    pub(crate) fn is_some_rank(self) -> bool {
        self.0 < CONTAINERS.len()
    }
}

const CONTAINERS: [&str; 16] = [
    "state_dict",
    "model_state_dict",
    "model_state",
    "vae_state_dict",
    "vae",
    "model",
    "net",
    "network",
    "net_state_dict",
    "model_dict",
    "weights",
    "model_weights",
    "params",
    "parameters",
    "module",
    "autoencoder",
];

/// The rank of a dictionary's name.
pub(crate) fn container_rank(key: &str) -> ContainerRank {
    let key = key.to_lowercase();
    let rank = CONTAINERS.iter().position(|name| *name == key);
    ContainerRank(rank.unwrap_or(CONTAINERS.len()))
}

/// "encoder" for "encoder_state_dict".
pub(crate) fn without_dict_suffix(key: &str) -> &str {
    [
        "_model_state_dict",
        "_state_dict",
        "_state",
        "_dict",
        "_weights",
    ]
    .iter()
    .find_map(|suffix| key.strip_suffix(suffix))
    .filter(|rest| !rest.is_empty())
    .unwrap_or(key)
}

/// A name without its dots and underscores, in which some programs store averages.
pub(crate) fn without_dots(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '.' | '_')).collect()
}

/// Removes what wrappers add to names: `module.` of DataParallel and `_orig_mod.` of `torch.compile` anywhere, and the
/// attribute `model.`, `net.` or `vae.` if all names begin with it. Names that would become equal are not changed.
pub(crate) fn without_wrappers<T>(entries: Vec<(String, T)>) -> Vec<(String, T)> {
    let shorten = |name: &str| -> String {
        let parts: Vec<_> = name
            .split('.')
            .filter(|part| {
                !matches!(
                    *part,
                    "module" | "_orig_mod" | "_fsdp_wrapped_module" | "_forward_module"
                )
            })
            .collect();
        parts.join(".")
    };
    let mut names: Vec<String> = entries.iter().map(|(name, _)| shorten(name)).collect();
    while let Some(first) = names.first().and_then(|name| name.split_once('.')) {
        let prefix = format!("{}.", first.0);
        let wraps = [
            "model.",
            "net.",
            "network.",
            "vae.",
            "autoencoder.",
            "vae_model.",
        ];
        // "model.weight" is a layer, not a wrapper.
        let all = names.iter().all(|name| {
            name.strip_prefix(&prefix)
                .is_some_and(|rest| rest.contains('.'))
        });
        if !(all && wraps.contains(&prefix.to_lowercase().as_str())) {
            break;
        }
        for name in &mut names {
            name.drain(..prefix.len());
        }
    }
    let distinct: HashSet<_> = names.iter().collect();
    if distinct.len() != entries.len() || names.iter().any(String::is_empty) {
        return entries;
    }
    let tensors = entries.into_iter().map(|(_, tensor)| tensor);
    names.into_iter().zip(tensors).collect()
}
