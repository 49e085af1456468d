//! Candidates: a reading of the layers, with its reasons and its questions.

use crate::{
    RecognitionError,
    chain::{Chain, Heads, Step, find_chains},
    geometry::{Geometry, Problem, Unknown, solve},
    layer::{Layer, LayerKind, layers},
    name_evidence::{Side, is_location, is_spread, spread},
    natural::{module_index, modules_between},
    question::{Answers, Choice, Question, QuestionId},
};
use checkpoints::StateDict;
use spec::{ImageShape, NetworkActivation, Spread};
use std::sync::Arc;

/// A reading of a state dict as a VAE.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The layers, from the image to the image.
    pub description: Vec<LayerDescription>,
    /// How well names and order agree with it: 1 if they do, towards 0 if they contradict it.
    pub score: f64,
    /// What speaks for it and against it, as sentences.
    pub reasons: Vec<String>,
    /// What the file cannot tell.
    pub questions: Vec<Question>,
    pub(crate) layers: Arc<Vec<Layer>>,
    pub(crate) chain: Chain,
    /// Ways of the convolutions, in the order of the question's choices; one without convolutions is empty.
    pub(crate) geometries: Vec<Geometry>,
    /// The shapes of an image, in the order of the question's choices.
    pub(crate) shapes: Vec<ImageShape>,
}

/// A layer with weights and what it does in a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerDescription {
    /// "encoder", "μ", "second head", "both heads", "label", "decoder" or "not used".
    pub role: &'static str,
    /// Its name in the file.
    pub name: String,
    /// Its sizes, and what is folded into it.
    pub text: String,
}

/// The readings of a state dict, the best first; there is at least one.
///
/// # Errors
/// [`RecognitionError`].
pub fn candidates(dict: &StateDict) -> Result<Vec<Candidate>, RecognitionError> {
    of_order(dict, None)
}

/// The readings whose layers are in this order, by their names; layers of a label may have any place.
///
/// # Errors
/// [`RecognitionError`], [`RecognitionError::Order`] if the layers do not fit in that order.
pub fn candidates_in_order(
    dict: &StateDict,
    order: &[String],
) -> Result<Vec<Candidate>, RecognitionError> {
    of_order(dict, Some(order))
}

