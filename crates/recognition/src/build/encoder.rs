//! The encoder between the image and the heads.

use super::{Settings, sequence::Sequence};
use crate::{
    Candidate, RecognitionError,
    candidate::between,
    chain::{EncoderLabel, Step},
    geometry::Plan,
    layer::{Layer, LayerKind},
    matrix::{Matrix, by_position},
    name_evidence::is_embedding,
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
/// has other modules have none between them, and a layer that embeds the image beside the label has none.
pub(super) fn activated(layers: &[Layer], steps: &[Step]) -> Vec<bool> {
    let gaps: Vec<Option<usize>> = steps
        .windows(2)
        .map(|pair| between(&layers[pair[0].layer], &layers[pair[1].layer]))
        .collect();
    let tells = gaps.iter().any(|gap| matches!(gap, Some(1..)));
    let embeds = |at: usize| {
        let layer = &layers[steps[at].layer];
        layer.is_convolution() && is_embedding(&layer.name)
    };
    let mut activated: Vec<bool> = gaps
        .iter()
        .enumerate()
        .map(|(at, gap)| !(embeds(at) || tells && *gap == Some(0)))
        .collect();
    activated.push(true);
    activated
}

/// The error for convolutions that do not fit.
pub(super) fn no_geometry(candidate: &Candidate) -> RecognitionError {
    let names: Vec<_> = candidate.layers.iter().map(Layer::describe).collect();
    RecognitionError::NoGeometry {
        layers: names.join(", "),
    }
}

/// # Errors
/// [`RecognitionError::NoGeometry`] if the label's planes are no map of the place where they are read.
pub(super) fn encoder(
    candidate: &Candidate,
    settings: &Settings,
) -> Result<Sequence, RecognitionError> {
    let (layers, chain) = (&candidate.layers, &candidate.chain);
    let (image, classes) = (settings.image, chain.classes);
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
        let pixels = Norm {
            name: "pixels".to_owned(),
            factor: vec![settings.range.factor; image.channels],
            shift: vec![settings.range.shift; image.channels],
            is_computed: false,
        };
        sequence.push_norm(&pixels, 1);
    }
    // Models of fully connected layers take the label with the image, with weights of zero if they have none.
    let takes_label = chain.encoder_label.is_none_or(|label| label.at == 0);
    if reads_vector && classes > 0 && first.is_some() && takes_label {
        sequence.push(Operation::Label);
    }
    let convolutions = chain
        .encoder
        .iter()
        .filter(|step| layers[step.layer].is_convolution())
        .count();
    let mut done = 0;
    for (at, step) in chain.encoder.iter().enumerate() {
        let layer = &layers[step.layer];
        let mut matrix = matrix(layer, step.transposed);
        let before = layer.norm.as_ref().filter(|_| !layer.norm_after_activation);
        if let Some(norm) = before.filter(|norm| !norm.is_computed) {
            matrix.normalize(norm);
        }
        let label = chain.encoder_label.filter(|label| label.at == at);
        let mut resize = false;
        if layer.kind == LayerKind::Linear {
            if at == 0 {
                first_layer(candidate, settings, &mut matrix);
            } else if let Some(label) = label {
                sequence.push(Operation::Label);
                take_label(candidate, settings, label, &mut matrix);
            }
            sequence.push_linear(&layer.name, matrix, step.positions);
        } else if let Some(plan) = plans.next() {
            if let Some(label) = label {
                take_planes(candidate, settings, label, &mut matrix, &mut sequence)?;
            }
            sequence.channels = matrix.outputs();
            resize = plan.resize;
            done += 1;
            sequence.push_layer(
                convolution(&matrix, *plan, step.transposed),
                &layer.name,
                matrix,
            );
        }
        let groups = match layer.is_convolution() {
            true => settings.groups.of(sequence.channels),
            false => 1,
        };
        if let Some(norm) = before.filter(|norm| norm.is_computed) {
            sequence.push_norm(norm, groups);
        }
        if activated[at] {
            sequence.push(Operation::Activation(settings.activation));
        }
        if let Some(norm) = layer.norm.as_ref().filter(|_| layer.norm_after_activation) {
            sequence.push_norm(norm, groups);
        }
        if resize {
            sequence.push(Operation::MaxPool(Window::square(2, 2, 0)));
        }
        if done == convolutions
            && layer.is_convolution()
            && let Some(side) = geometry.and_then(|geometry| geometry.global_pool)
        {
            sequence.push(Operation::AveragePool(Window::square(side, side, 0)));
        }
    }
    Ok(sequence)
}

/// Arranges the inputs of the layer that reads the image: pixels in our order and range, and then the label.
fn first_layer(candidate: &Candidate, settings: &Settings, matrix: &mut Matrix) {
    let chain = &candidate.chain;
    let values = settings.image.values();
    match chain.encoder_label.filter(|label| label.at == 0) {
        Some(label) => take_label(candidate, settings, label, matrix),
        None if chain.encoder_label.is_none() => matrix.add_inputs(chain.classes),
        // A later layer reads it.
        None => {}
    }
    if settings.image.channels > 1 {
        matrix.inputs_by_position(settings.image.channels, values / settings.image.channels);
    }
    let range = settings.range;
    matrix.scale_inputs(&[range.factor], &[range.shift], values);
}

/// Arranges the label's inputs of a layer after the others, one for each class.
pub(super) fn take_label(
    candidate: &Candidate,
    settings: &Settings,
    label: EncoderLabel,
    matrix: &mut Matrix,
) {
    if settings.label_first {
        matrix.first_inputs_last(label.width);
    }
    if let Some(embedding) = label.embedding {
        let vectors = candidate.layers[embedding].label_vectors();
        matrix.embed(&vectors, candidate.chain.classes, label.width);
    }
}

/// Appends the label's planes to the map, and arranges the channels of the convolution that reads them.
fn take_planes(
    candidate: &Candidate,
    settings: &Settings,
    label: EncoderLabel,
    matrix: &mut Matrix,
    sequence: &mut Sequence,
) -> Result<(), RecognitionError> {
    let classes = candidate.chain.classes;
    let embedding = label.embedding.map(|at| &candidate.layers[at]);
    let Some(embedding) = embedding.filter(|layer| layer.shape[1] > label.width) else {
        take_label(candidate, settings, label, matrix);
        sequence.push(Operation::LabelPlanes);
        return Ok(());
    };
    // The embedding's vector is a map of its own.
    if settings.label_first {
        matrix.first_inputs_last(label.width);
    }
    let positions = embedding.shape[1] / label.width;
    let map = sequence.map(settings.image, classes);
    if map.is_none_or(|map| map.positions() != positions) {
        return Err(no_geometry(candidate));
    }
    let vectors = embedding.label_vectors();
    let arranged: Vec<Vec<f32>> = vectors
        .chunks_exact(embedding.shape[1])
        .map(|vector| by_position(vector, label.width, positions))
        .collect();
    let values = (0..embedding.shape[1])
        .flat_map(|at| arranged.iter().map(move |vector| vector[at]))
        .collect();
    let planes = Matrix::new(vec![embedding.shape[1], classes], values, None);
    let operation = Operation::LabelMap {
        channels: label.width,
    };
    sequence.push_layer(operation, &embedding.name, planes);
    Ok(())
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
