//! The encoder between the image and the heads.

use super::{Settings, sequence::Sequence};
use crate::{
    Candidate,
    candidate::between,
    chain::Step,
    geometry::Plan,
    layer::{Layer, LayerKind},
    matrix::Matrix,
    norm::Norm,
};
use spec::{Operation, Window};

/// A layer's weight and bias; that of a transposed convolution with the output first.
pub(super) fn matrix(layer: &Layer, transposed: bool) -> Matrix {
    let bias = layer.bias.as_ref().map(checkpoints::Tensor::values);
    let values = layer.weight();
    if !transposed {
        return Matrix::new(layer.shape.clone(), values, bias);
    }
    let mut shape = layer.shape.clone();
    let values = Matrix::swap_axes(&values, &shape);
    shape.swap(0, 1);
    Matrix::new(shape, values, bias)
}

/// Whether an activation follows each layer but the last of a part. Two layers that follow each other in a `Sequential` that
/// has other modules have none between them.
pub(super) fn activated(layers: &[Layer], steps: &[Step]) -> Vec<bool> {
    let gaps: Vec<Option<usize>> = steps
        .windows(2)
        .map(|pair| between(&layers[pair[0].layer], &layers[pair[1].layer]))
        .collect();
    let tells = gaps.iter().any(|gap| matches!(gap, Some(1..)));
    let mut activated: Vec<bool> = gaps.iter().map(|gap| !(tells && *gap == Some(0))).collect();
    activated.push(true);
    activated
}

pub(super) fn encoder(candidate: &Candidate, settings: &Settings, classes: usize) -> Sequence {
    let (layers, chain) = (&candidate.layers, &candidate.chain);
    let image = settings.image;
    let mut sequence = Sequence::new(image.channels);
    let first = chain.encoder.first();
    let reads_vector = first.is_none_or(|step| layers[step.layer].kind == LayerKind::Linear);
    let activated = activated(layers, &chain.encoder);
    let geometry = candidate.geometries.get(settings.geometry);
    let mut plans = geometry
        .map_or(&[][..], |geometry| &geometry.encoder)
        .iter();
    let scaled = settings.range.factor != 1.0 || settings.range.shift != 0.0;
    if scaled && (first.is_none() || !reads_vector) {
        // Not folded into a convolution, whose border of zeros is not scaled.
        sequence.push_norm(&Norm {
            name: "pixels".to_owned(),
            factor: vec![settings.range.factor; image.channels],
            shift: vec![settings.range.shift; image.channels],
        });
    }
    if reads_vector && classes > 0 && first.is_some() {
        sequence.push(Operation::Label);
    }
    let convolutions = chain
        .encoder
        .iter()
        .filter(|step| layers[step.layer].kind != LayerKind::Linear)
        .count();
    let mut done = 0;
    for (at, step) in chain.encoder.iter().enumerate() {
        let layer = &layers[step.layer];
        let mut matrix = matrix(layer, step.transposed);
        if let Some(norm) = layer.norm.as_ref().filter(|_| !layer.norm_after_activation) {
            matrix.normalize(norm);
        }
        let mut resize = false;
        if layer.kind == LayerKind::Linear {
            if at == 0 {
                first_layer(candidate, settings, classes, &mut matrix);
            }
            sequence.push_linear(&layer.name, matrix, step.positions);
        } else if let Some(plan) = plans.next() {
            sequence.channels = matrix.outputs();
            resize = plan.resize;
            done += 1;
            sequence.push_layer(
                convolution(&matrix, *plan, step.transposed),
                &layer.name,
                matrix,
            );
        }
        if activated[at] {
            sequence.push(Operation::Activation(settings.activation));
        }
        if let Some(norm) = layer.norm.as_ref().filter(|_| layer.norm_after_activation) {
            sequence.push_norm(norm);
        }
        if resize {
            sequence.push(Operation::MaxPool(Window::square(2, 2, 0)));
        }
        if done == convolutions
            && layer.kind != LayerKind::Linear
            && let Some(side) = geometry.and_then(|geometry| geometry.global_pool)
        {
            sequence.push(Operation::AveragePool(Window::square(side, side, 0)));
        }
    }
    sequence
}

/// Arranges the inputs of the layer that reads the image: pixels in our order and range, and then the label.
fn first_layer(candidate: &Candidate, settings: &Settings, classes: usize, matrix: &mut Matrix) {
    let chain = &candidate.chain;
    let values = settings.image.values();
    if chain.encoder_label && settings.label_first {
        matrix.first_inputs_last(chain.label);
    }
    if settings.image.channels > 1 {
        matrix.inputs_by_position(settings.image.channels, values / settings.image.channels);
    }
    let range = settings.range;
    matrix.scale_inputs(&[range.factor], &[range.shift], values);
    match (chain.encoder_label, chain.embedding) {
        (true, Some(embedding)) => {
            let embedding = &candidate.layers[embedding];
            matrix.embed(&embedding.weight(), classes, chain.label);
        }
        (true, None) => {}
        (false, _) => matrix.add_inputs(classes),
    }
}

/// The operation of a convolution.
pub(super) fn convolution(matrix: &Matrix, plan: Plan, transposed: bool) -> Operation {
    let window = Window::square(matrix.shape[2], plan.stride, plan.padding);
    let outputs = matrix.outputs();
    match transposed {
        true => Operation::TransposedConvolution {
            outputs,
            window,
            output_padding: [plan.output_padding; 2],
        },
        false => Operation::Convolution { outputs, window },
    }
}