fn of_order(
    dict: &StateDict,
    order: Option<&[String]>,
) -> Result<Vec<Candidate>, RecognitionError> {
    let layers = Arc::new(layers(dict)?);
    let order: Option<Vec<usize>> = order.map(|names| {
        let index = |name: &String| layers.iter().position(|layer| layer.name == *name);
        names.iter().filter_map(index).collect()
    });
    let mut chains = find_chains(&layers, order.as_deref());
    if let Some(order) = &order {
        // A layer that is left out, because it does not fit, would not be in the order.
        chains.retain(|chain| order.iter().all(|at| !chain.unused.contains(at)));
        if chains.is_empty() {
            return Err(misfit(&layers, order));
        }
    }
    let list = || {
        let names: Vec<_> = layers.iter().map(Layer::describe).collect();
        names.join(", ")
    };
    if chains.is_empty() {
        return Err(RecognitionError::NoChain { layers: list() });
    }
    let mut found = Vec::new();
    let mut error = None;
    for chain in chains {
        match candidate(&layers, chain) {
            Ok(candidate) => found.push(candidate),
            Err(reason) => error = error.or(Some(reason)),
        }
    }
    found.sort_by(|a: &Candidate, b| b.score.total_cmp(&a.score));
    match error {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

/// Says which two layers do not fit each other in this order.
fn misfit(layers: &[Layer], order: &[usize]) -> RecognitionError {
    let sizes = |at: usize| match layers[at].shape[..] {
        [outputs, inputs] if layers[at].kind == LayerKind::Linear => Some((inputs, outputs)),
        _ => None,
    };
    let linear = order.windows(2).find_map(|pair| {
        let (_, outputs) = sizes(pair[0])?;
        let (inputs, _) = sizes(pair[1])?;
        let heads = |at: usize| is_location(&layers[at].name) || is_spread(&layers[at].name);
        (outputs != inputs && !heads(pair[0]) && !heads(pair[1])).then(|| {
            format!(
                "{} gives {outputs} values and {} reads {inputs}",
                layers[pair[0]].name, layers[pair[1]].name
            )
        })
    });
    RecognitionError::Order(linear.unwrap_or_else(|| {
        "no way from an image through all of them to an image was found".to_owned()
    }))
}

impl Candidate {
    /// The question about this subject, if it is open.
    pub fn question(&self, id: QuestionId) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// The index of the answer to a question; 0, the suggestion, if the question is not asked.
    pub(crate) fn answer(
        &self,
        id: QuestionId,
        answers: &Answers,
    ) -> Result<usize, RecognitionError> {
        match self.question(id) {
            Some(question) => question.answered(answers),
            None => Ok(0),
        }
    }
}

fn candidate(layers: &Arc<Vec<Layer>>, chain: Chain) -> Result<Candidate, RecognitionError> {
    check_norms(layers, &chain)?;
    let problem = problem(layers, &chain)?;
    let geometries = match &problem {
        Some(problem) => {
            let found = solve(problem);
            if found.is_empty() {
                let names: Vec<_> = layers.iter().map(Layer::describe).collect();
                return Err(RecognitionError::NoGeometry {
                    layers: names.join(", "),
                });
            }
            found
        }
        None => Vec::new(),
    };
    let shapes = match geometries.is_empty() {
        true => image_shapes(chain.values.unwrap_or(0)),
        false => Vec::new(),
    };
    if geometries.is_empty() && shapes.is_empty() {
        return Err(RecognitionError::NoShape(chain.values.unwrap_or(0)));
    }
    let cost = chain.cost
        + geometries
            .first()
            .map_or(0.0, |geometry| 0.25 * geometry.cost);
    let mut candidate = Candidate {
        description: describe(layers, &chain),
        score: 1.0 / (1.0 + cost),
        reasons: reasons(layers, &chain),
        questions: Vec::new(),
        layers: Arc::clone(layers),
        chain,
        geometries,
        shapes,
    };
    candidate.questions = questions(&candidate, problem.as_ref());
    Ok(candidate)
}

/// Checks that the heads have no normalization that can't be folded into them.
///
/// # Errors
/// [`RecognitionError::Unsupported`] for heads with a normalization by their own values.
fn check_norms(layers: &[Layer], chain: &Chain) -> Result<(), RecognitionError> {
    let heads = match chain.heads {
        Some((Heads::Separate(first, second), _)) => vec![first, second],
        Some((Heads::Joint(layer), _)) => vec![layer],
        None => Vec::new(),
    };
    let norms = heads.into_iter().filter_map(|at| layers[at].norm.as_ref());
    match norms.into_iter().find(|norm| norm.is_computed) {
        Some(norm) => Err(RecognitionError::Unsupported {
            name: norm.name.clone(),
            shape: vec![norm.factor.len()],
            kind: "a layer or group normalization of μ or of the second head",
        }),
        None => Ok(()),
    }
}

/// What is known about the convolutions; `None` if there are none.
fn problem(layers: &[Layer], chain: &Chain) -> Result<Option<Problem>, RecognitionError> {
    let unknowns = |steps: &[Step]| -> Result<Vec<Unknown>, RecognitionError> {
        let mut unknowns = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let layer = &layers[step.layer];
            let [_, _, height, width] = layer.shape[..] else {
                continue;
            };
            if height != width {
                return Err(RecognitionError::Unsupported {
                    name: layer.name.clone(),
                    shape: layer.shape.clone(),
                    kind: "a convolution whose kernel is not square",
                });
            }
            let before = at.checked_sub(1).map(|at| &layers[steps[at].layer]);
            unknowns.push(Unknown {
                kernel: height,
                transposed: step.transposed,
                room: before
                    .and_then(|before| between(before, layer))
                    .map(|between| between.saturating_sub(1)),
                is_head: false,
            });
        }
        Ok(unknowns)
    };
    let side_of_heads = chain.side_of_heads(layers);
    let mut steps = chain.encoder.clone();
    if let (Some(_), Some((Heads::Separate(layer, _) | Heads::Joint(layer), _))) =
        (side_of_heads, chain.heads)
    {
        steps.push(Step {
            layer,
            transposed: false,
            positions: None,
        });
    }
    let mut encoder = unknowns(&steps)?;
    if let Some(head) = encoder.last_mut().filter(|_| side_of_heads.is_some()) {
        head.is_head = true;
    }
    let decoder = unknowns(&chain.decoder)?;
    if encoder.is_empty() && decoder.is_empty() {
        return Ok(None);
    }
    // The side of the map that the first linear layer or the heads read.
    let read = chain
        .encoder
        .iter()
        .find_map(|step| match layers[step.layer].kind {
            LayerKind::Linear => step.positions,
            _ => None,
        });
    let read = read.or(chain.heads.and_then(|(_, positions)| positions));
    let read = read.map(usize::isqrt).or(side_of_heads);
    let written = chain
        .decoder
        .iter()
        .find_map(|step| match layers[step.layer].kind {
            LayerKind::Convolution { .. } => step.positions,
            _ => None,
        });
    let channels = chain.channels.unwrap_or(1);
    Ok(Some(Problem {
        encoder: read
            .filter(|_| !encoder.is_empty())
            .map(|side| (encoder, side)),
        decoder: written
            .filter(|_| !decoder.is_empty())
            .map(|positions| (decoder, positions.isqrt())),
        side: chain
            .values
            .map(|values| (values / channels).isqrt())
            .or_else(|| side_of_planes(layers, chain)),
        may_pool: side_of_heads.is_none(),
        channels,
    }))
}

/// The side of the image that an embedding of the label gives, as planes beside the image.
fn side_of_planes(layers: &[Layer], chain: &Chain) -> Option<usize> {
    let label = chain.encoder_label.filter(|label| label.at <= 1)?;
    let layer = &layers[chain.encoder.get(label.at)?.layer];
    let values = layers[label.embedding?].shape[1];
    (layer.is_convolution() && values > label.width).then(|| (values / label.width).isqrt())
}

/// Modules without weights between two layers of one `Sequential`.
pub(crate) fn between(before: &Layer, after: &Layer) -> Option<usize> {
    let norms = usize::from(before.norm.is_some());
    modules_between(&before.name, &after.name).map(|between| between.saturating_sub(norms))
}

/// The shortest side of an image: shorter than those of data sets, because small models are made for tests.
const SHORTEST_SIDE: usize = 4;

/// The shapes that a linear layer's image may have, the most usual first.
pub fn image_shapes(values: usize) -> Vec<ImageShape> {
    let sides = SHORTEST_SIDE..=ImageShape::MAX_SIDE;
    let square = |values: usize| {
        let side = values.isqrt();
        (side * side == values && sides.contains(&side)).then_some(side)
    };
    let grey = square(values).map(|side| ImageShape::grey(side, side));
    let color = values
        .is_multiple_of(3)
        .then(|| square(values / 3).map(|side| ImageShape::color(side, side)))
        .flatten();
    let mut shapes: Vec<ImageShape> = grey.into_iter().chain(color).collect();
    if shapes.is_empty() {
        // Portraits before landscapes, and nearly square ones first.
        let mut others: Vec<ImageShape> = sides
            .clone()
            .filter(|width| values.is_multiple_of(*width) && sides.contains(&(values / width)))
            .map(|width| ImageShape::grey(values / width, width))
            .collect();
        others.sort_by_key(|shape| {
            (
                shape.height.abs_diff(shape.width),
                shape.width > shape.height,
            )
        });
        shapes = others;
    }
    shapes
}

fn describe(layers: &[Layer], chain: &Chain) -> Vec<LayerDescription> {
    let describe = |role, at: usize| {
        let layer = &layers[at];
        let mut text = match layer.shape[..] {
            [outputs, inputs] if layer.kind == LayerKind::Embedding => {
                format!("{outputs} labels → {inputs}")
            }
            [outputs, inputs] => format!("{inputs} → {outputs}"),
            [a, b, height, width] => {
                let transposed = chain
                    .encoder
                    .iter()
                    .chain(&chain.decoder)
                    .any(|step| step.layer == at && step.transposed);
                match transposed {
                    true => format!("{a} → {b}, {height}×{width}, transposed"),
                    false => format!("{b} → {a}, {height}×{width}"),
                }
            }
            _ => String::new(),
        };
        if layer.bias.is_none() && layer.kind != LayerKind::Embedding {
            text += ", without bias";
        }
        if let Some(norm) = &layer.norm {
            text += &format!(", normalized by {}", norm.name);
        }
        LayerDescription {
            role,
            name: layer.name.clone(),
            text,
        }
    };
    let encoder = chain
        .encoder
        .iter()
        .map(|step| describe("encoder", step.layer));
    let heads = match chain.heads {
        Some((Heads::Separate(first, second), _)) => match swapped(layers, first, second).0 {
            false => vec![describe("μ", first), describe("second head", second)],
            true => vec![describe("μ", second), describe("second head", first)],
        },
        Some((Heads::Joint(layer), _)) => vec![describe("both heads", layer)],
        None => Vec::new(),
    };
    let of_encoder = chain.encoder_label.and_then(|label| label.embedding);
    let of_encoder = of_encoder.filter(|at| Some(*at) != chain.embedding);
    let label = of_encoder
        .into_iter()
        .chain(chain.embedding)
        .map(|at| describe("label", at));
    let decoder = chain
        .decoder
        .iter()
        .map(|step| describe("decoder", step.layer));
    let unused = chain.unused.iter().map(|&at| describe("not used", at));
    encoder
        .chain(heads)
        .chain(label)
        .chain(decoder)
        .chain(unused)
        .collect()
}

/// Whether the second of two heads is μ, and whether that is known.
pub(crate) fn swapped(layers: &[Layer], first: usize, second: usize) -> (bool, bool) {
    let [first, second] = [&layers[first].name, &layers[second].name];
    match (
        is_spread(first) || is_location(second) && !is_location(first),
        is_spread(second) || is_location(first) && !is_location(second),
    ) {
        (true, false) => (true, true),
        (false, true) => (false, true),
        _ => (false, first.ends_with("fc21") && second.ends_with("fc22")),
    }
}

fn reasons(layers: &[Layer], chain: &Chain) -> Vec<String> {
    let mut reasons = Vec::new();
    let sides = |steps: &[Step], side| {
        let known = steps
            .iter()
            .filter(|step| layers[step.layer].side.is_some());
        let agree = known
            .clone()
            .filter(|step| layers[step.layer].side == Some(side))
            .count();
        (agree, known.count())
    };
    let (encoder, decoder) = (
        sides(&chain.encoder, Side::Encoder),
        sides(&chain.decoder, Side::Decoder),
    );
    let (agree, known) = (encoder.0 + decoder.0, encoder.1 + decoder.1);
    if known == 0 {
        reasons.push("Names do not tell encoder and decoder apart; their sizes and their order in the file do.".to_owned());
    } else if agree == known {
        reasons.push("The names of the layers agree with their places.".to_owned());
    } else {
        reasons.push(format!(
            "The names of {} layers contradict their places.",
            known - agree
        ));
    }
    if chain.heads.is_none() {
        reasons.push("There is no encoder with two heads: the decoder is used alone.".to_owned());
    }
    if let Some(side @ 2..) = chain.side_of_heads(layers) {
        reasons.push(format!(
            "z is a map of {side}×{side} positions with {} channels.",
            chain.latent / (side * side)
        ));
    }
    if chain.classes > 0 {
        let who = match chain.encoder_label {
            Some(_) => "Encoder and decoder take",
            None => "The decoder takes",
        };
        reasons.push(format!(
            "{who} a label with {} classes beside their other input.",
            chain.classes
        ));
    }
    if !chain.unused.is_empty() {
        let names: Vec<_> = chain
            .unused
            .iter()
            .map(|&at| layers[at].name.as_str())
            .collect();
        reasons.push(format!("Not used: {}.", names.join(", ")));
    }
    reasons
}

fn questions(candidate: &Candidate, problem: Option<&Problem>) -> Vec<Question> {
    let (layers, chain) = (&candidate.layers, &candidate.chain);
    let mut questions = Vec::new();
    let hidden = chain.encoder.len() + chain.decoder.len().saturating_sub(1);
    if hidden > 0 {
        questions.push(activation());
    }
    if !chain.encoder.is_empty() && chain.decoder.len() > 1 {
        questions.push(decoder_activation());
    }
    if let Some((heads, _)) = chain.heads {
        questions.extend(head_questions(layers, heads));
    }
    questions.push(Question {
        id: QuestionId::Output,
        choices: vec![
            Choice::new("sigmoid", "a sigmoid gives pixels from 0 to 1"),
            Choice::new("tanh", "a tanh gives pixels from −1 to 1"),
            Choice::new("none", "the output is the pixel itself"),
        ],
        doubt: None,
    });
    questions.push(Question {
        id: QuestionId::Range,
        choices: vec![
            Choice::new("0-1", "pixels from 0 to 1"),
            Choice::new("-1-1", "pixels from −1 to 1"),
            Choice::new("mnist", "pixels minus 0.1307, divided by 0.3081"),
        ],
        doubt: None,
    });
    if candidate.shapes.len() > 1 {
        questions.push(Question {
            id: QuestionId::Shape,
            choices: candidate
                .shapes
                .iter()
                .map(|shape| Choice::new(shape_value(*shape), shape.to_string()))
                .collect(),
            doubt: Some("the number of values allows several shapes".to_owned()),
        });
    }
    questions.extend(groups(layers, chain));
    if chain.classes > 0 {
        questions.push(Question {
            id: QuestionId::Label,
            choices: vec![
                Choice::new("last", "the label comes after the image and after z"),
                Choice::new("first", "the label comes before the image and before z"),
            ],
            doubt: None,
        });
    }
    if let Some(problem) = problem {
        questions.extend(geometry(&candidate.geometries, problem));
    }
    if let Some(suggested) = inner_activation(layers, chain) {
        questions.push(suggested);
    }
    questions
}

/// Which function, and LeakyReLU with the slope of many models besides PyTorch's.
fn activation() -> Question {
    let mut choices: Vec<Choice> = NetworkActivation::ALL
        .iter()
        .map(|activation| Choice::new(activation.name(), activation.name()))
        .collect();
    choices.insert(
        2,
        Choice::new("leaky-relu-0.2", "leaky-relu with slope 0.2"),
    );
    Question {
        id: QuestionId::Activation,
        choices,
        doubt: Some("a file of weights does not contain it; ReLU is usual".to_owned()),
    }
}

/// Whether the decoder has another activation than the encoder.
fn decoder_activation() -> Question {
    let same = Choice::new(SAME, "the same as in the encoder");
    Question {
        id: QuestionId::DecoderActivation,
        choices: std::iter::once(same).chain(activation().choices).collect(),
        doubt: None,
    }
}

/// The answer that the decoder has the encoder's activation.
pub(crate) const SAME: &str = "same";

/// The answer that each channel is a group.
pub(crate) const EACH: &str = "each";

/// Asks for the number of groups of group normalizations.
fn groups(layers: &[Layer], chain: &Chain) -> Option<Question> {
    let normalized: Vec<usize> = chain
        .encoder
        .iter()
        .chain(&chain.decoder)
        .filter_map(|step| {
            let layer = &layers[step.layer];
            let norm = layer.norm.as_ref().filter(|norm| norm.is_computed)?;
            let channels = norm.factor.len();
            // A normalization of a vector has one group.
            let of_map = layer.is_convolution() || layer.shape[0] != channels;
            of_map.then_some(channels)
        })
        .collect();
    let least = *normalized.iter().min()?;
    let fits = |groups: &usize| {
        normalized
            .iter()
            .all(|channels| channels.is_multiple_of(*groups) && *channels > *groups)
    };
    // 32 groups are usual for many channels, and 8 for few.
    let order: [usize; 6] = match least >= 64 {
        true => [32, 16, 8, 4, 2, 1],
        false => [8, 4, 2, 1, 16, 32],
    };
    let mut choices: Vec<Choice> = order
        .into_iter()
        .filter(fits)
        .map(|groups| match groups {
            1 => Choice::new("1", "one group of all channels"),
            _ => Choice::new(groups.to_string(), format!("{groups} groups of channels")),
        })
        .collect();
    choices.push(Choice::new(EACH, "each channel by itself"));
    Some(Question {
        id: QuestionId::Groups,
        choices,
        doubt: Some("a file of weights does not contain the number of groups".to_owned()),
    })
}

/// The activation of an answer.
pub(crate) fn activation_of(answer: &str) -> Option<NetworkActivation> {
    match answer.strip_prefix("leaky-relu-") {
        Some(slope) => {
            let slope = slope.parse().ok().filter(|slope: &f32| slope.is_finite())?;
            Some(NetworkActivation::LeakyRelu { slope })
        }
        None => NetworkActivation::from_name(answer),
    }
}

fn head_questions(layers: &[Layer], heads: Heads) -> Vec<Question> {
    let (name, mean) = match heads {
        Heads::Separate(first, second) => {
            let (swap, known) = swapped(layers, first, second);
            let [mu, other] = if swap {
                [second, first]
            } else {
                [first, second]
            };
            let [mu, other] = [mu, other].map(|at| layers[at].name.as_str());
            let mean = Question {
                id: QuestionId::Mean,
                choices: vec![
                    Choice::new("first", format!("{mu} computes μ")),
                    Choice::new("second", format!("{other} computes μ")),
                ],
                doubt: (!known).then(|| "the names of the heads do not tell which is μ".to_owned()),
            };
            (other, mean)
        }
        Heads::Joint(layer) => {
            let mean = Question {
                id: QuestionId::Mean,
                choices: vec![
                    Choice::new("first", "the first half of the head is μ"),
                    Choice::new("second", "the second half of the head is μ"),
                ],
                doubt: None,
            };
            (layers[layer].name.as_str(), mean)
        }
    };
    let (suggested, doubt) = spread(name);
    let others = Spread::ALL.into_iter().filter(|kind| *kind != suggested);
    let choices = std::iter::once(suggested)
        .chain(others)
        .map(|kind| Choice::new(kind.name(), format!("{name} computes {}", kind.meaning())))
        .collect();
    let head = Question {
        id: QuestionId::Head,
        choices,
        doubt: doubt.map(str::to_owned),
    };
    vec![mean, head]
}

fn geometry(geometries: &[Geometry], problem: &Problem) -> Option<Question> {
    let [first, second, ..] = geometries else {
        return None;
    };
    // Solutions that are far less usual need no attention.
    let close = second.cost - first.cost < 1.0;
    Some(Question {
        id: QuestionId::Geometry,
        choices: geometries
            .iter()
            .enumerate()
            .map(|(at, geometry)| Choice::new((at + 1).to_string(), geometry.describe(problem)))
            .collect(),
        doubt: close
            .then(|| "other strides and paddings give the same sizes and are as usual".to_owned()),
    })
}

/// Asks whether the activation follows the linear layer that is arranged as a feature map.
fn inner_activation(layers: &[Layer], chain: &Chain) -> Option<Question> {
    let at = chain
        .decoder
        .iter()
        .position(|step| step.positions.is_some())?;
    let convolution = &layers[chain.decoder[at].layer];
    let linear = &layers[chain.decoder[at.checked_sub(1)?].layer];
    let (suggested, known) = match (
        between(linear, convolution),
        module_index(&convolution.name),
    ) {
        // In one Sequential there is an Unflatten, too.
        (Some(between), _) => (between >= 2, true),
        // At the start of a Sequential: with ReLU and Unflatten before it, or without.
        (None, Some((_, index))) => (index >= 2, index >= 2),
        (None, None) => (true, false),
    };
    let mut choices = vec![
        Choice::new("yes", format!("the activation follows {}", linear.name)),
        Choice::new("no", format!("no activation follows {}", linear.name)),
    ];
    if !suggested {
        choices.swap(0, 1);
    }
    Some(Question {
        id: QuestionId::InnerActivation,
        choices,
        doubt: (!known).then(|| {
            format!(
                "the file does not tell whether the activation follows {}",
                linear.name
            )
        }),
    })
}

/// "28x28", "32x32x3".
pub fn shape_value(shape: ImageShape) -> String {
    match shape.channels {
        1 => format!("{}x{}", shape.height, shape.width),
        channels => format!("{}x{}x{channels}", shape.height, shape.width),
    }
}
