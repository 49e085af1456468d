//! A model of a candidate and answers: its operations with their weights, in this workspace's order of values.
//!
//! PyTorch's feature maps are `[channels, height, width]`; ours are `[height, width, channels]`. Normalizations, the scaling
//! of pixels and the output function are folded into the layers next to them where that is exact.

mod decoder;
mod encoder;
mod sequence;
mod unrolled;

use crate::{
    Answers, Candidate, QuestionId, RecognitionError,
    candidate::{EACH, SAME, activation_of, swapped},
    chain::Heads,
    matrix::Matrix,
    question::with_implied,
};
use sequence::Sequence;
use spec::{
    ImageShape, Likelihood, NetworkActivation, NetworkConfig, Operation, Spread, VaeConfig,
};

/// A weight or a bias.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name, as in [`VaeConfig::parameter_shapes`].
    pub name: String,
    /// The shape, likewise.
    pub shape: Vec<usize>,
    /// The values, row-major.
    pub values: Vec<f32>,
}

/// A model that was made of a state dict.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The architecture: one of those that are trained here if it fits, otherwise a network of operations.
    pub config: VaeConfig,
    /// The shape of an image.
    pub image: ImageShape,
    /// The parameters, in the order of [`VaeConfig::parameter_shapes`].
    pub parameters: Vec<Parameter>,
    /// For each layer of the model, the name of the layer in the file.
    pub mapping: Vec<(String, String)>,
}

/// The pixels of a model as a linear function of pixels from 0 to 1.
#[derive(Debug, Clone, Copy)]
struct Range {
    factor: f32,
    shift: f32,
}

/// What the answers settle.
struct Settings {
    activation: NetworkActivation,
    decoder_activation: NetworkActivation,
    groups: Groups,
    image: ImageShape,
    range: Range,
    label_first: bool,
    inner_activation: bool,
    geometry: usize,
    output: Output,
}

/// Groups of channels that are normalized together.
#[derive(Clone, Copy)]
enum Groups {
    Count(usize),
    /// Each channel by itself.
    Each,
}

impl Groups {
    fn of(self, channels: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Each => channels,
        }
    }
}

#[derive(Clone, Copy)]
enum Output {
    Sigmoid,
    Tanh,
    None,
}

impl Candidate {
    /// The model, given answers; without an answer the suggestion holds.
    ///
    /// # Errors
    /// [`RecognitionError::Answer`] for an answer that is not a choice, [`RecognitionError::NotFinite`],
    /// [`RecognitionError::NoGeometry`] if the convolutions do not fit the rest.
    pub fn apply(&self, answers: &Answers) -> Result<Model, RecognitionError> {
        build(self, &with_implied(answers))
    }
}

fn build(candidate: &Candidate, answers: &Answers) -> Result<Model, RecognitionError> {
    let settings = settings(candidate, answers)?;
    let chain = &candidate.chain;
    let classes = chain.classes;
    let mut encoder = encoder::encoder(candidate, &settings)?;
    let heads = heads(candidate, &settings, answers, &mut encoder)?;
    let decoder = decoder::decoder(candidate, &settings);
    let spread = match &heads {
        Some((_, _, spread)) => *spread,
        None => Spread::LogVar,
    };
    let likelihood = match settings.output {
        Output::Sigmoid | Output::Tanh => Likelihood::Bernoulli,
        Output::None => Likelihood::Gaussian { sigma: 1.0 },
    };
    let config = VaeConfig {
        input_size: settings.image.values(),
        convolution: None,
        network: None,
        encoder_hidden: Vec::new(),
        decoder_hidden: Vec::new(),
        latent_size: chain.latent,
        classes,
        activation: settings
            .activation
            .trainable()
            .unwrap_or(spec::Activation::Relu),
        likelihood,
    };
    let plain = heads
        .as_ref()
        .filter(|_| spread == Spread::LogVar)
        .and_then(|_| plain(&config, &encoder, &decoder, settings.activation));
    let config = plain.unwrap_or_else(|| VaeConfig {
        network: Some(NetworkConfig {
            image: settings.image,
            encoder: heads.is_some().then(|| encoder.operations.clone()),
            spread,
            decoder: decoder.operations.clone(),
            graphs: None,
        }),
        ..config
    });
    let has_encoder = heads.is_some();
    let encoder_layers = encoder.weights.into_iter().filter(|_| has_encoder);
    let heads = heads.into_iter().flat_map(|(mu, other, _)| [mu, other]);
    let weights = encoder_layers.chain(heads).chain(decoder.weights);
    let mut shapes = config.parameter_shapes().into_iter();
    let (mut parameters, mut mapping) = (Vec::new(), Vec::new());
    for (source, matrix) in weights {
        if !matrix.is_finite() {
            return Err(RecognitionError::NotFinite(source));
        }
        for values in [matrix.values, matrix.bias] {
            let Some((name, shape)) = shapes.next() else {
                continue;
            };
            if let Some(layer) = name.strip_suffix(".weight") {
                mapping.push((layer.to_owned(), source.clone()));
            }
            parameters.push(Parameter {
                name,
                shape,
                values,
            });
        }
    }
    Ok(Model {
        config,
        image: settings.image,
        parameters,
        mapping,
    })
}

