//! The decoder between z and its raw output.

use super::{
    Output, Settings,
    encoder::{activated, convolution, matrix},
    sequence::Sequence,
};
use crate::{Candidate, geometry::Plan, layer::LayerKind, matrix::Matrix};
use spec::Operation;

pub(super) fn decoder(candidate: &Candidate, settings: &Settings, classes: usize) -> Sequence {
    let (layers, chain) = (&candidate.layers, &candidate.chain);
    let mut sequence = Sequence::new(1);
    let activated = activated(layers, &chain.decoder);
    let geometry = candidate.geometries.get(settings.geometry);
    let mut plans = geometry
        .map_or(&[][..], |geometry| &geometry.decoder)
        .iter();
    if classes > 0 {
        sequence.push(Operation::Label);
    }
    let last = chain.decoder.len() - 1;
    for (at, step) in chain.decoder.iter().enumerate() {
        let layer = &layers[step.layer];
        let mut matrix = matrix(layer, step.transposed);
        if let Some(norm) = layer.norm.as_ref().filter(|_| !layer.norm_after_activation) {
            matrix.normalize(norm);
        }
        if at == last {
            output(settings, &mut matrix);
        }
        // A map follows: the outputs are arranged as one.
        let inner = chain.decoder.get(at + 1).and_then(|next| next.positions);
        if layer.kind == LayerKind::Linear {
            if at == 0 {
                first_layer(candidate, settings, classes, &mut matrix);
            }
            if let Some(positions) = inner {
                let channels = matrix.outputs() / positions;
                matrix.outputs_by_position(channels, positions);
            } else if at == last && settings.image.channels > 1 {
                let positions = settings.image.height * settings.image.width;
                matrix.outputs_by_position(settings.image.channels, positions);
            }
            let outputs = matrix.outputs();
            sequence.push_linear(&layer.name, matrix, step.positions);
            if let Some(positions) = inner {
                sequence.channels = outputs / positions;
            }
        } else if let Some(plan) = plans.next() {
            if plan.resize && at > 0 {
                sequence.push(Operation::Upsample { factor: 2 });
            }
            sequence.channels = matrix.outputs();
            if at == 0 {
                let outputs = matrix.outputs();
                let (linear, size) = of_one_position(&matrix, *plan, step.transposed);
                sequence.push_layer(
                    Operation::Linear {
                        outputs: linear.outputs(),
                    },
                    &layer.name,
                    linear,
                );
                sequence.push(Operation::Reshape {
                    height: size,
                    width: size,
                    channels: outputs,
                });
            } else {
                let operation = convolution(&matrix, *plan, step.transposed);
                sequence.push_layer(operation, &layer.name, matrix);
            }
        }
        let follows = activated[at] && (inner.is_none() || settings.inner_activation);
        if at < last && follows {
            sequence.push(Operation::Activation(settings.activation));
        }
        if let Some(norm) = layer.norm.as_ref().filter(|_| layer.norm_after_activation) {
            match inner {
                Some(positions) => {
                    let channels = sequence.channels;
                    sequence.push_norm(&norm.by_position(channels, positions));
                }
                None => sequence.push_norm(norm),
            }
        }
        if let (Some(positions), LayerKind::Linear) = (inner, layer.kind) {
            let side = positions.isqrt();
            sequence.push(Operation::Reshape {
                height: side,
                width: side,
                channels: sequence.channels,
            });
        }
    }
    sequence
}

/// Arranges the inputs of the first layer: z, and then the label.
fn first_layer(candidate: &Candidate, settings: &Settings, classes: usize, matrix: &mut Matrix) {
    let chain = &candidate.chain;
    if chain.label == 0 {
        return;
    }
    if settings.label_first {
        matrix.first_inputs_last(chain.label);
    }
    if let Some(embedding) = chain.embedding {
        let embedding = &candidate.layers[embedding];
        matrix.embed(&embedding.weight(), classes, chain.label);
    }
}

/// Folds the function after the last layer into it: tanh(o) from −1 to 1 is sigmoid(2o) from 0 to 1, and an output in the
/// model's range is scaled back to pixels from 0 to 1.
fn output(settings: &Settings, matrix: &mut Matrix) {
    match settings.output {
        Output::Sigmoid => {}
        Output::Tanh => matrix.scale_all(2.0, 0.0),
        Output::None => {
            let range = settings.range;
            matrix.scale_all(1.0 / range.factor, -range.shift / range.factor);
        }
    }
}

/// A convolution of a map with one position as a linear layer, whose outputs are `[positions, channels]`, and the side of
/// its result.
fn of_one_position(matrix: &Matrix, plan: Plan, transposed: bool) -> (Matrix, usize) {
    let [outputs, inputs, kernel, _] = matrix.shape[..] else {
        return (matrix.clone(), 1);
    };
    let from = if plan.resize { 2 } else { 1 };
    let size = match transposed {
        true => (from - 1) * plan.stride + kernel + plan.output_padding - 2 * plan.padding,
        false => (from + 2 * plan.padding - kernel) / plan.stride + 1,
    };
    let mut values = Vec::with_capacity(size * size * outputs * inputs);
    let mut bias = Vec::with_capacity(size * size * outputs);
    // Taps that reach the input along an axis, for each position of the result.
    let taps = |at: usize| -> Vec<usize> {
        (0..kernel)
            .filter(|&tap| {
                let read = match transposed {
                    true => {
                        let distance = (at + plan.padding) as isize - tap as isize;
                        (distance % plan.stride as isize == 0)
                            .then(|| distance / plan.stride as isize)
                    }
                    false => Some((at * plan.stride + tap) as isize - plan.padding as isize),
                };
                read.is_some_and(|read| (0..from as isize).contains(&read))
            })
            .collect()
    };
    for row in 0..size {
        for column in 0..size {
            let (rows, columns) = (taps(row), taps(column));
            for output in 0..outputs {
                bias.push(matrix.bias[output]);
                for input in 0..inputs {
                    let start = (output * inputs + input) * kernel * kernel;
                    let sum: f32 = rows
                        .iter()
                        .flat_map(|row| columns.iter().map(move |column| row * kernel + column))
                        .map(|tap| matrix.values[start + tap])
                        .sum();
                    values.push(sum);
                }
            }
        }
    }
    let linear = Matrix {
        shape: vec![size * size * outputs, inputs],
        values,
        bias,
    };
    (linear, size)
}
