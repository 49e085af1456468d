//! Which of the dictionaries of a checkpoint is the model's state dict.

use crate::{names, rebuild::TensorReference, tree::Node};

/// Named tensors, or why one can't be read.
pub(crate) type Entries<T> = Vec<(String, Result<T, String>)>;

/// A state dict that a checkpoint offers.
#[derive(Debug)]
pub(crate) struct Choice<T> {
    /// The key of the dictionary; empty if the file is the state dict.
    pub(crate) key: String,
    pub(crate) entries: Entries<T>,
}

/// What a choice between copies of the weights compares.
pub(crate) trait HasShape {
    fn shape(&self) -> &[usize];
}

impl HasShape for TensorReference {
    fn shape(&self) -> &[usize] {
        &self.layout.shape
    }
}

/// The state dicts of a checkpoint: the suggested one first, then copies of it such as a moving average.
pub(crate) fn choices(root: Node) -> Vec<Choice<TensorReference>> {
    choose(String::new(), root)
        .into_iter()
        .flat_map(split_average)
        .map(|choice| Choice {
            entries: names::without_wrappers(choice.entries),
            ..choice
        })
        .collect()
}

/// As [`choices`], for a file that is itself a dictionary of names.
pub(crate) fn choices_of_names<T: HasShape + Clone>(entries: Entries<T>) -> Vec<Choice<T>> {
    split_average(Choice {
        key: String::new(),
        entries,
    })
    .into_iter()
    .map(|choice| Choice {
        entries: names::without_wrappers(choice.entries),
        ..choice
    })
    .collect()
}

fn choose(key: String, node: Node) -> Vec<Choice<TensorReference>> {
    let Node::Branch(entries) = node else {
        // A single tensor.
        return vec![Choice {
            entries: vec![(key.clone(), leaf(node))],
            key,
        }];
    };
    let has_dotted_tensors = entries
        .iter()
        .any(|(key, node)| !matches!(node, Node::Branch(_)) && names::is_parameter(key));
    let (branches, tensors): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|(_, node)| matches!(node, Node::Branch(_)));
    if has_dotted_tensors || branches.is_empty() {
        return vec![Choice {
            key,
            entries: tensors
                .into_iter()
                .map(|(name, node)| (name, leaf(node)))
                .collect(),
        }];
    }
    // Tensors beside dictionaries, such as a history of losses, are no weights.
    choose_branch(key, branches)
}

fn leaf(node: Node) -> Result<TensorReference, String> {
    match node {
        Node::Tensor(tensor) => Ok(tensor),
        Node::Unreadable(reason) => Err(reason),
        Node::Branch(_) => Err("it is a dictionary".into()),
    }
}

/// Chooses among dictionaries: the one with a usual name, with copies of it, or otherwise all together as parts.
fn choose_branch(key: String, branches: Vec<(String, Node)>) -> Vec<Choice<TensorReference>> {
    let (averages, mut others): (Vec<_>, Vec<_>) = branches
        .into_iter()
        .partition(|(name, _)| names::is_average(name));
    let usual = (0..others.len()).min_by_key(|&at| names::container_rank(&others[at].0));
    let mut chosen = match usual {
        Some(at) if others.len() == 1 || names::container_rank(&others[at].0).is_some_rank() => {
            let (name, node) = others.swap_remove(at);
            choose(name, node)
        }
        Some(_) => vec![Choice {
            key,
            entries: Node::Branch(
                others
                    .into_iter()
                    .map(|(name, node)| (names::without_dict_suffix(&name).to_owned(), node))
                    .collect(),
            )
            .flatten(),
        }],
        None => Vec::new(),
    };
    for (name, node) in averages {
        let Some(copy) = choose(name.clone(), node).into_iter().next() else {
            continue;
        };
        match chosen.first() {
            None => chosen.push(Choice { key: name, ..copy }),
            Some(model) => {
                if let Some(entries) = aligned(copy.entries, &model.entries) {
                    chosen.push(Choice { key: name, entries });
                }
            }
        }
    }
    chosen
}

/// The copy under the names of the model, if it is a copy of it: by equal names, by names without dots, or by the order
/// of the parameters.
fn aligned<T: HasShape + Clone>(copy: Entries<T>, model: &Entries<T>) -> Option<Entries<T>> {
    let copy = names::without_wrappers(copy);
    let shape = |entry: &(String, Result<T, String>)| {
        entry.1.as_ref().ok().map(|tensor| tensor.shape().to_vec())
    };
    let numbered = copy.iter().all(|(name, _)| {
        name.rsplit('.')
            .next()
            .is_some_and(|last| last.parse::<usize>().is_ok())
    });
    let plain: Vec<String> = copy
        .iter()
        .map(|(name, _)| names::without_dots(name))
        .collect();
    let mut numbers = copy.iter();
    let mut replaced = 0;
    let entries: Entries<T> = model
        .iter()
        .map(|entry| {
            let found = if numbered {
                match names::is_buffer(&entry.0) {
                    true => None,
                    false => numbers.next(),
                }
            } else {
                let wanted = names::without_dots(&entry.0);
                let is_wanted = |name: &String| {
                    *name == wanted || wanted.ends_with(name) || name.ends_with(&wanted)
                };
                plain.iter().position(is_wanted).map(|at| &copy[at])
            };
            match found.filter(|found| shape(found).is_some() && shape(found) == shape(entry)) {
                Some((_, tensor)) => {
                    replaced += 1;
                    (entry.0.clone(), tensor.clone())
                }
                None => entry.clone(),
            }
        })
        .collect();
    let parameters = model
        .iter()
        .filter(|(name, _)| !names::is_buffer(name))
        .count();
    (replaced >= parameters && replaced > 0).then_some(entries)
}

/// Separates a moving average that is stored in the same dictionary under a prefix.
fn split_average<T: HasShape + Clone>(choice: Choice<T>) -> Vec<Choice<T>> {
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let (averages, model): (Vec<_>, Vec<_>) = choice
        .entries
        .into_iter()
        .partition(|(name, _)| name.contains('.') && names::is_average(&first(name)));
    if averages.is_empty() || model.is_empty() {
        let entries = if model.is_empty() { averages } else { model };
        return vec![Choice {
            key: choice.key,
            entries,
        }];
    }
    let prefix = first(&averages[0].0);
    let copy = averages
        .into_iter()
        .map(|(name, tensor)| {
            (
                name.split_once('.').map_or("", |(_, rest)| rest).to_owned(),
                tensor,
            )
        })
        .collect();
    let average = aligned(copy, &model).map(|entries| Choice {
        key: prefix,
        entries,
    });
    [Choice {
        key: choice.key,
        entries: model,
    }]
    .into_iter()
    .chain(average)
    .collect()
}