fn settings(candidate: &Candidate, answers: &Answers) -> Result<Settings, RecognitionError> {
    let answer = |id| candidate.answer(id, answers);
    let given = answers
        .get(&QuestionId::Activation)
        .map_or("relu", String::as_str);
    let activation = activation_of(given).ok_or_else(|| RecognitionError::Answer {
        question: QuestionId::Activation.name(),
        answer: given.to_owned(),
    })?;
    let decoder_activation = match answers.get(&QuestionId::DecoderActivation) {
        Some(given) if given != SAME => {
            activation_of(given).ok_or_else(|| RecognitionError::Answer {
                question: QuestionId::DecoderActivation.name(),
                answer: given.clone(),
            })?
        }
        _ => activation,
    };
    let groups = match candidate.question(QuestionId::Groups) {
        Some(question) => match question.choices[question.answered(answers)?].value.as_str() {
            EACH => Groups::Each,
            count => Groups::Count(count.parse().unwrap_or(1)),
        },
        None => Groups::Count(1),
    };
    let geometry = answer(QuestionId::Geometry)?;
    let image = match candidate.geometries.get(geometry) {
        Some(geometry) => ImageShape {
            height: geometry.side,
            width: geometry.side,
            channels: candidate.chain.channels.unwrap_or(1),
        },
        None => {
            let at = answer(QuestionId::Shape)?;
            candidate
                .shapes
                .get(at)
                .copied()
                .unwrap_or(ImageShape::MNIST)
        }
    };
    let inner = candidate.question(QuestionId::InnerActivation);
    let inner_activation = match inner {
        Some(question) => question.choices[question.answered(answers)?].value == "yes",
        None => true,
    };
    Ok(Settings {
        activation,
        decoder_activation,
        groups,
        image,
        range: match answer(QuestionId::Range)? {
            0 => Range {
                factor: 1.0,
                shift: 0.0,
            },
            1 => Range {
                factor: 2.0,
                shift: -1.0,
            },
            _ => Range {
                factor: 1.0 / 0.3081,
                shift: -0.1307 / 0.3081,
            },
        },
        label_first: answer(QuestionId::Label)? == 1,
        inner_activation,
        geometry,
        output: match answer(QuestionId::Output)? {
            0 => Output::Sigmoid,
            1 => Output::Tanh,
            _ => Output::None,
        },
    })
}

/// The heads of μ and of the spread, and what the second computes. log σ becomes log σ².
type HeadWeights = ((String, Matrix), (String, Matrix), Spread);

