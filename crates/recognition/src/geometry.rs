//! Strides, paddings and upsampling, which a state dict does not contain: solved from the sizes of the feature maps.

use spec::ImageShape;

/// Solutions that are kept.
const KEPT: usize = 8;
/// A solution that costs more is not usual.
const MAX_COST: f64 = 12.0;
/// Solutions of one part that are kept.
const MAX_PATHS: usize = 4000;

/// A convolution with an unknown stride.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unknown {
    /// Rows and columns of the kernel.
    pub(crate) kernel: usize,
    pub(crate) transposed: bool,
    /// Modules without weights before it, besides one activation, if the names tell: room for pooling or upsampling.
    pub(crate) room: Option<usize>,
    /// Whether it is a head: it keeps the side, or reads the whole map.
    pub(crate) is_head: bool,
}

/// How a convolution moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) stride: usize,
    pub(crate) padding: usize,
    pub(crate) output_padding: usize,
    /// Pooling by 2 after it in an encoder, upsampling by 2 before it in a decoder.
    pub(crate) resize: bool,
}

/// A solution for both parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Geometry {
    /// Rows and columns of the image.
    pub(crate) side: usize,
    pub(crate) encoder: Vec<Plan>,
    /// The side of a window whose mean ends the encoder's convolutions: global pooling.
    pub(crate) global_pool: Option<usize>,
    pub(crate) decoder: Vec<Plan>,
    pub(crate) cost: f64,
}

/// What is known of a model's convolutions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    /// The encoder's convolutions, and the side of the map that they end with.
    pub(crate) encoder: Option<(Vec<Unknown>, usize)>,
    /// The decoder's convolutions, and the side of the map that they begin with.
    pub(crate) decoder: Option<(Vec<Unknown>, usize)>,
    /// The side of the image, if a linear layer tells.
    pub(crate) side: Option<usize>,
    /// Whether global pooling may end the encoder's convolutions.
    pub(crate) may_pool: bool,
    /// Channels of the image.
    pub(crate) channels: usize,
}

/// The solutions, the most usual first.
pub(crate) fn solve(problem: &Problem) -> Vec<Geometry> {
    let sides: Vec<usize> = match problem.side {
        Some(side) => vec![side],
        None => (ImageShape::MIN_SIDE..=ImageShape::MAX_SIDE).collect(),
    };
    let mut decoders: Vec<(f64, Vec<Plan>, usize)> = match &problem.decoder {
        Some((layers, start)) => paths(layers, *start, true),
        None => Vec::new(),
    };
    decoders.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut found: Vec<Geometry> = Vec::new();
    for side in sides {
        let of_side: Vec<_> = decoders
            .iter()
            .filter(|(_, _, end)| *end == side)
            .take(KEPT)
            .collect();
        if problem.decoder.is_some() && of_side.is_empty() {
            continue;
        }
        let mut encoders: Vec<(f64, Vec<Plan>, Option<usize>)> = match &problem.encoder {
            None => vec![(0.0, Vec::new(), None)],
            Some((layers, target)) => paths(layers, side, false)
                .into_iter()
                .filter_map(|(cost, plans, end)| match (end == *target, *target) {
                    (true, _) => Some((cost, plans, None)),
                    // Global average pooling.
                    (false, 1) if problem.may_pool && end <= 8 => {
                        Some((cost + 1.5, plans, Some(end)))
                    }
                    _ => None,
                })
                .collect(),
        };
        encoders.sort_by(|a, b| a.0.total_cmp(&b.0));
        let no_decoder = (0.0, Vec::new(), side);
        let of_side = match of_side.is_empty() {
            true => vec![&no_decoder],
            false => of_side,
        };
        for (encoder_cost, encoder, global_pool) in encoders.iter().take(KEPT) {
            for (decoder_cost, decoder, _) in &of_side {
                found.push(Geometry {
                    side,
                    encoder: encoder.clone(),
                    global_pool: *global_pool,
                    decoder: decoder.clone(),
                    cost: encoder_cost + decoder_cost + unusual_side(side, problem.channels),
                });
            }
        }
    }
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    found.retain(|geometry| geometry.cost <= MAX_COST);
    found.truncate(KEPT);
    found
}

fn unusual_side(side: usize, channels: usize) -> f64 {
    match (side, channels) {
        (28, 1) | (32 | 64, 3) => 0.0,
        (32 | 64, _) | (28, _) => 0.5,
        (16 | 48 | 8, _) => 2.0,
        _ => 4.0,
    }
}

/// All ways through the convolutions from a side, with the cost and the side at the end.
fn paths(layers: &[Unknown], start: usize, decoder: bool) -> Vec<(f64, Vec<Plan>, usize)> {
    let mut found = Vec::new();
    let mut plans = Vec::new();
    walk(layers, [start, start], decoder, 0.0, &mut plans, &mut found);
    found
}

