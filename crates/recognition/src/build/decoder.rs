//! The decoder between z and its raw output.

use super::{
    Output, Settings,
    encoder::{activated, convolution, matrix},
    sequence::Sequence,
    unrolled::unrolled,
};
use crate::{Candidate, layer::LayerKind, matrix::Matrix};
use spec::Operation;

pub(super) fn decoder(candidate: &Candidate, settings: &Settings) -> Sequence {
    let (layers, chain) = (&candidate.layers, &candidate.chain);
    let classes = chain.classes;
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
        let mut before = layer.norm.clone().filter(|_| !layer.norm_after_activation);
        if let Some(norm) = before.take_if(|norm| !norm.is_computed) {
            matrix.normalize(&norm);
        }
        if at == last {
            let (factor, shift) = output(settings);
            match &mut before {
                Some(norm) => *norm = norm.scaled(factor, shift),
                None => matrix.scale_all(factor, shift),
            }
        }
        // A map follows: the outputs are arranged as one.
        let inner = chain.decoder.get(at + 1).and_then(|next| next.positions);
        // The side of the map that z is, for a decoder that begins with a convolution.
        let starts_with = step.positions.filter(|_| at == 0).map(usize::isqrt);
        if layer.kind == LayerKind::Linear {
            if at == 0 {
                first_layer(candidate, settings, &mut matrix);
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
            let channels = matrix.outputs();
            match starts_with.filter(|side| *side == 1) {
                Some(side) => {
                    let unrolled = unrolled(&matrix, *plan, step.transposed, side);
                    let (mut linear, size) = unrolled.unwrap_or((matrix, 1));
                    first_layer(candidate, settings, &mut linear);
                    let operation = Operation::Linear {
                        outputs: linear.outputs(),
                    };
                    sequence.push_layer(operation, &layer.name, linear);
                    sequence.push(map_of(size, channels));
                }
                None => {
                    if let Some(side) = starts_with {
                        let inputs = matrix.inputs();
                        let mut arranged = Matrix::arrangement(inputs, side * side);
                        arranged.add_inputs(classes);
                        let operation = Operation::Linear {
                            outputs: arranged.outputs(),
                        };
                        sequence.push_layer(operation, "z", arranged);
                        sequence.push(map_of(side, inputs));
                    }
                    if plan.resize {
                        sequence.push(Operation::Upsample { factor: 2 });
                    }
                    let operation = convolution(&matrix, *plan, step.transposed);
                    sequence.push_layer(operation, &layer.name, matrix);
                }
            }
            sequence.channels = channels;
        }
        let side = inner
            .filter(|_| layer.kind == LayerKind::Linear)
            .map(usize::isqrt);
        let mut reshape = side.map(|side| map_of(side, sequence.channels));
        let of_channels = |count: usize| layer.is_convolution() || count == sequence.channels;
        if let Some(norm) = before {
            let groups =
                if of_channels(norm.factor.len()) && (side.is_some() || layer.is_convolution()) {
                    // Of each channel of the map.
                    if let Some(reshape) = reshape.take() {
                        sequence.push(reshape);
                    }
                    settings.groups.of(norm.factor.len())
                } else {
                    1
                };
            let norm = match inner.filter(|_| norm.factor.len() != sequence.channels) {
                Some(positions) => norm.by_position(sequence.channels, positions),
                None => norm,
            };
            sequence.push_norm(&norm, groups);
        }
        let follows = activated[at] && (inner.is_none() || settings.inner_activation);
        if at < last && follows {
            sequence.push(Operation::Activation(settings.decoder_activation));
        }
        if let Some(norm) = layer.norm.as_ref().filter(|_| layer.norm_after_activation) {
            let of_map = side.is_some() && norm.factor.len() == sequence.channels;
            if let Some(reshape) = reshape.take_if(|_| of_map) {
                sequence.push(reshape);
            }
            match inner.filter(|_| !of_map && layer.kind == LayerKind::Linear) {
                Some(positions) => {
                    sequence.push_norm(&norm.by_position(sequence.channels, positions), 1);
                }
                None if of_map || layer.is_convolution() => {
                    sequence.push_norm(norm, settings.groups.of(norm.factor.len()));
                }
                None => sequence.push_norm(norm, 1),
            }
        }
        if let Some(reshape) = reshape {
            sequence.push(reshape);
        }
    }
    sequence
}

/// A vector arranged as a square map.
fn map_of(side: usize, channels: usize) -> Operation {
    Operation::Reshape {
        height: side,
        width: side,
        channels,
    }
}

/// Arranges the inputs of the first layer: z, and then the label.
fn first_layer(candidate: &Candidate, settings: &Settings, matrix: &mut Matrix) {
    let chain = &candidate.chain;
    if chain.label == 0 {
        return;
    }
    if settings.label_first {
        matrix.first_inputs_last(chain.label);
    }
    if let Some(embedding) = chain.embedding {
        let vectors = candidate.layers[embedding].label_vectors();
        matrix.embed(&vectors, chain.classes, chain.label);
    }
}

/// The function after the last layer as a factor and a shift that are folded into it: tanh(o) from −1 to 1 is sigmoid(2o)
/// from 0 to 1, and an output in the model's range is scaled back to pixels from 0 to 1.
fn output(settings: &Settings) -> (f32, f32) {
    match settings.output {
        Output::Sigmoid => (1.0, 0.0),
        Output::Tanh => (2.0, 0.0),
        Output::None => {
            let range = settings.range;
            (1.0 / range.factor, -range.shift / range.factor)
        }
    }
}