fn heads(
    candidate: &Candidate,
    settings: &Settings,
    answers: &Answers,
    encoder: &mut Sequence,
) -> Result<Option<HeadWeights>, RecognitionError> {
    let Some((heads, positions)) = candidate.chain.heads else {
        return Ok(None);
    };
    let positions = match candidate.chain.values {
        // The heads read the image itself.
        Some(values) if candidate.chain.encoder.is_empty() => Some(values / encoder.channels),
        _ => positions,
    };
    let swap = candidate.answer(QuestionId::Mean, answers)? == 1;
    let label = candidate.chain.encoder_label;
    let label = label.filter(|label| label.at == candidate.chain.encoder.len());
    let label = label.filter(|_| !candidate.chain.encoder.is_empty());
    if label.is_some() {
        encoder.push(Operation::Label);
    }
    let side_of_heads = candidate.chain.side_of_heads(&candidate.layers);
    let map = encoder.map(settings.image, candidate.chain.classes);
    let geometry = candidate.geometries.get(settings.geometry);
    let plan = geometry.and_then(|geometry| geometry.encoder.last().copied());
    let mut head = |at: usize| -> Result<(String, Matrix), RecognitionError> {
        let layer = &candidate.layers[at];
        let mut matrix = encoder::matrix(layer, false);
        if let Some(norm) = &layer.norm {
            matrix.normalize(norm);
        }
        if let (Some(side), Some(plan)) = (side_of_heads, plan) {
            let outputs = matrix.outputs();
            matrix = unrolled::head(candidate, &matrix, plan, map)?;
            encoder.align(&mut matrix, None);
            return match matrix.outputs() == outputs * side * side {
                true => Ok((layer.name.clone(), matrix)),
                false => Err(encoder::no_geometry(candidate)),
            };
        }
        if let Some(label) = label {
            encoder::take_label(candidate, settings, label, &mut matrix);
        }
        encoder.align(&mut matrix, positions);
        Ok((layer.name.clone(), matrix))
    };
    let [first, second] = match heads {
        Heads::Separate(first, second) => {
            let (by_name, _) = swapped(&candidate.layers, first, second);
            let order = if by_name {
                [second, first]
            } else {
                [first, second]
            };
            [head(order[0])?, head(order[1])?]
        }
        Heads::Joint(layer) => {
            let (name, both) = head(layer)?;
            let latent = both.outputs() / 2;
            [
                (name.clone(), both.rows(0..latent)),
                (name, both.rows(latent..2 * latent)),
            ]
        }
    };
    encoder.drop_folded();
    let [mu, mut other] = if swap {
        [second, first]
    } else {
        [first, second]
    };
    let question = candidate.question(QuestionId::Head);
    let spread = match question {
        Some(question) => Spread::from_name(&question.choices[question.answered(answers)?].value),
        None => None,
    };
    let spread = match spread.unwrap_or(Spread::LogVar) {
        Spread::LogSigma => {
            other.1.scale_all(2.0, 0.0);
            Spread::LogVar
        }
        other => other,
    };
    Ok(Some((mu, other, spread)))
}

/// The same model as one of those that are trained here: linear layers, each followed by one activation but the last.
fn plain(
    config: &VaeConfig,
    encoder: &Sequence,
    decoder: &Sequence,
    activation: NetworkActivation,
) -> Option<VaeConfig> {
    activation.trainable()?;
    let widths = |operations: &[Operation], label: bool| -> Option<Vec<usize>> {
        let rest = match operations.split_first() {
            Some((Operation::Label, rest)) if label => rest,
            _ if label => return None,
            _ => operations,
        };
        rest.chunks(2)
            .map(|pair| match pair {
                [Operation::Linear { outputs }, Operation::Activation(found)]
                    if *found == activation =>
                {
                    Some(*outputs)
                }
                _ => None,
            })
            .collect()
    };
    let label = config.classes > 0;
    let encoder_hidden = widths(&encoder.operations, label)?;
    let (last, hidden) = decoder.operations.split_last()?;
    let decoder_hidden = widths(hidden, label)?;
    let plain = VaeConfig {
        encoder_hidden,
        decoder_hidden,
        ..config.clone()
    };
    let ends = matches!(last, Operation::Linear { outputs } if *outputs == config.input_size);
    (ends && plain.validate().is_ok()).then_some(plain)
}