fn walk(
    layers: &[Unknown],
    [start, side]: [usize; 2],
    decoder: bool,
    cost: f64,
    plans: &mut Vec<Plan>,
    found: &mut Vec<(f64, Vec<Plan>, usize)>,
) {
    let at = plans.len();
    let from_one_position = decoder && start == 1;
    let Some(&layer) = layers.get(at) else {
        if found.len() < MAX_PATHS {
            found.push((cost, plans.clone(), side));
        }
        return;
    };
    let mut options = match (layer.is_head, layer.transposed) {
        (true, _) => head_options(layer.kernel),
        (false, true) => transposed_options(layer.kernel),
        (false, false) => plain_options(layer.kernel),
    };
    // A map of one position becomes as large as the kernel.
    let from_one = decoder && side == 1;
    if from_one {
        for (option, cost) in &mut options {
            *cost = match (option.stride, option.padding, option.output_padding) {
                (1, 0, 0) => 0.0,
                _ => *cost + 1.5,
            };
        }
    }
    options.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (plan, option_cost) in options {
        let resize = if decoder {
            layer.room
        } else {
            layers.get(at + 1).and_then(|next| next.room)
        };
        let room = match (plan.resize, resize) {
            (true, Some(0)) => 3.0,
            (false, Some(1..)) => 1.6,
            _ => 0.0,
        };
        // The same layers usually move in the same way.
        let change = layers[..at]
            .iter()
            .zip(plans.iter())
            .skip(usize::from(from_one_position))
            .rev()
            .find(|(other, _)| {
                !layer.is_head
                    && other.kernel == layer.kernel
                    && other.transposed == layer.transposed
            })
            .map_or(0.0, |(_, other)| if *other == plan { 0.0 } else { 0.8 });
        // A decoder enlarges maps by transposed convolutions or by upsampling, rarely by both.
        let mixed = decoder && plan.resize && layers[..at].iter().any(|before| before.transposed);
        let mixed = if mixed { 4.0 } else { 0.0 };
        // Nor does it make maps smaller.
        let smaller = decoder && !layer.transposed && plan.stride > 1;
        let smaller = if smaller { 6.0 } else { 0.0 };
        let cost = cost + option_cost + room + change + mixed + smaller;
        if cost > MAX_COST {
            continue;
        }
        let Some(end) = end(layer, plan, side, decoder) else {
            continue;
        };
        plans.push(plan);
        walk(layers, [start, end], decoder, cost, plans, found);
        plans.pop();
    }
}

/// The side of the result, from 1 to the largest image.
fn end(layer: Unknown, plan: Plan, side: usize, decoder: bool) -> Option<usize> {
    let side = if decoder && plan.resize {
        2 * side
    } else {
        side
    };
    let moved = if layer.transposed {
        ((side - 1) * plan.stride + layer.kernel + plan.output_padding)
            .checked_sub(2 * plan.padding)?
    } else {
        (side + 2 * plan.padding).checked_sub(layer.kernel)? / plan.stride + 1
    };
    let end = if !decoder && plan.resize {
        moved / 2
    } else {
        moved
    };
    (1..=ImageShape::MAX_SIDE).contains(&end).then_some(end)
}

fn plan(stride: usize, padding: usize, output_padding: usize, resize: bool) -> Plan {
    Plan {
        stride,
        padding,
        output_padding,
        resize,
    }
}

/// The usual ways of a convolution, with their costs. Resizing is pooling after it or upsampling before it.
fn plain_options(kernel: usize) -> Vec<(Plan, f64)> {
    let half = (kernel - 1) / 2;
    let mut options = vec![
        (plan(1, half, 0, false), 0.5),
        (plan(1, half, 0, true), 0.7),
    ];
    if half > 0 || kernel == 2 {
        options.push((plan(2, half, 0, false), 0.0));
        if kernel > 2 {
            options.push((plan(1, 0, 0, false), 1.2));
            options.push((plan(1, 0, 0, true), 1.7));
            options.push((plan(2, 0, 0, false), 1.2));
        }
    }
    if kernel >= 5 {
        options.push((plan(2, half - 1, 0, false), 2.0));
    }
    if kernel.is_multiple_of(2) && kernel > 2 {
        options.push((plan(2, kernel / 2, 0, false), 2.5));
    }
    if kernel == 3 {
        options.push((plan(3, 1, 0, false), 3.0));
        options.push((plan(2, 2, 0, false), 3.5));
    }
    options
}

/// The ways of a convolution that is a head.
fn head_options(kernel: usize) -> Vec<(Plan, f64)> {
    let mut options = vec![(plan(1, 0, 0, false), 0.0)];
    if kernel > 1 && kernel % 2 == 1 {
        options.push((plan(1, kernel / 2, 0, false), 0.0));
    }
    options
}

/// The usual ways of a transposed convolution, with their costs.
fn transposed_options(kernel: usize) -> Vec<(Plan, f64)> {
    let half = (kernel - 1) / 2;
    let mut options = Vec::new();
    for padding in 0..=kernel / 2 {
        for output_padding in 0..2 {
            // Twice the side.
            let doubles = kernel + output_padding == 2 + 2 * padding;
            let cost = match (doubles, output_padding, padding) {
                (true, ..) => 0.0,
                (false, 0, 0) => 1.2,
                (false, 0, _) if padding == half => 1.2,
                _ => 2.2,
            };
            options.push((plan(2, padding, output_padding, false), cost));
        }
    }
    if kernel % 2 == 1 {
        options.push((plan(1, half, 0, false), 0.5));
    }
    if kernel > 1 {
        options.push((plan(1, 0, 0, false), 1.0));
        options.push((plan(1, 1, 0, false), 2.0));
    }
    if kernel >= 3 {
        options.push((plan(3, 0, 0, false), 3.0));
        options.push((plan(3, 1, 0, false), 3.0));
    }
    options.dedup_by_key(|(plan, _)| *plan);
    options
}

impl Geometry {
    /// "28 → 14 → 7; 7 → 14 → 28", and what each convolution does.
    pub(crate) fn describe(&self, problem: &Problem) -> String {
        let part = |layers: &[Unknown], plans: &[Plan], start: usize, decoder: bool| {
            let mut sides = vec![start.to_string()];
            let mut side = start;
            for (layer, plan) in layers.iter().zip(plans) {
                side = end(*layer, *plan, side, decoder).unwrap_or(0);
                sides.push(side.to_string());
            }
            let ways: Vec<String> = plans.iter().map(|plan| plan.describe(decoder)).collect();
            let mut distinct = ways.clone();
            distinct.dedup();
            format!("{} ({})", sides.join(" → "), distinct.join("; "))
        };
        let encoder = problem.encoder.as_ref().map(|(layers, _)| {
            format!("encoder {}", part(layers, &self.encoder, self.side, false))
        });
        let decoder = problem.decoder.as_ref().map(|(layers, start)| {
            format!("decoder {}", part(layers, &self.decoder, *start, true))
        });
        let parts: Vec<String> = encoder.into_iter().chain(decoder).collect();
        parts.join("; ")
    }
}

impl Plan {
    fn describe(self, decoder: bool) -> String {
        let resize = match (self.resize, decoder) {
            (true, true) => "upsampling by 2, ",
            (true, false) => "pooling by 2 after it, ",
            (false, _) => "",
        };
        let output = match self.output_padding {
            0 => String::new(),
            padding => format!(", output padding {padding}"),
        };
        format!(
            "{resize}stride {}, padding {}{output}",
            self.stride, self.padding
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(kernel: usize, transposed: bool, room: Option<usize>) -> Unknown {
        Unknown {
            kernel,
            transposed,
            room,
            is_head: false,
        }
    }

    #[test]
    fn solve_finds_the_usual_strides() {
        for (kernel, output_padding) in [(3, 1), (4, 0)] {
            let problem = Problem {
                encoder: Some((
                    vec![
                        unknown(kernel, false, None),
                        unknown(kernel, false, Some(0)),
                    ],
                    7,
                )),
                decoder: Some((
                    vec![unknown(kernel, true, None), unknown(kernel, true, Some(0))],
                    7,
                )),
                side: None,
                may_pool: true,
                channels: 1,
            };
            let best = &solve(&problem)[0];
            assert_eq!(best.side, 28);
            assert_eq!(best.encoder, [plan(2, 1, 0, false); 2]);
            assert_eq!(best.decoder, [plan(2, 1, output_padding, false); 2]);
            let text = best.describe(&problem);
            assert!(
                text.contains("28 → 14 → 7") && text.contains("7 → 14 → 28"),
                "{text}"
            );
        }
    }

    #[test]
    fn solve_finds_pooling_and_upsampling() {
        let problem = Problem {
            encoder: Some((vec![unknown(3, false, None), unknown(3, false, Some(1))], 8)),
            decoder: Some((
                vec![
                    unknown(3, false, Some(1)),
                    unknown(3, false, Some(1)),
                    unknown(3, false, Some(0)),
                ],
                8,
            )),
            side: None,
            may_pool: true,
            channels: 3,
        };
        let best = &solve(&problem)[0];
        assert_eq!(best.side, 32);
        assert_eq!(best.encoder, [plan(1, 1, 0, true); 2]);
        assert_eq!(
            best.decoder,
            [
                plan(1, 1, 0, true),
                plan(1, 1, 0, true),
                plan(1, 1, 0, false)
            ]
        );
    }

    /// 28 → 14 → 7 → 4 → 2 needs an output that is not always twice the side.
    #[test]
    fn solve_finds_output_paddings_that_differ() {
        let problem = Problem {
            encoder: Some((vec![unknown(3, false, None); 3], 4)),
            decoder: Some((vec![unknown(3, true, None); 3], 4)),
            side: Some(28),
            may_pool: true,
            channels: 1,
        };
        let best = &solve(&problem)[0];
        assert_eq!(best.encoder, [plan(2, 1, 0, false); 3]);
        let paddings: Vec<_> = best
            .decoder
            .iter()
            .map(|plan| plan.output_padding)
            .collect();
        assert_eq!(paddings, [0, 1, 1]);
    }

    #[test]
    fn solve_rejects_impossible_sides() {
        let problem = Problem {
            encoder: Some((vec![unknown(3, false, None)], 3)),
            decoder: None,
            side: Some(60),
            may_pool: true,
            channels: 1,
        };
        assert!(solve(&problem).is_empty());
    }
}
