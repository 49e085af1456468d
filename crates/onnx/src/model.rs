//! A model of a file and answers: what the graph does not tell is asked.

use crate::{
    OnnxError,
    compose::{append, row, scaled},
    convert::{Contents, End, FileHeads, Network, contents, end},
    lower::{Draft, Reference, Weight},
};
use recognition::{
    Answers, Choice, LayerDescription, Model, Parameter, Question, QuestionId, RecognitionError,
    image_shapes, shape_value, spread,
};
use spec::{
    Activation, Graph, GraphOperation, Graphs, ImageShape, Likelihood, NetworkConfig, Spread,
    VaeConfig,
};

/// A converted ONNX file.
#[derive(Debug, Clone)]
pub struct OnnxModel {
    contents: Contents,
    weights: [Vec<Weight>; 2],
    /// What the file does not tell.
    pub questions: Vec<Question>,
    /// The parts of the file, from the image to the image.
    pub description: Vec<LayerDescription>,
    /// What was found, as sentences.
    pub notes: Vec<String>,
    end: End,
    end_node: Option<usize>,
    images: Vec<(ImageShape, Layout)>,
}

/// The order of an image's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    ChannelsFirst,
    ChannelsLast,
}

/// The axes of images, with that of the samples, from `[h, w, c]` to `[c, h, w]`.
const TO_CHANNELS_FIRST: [usize; 4] = [0, 3, 1, 2];
/// And back.
const TO_CHANNELS_LAST: [usize; 4] = [0, 2, 3, 1];

/// Pixels as a linear function of pixels from 0 to 1.
const RANGES: [(f32, f32); 3] = [(1.0, 0.0), (2.0, -1.0), (1.0 / 0.3081, -0.1307 / 0.3081)];

impl OnnxModel {
    /// Reads what [`convert`](crate::convert()) wrote; `None` for other safetensors.
    ///
    /// # Errors
    /// [`OnnxError`].
    pub fn read(bytes: &[u8]) -> Option<Result<Self, OnnxError>> {
        let found = contents(bytes)?;
        Some(found.and_then(|(contents, weights)| Self::new(contents, weights)))
    }

    fn new(contents: Contents, weights: [Vec<Weight>; 2]) -> Result<Self, OnnxError> {
        let outputs = contents.decoder.outputs.len();
        let heads = match contents.heads {
            FileHeads::Joint => 1,
            FileHeads::Two { .. } => 2,
        };
        let encoder = contents.encoder.as_ref();
        if outputs != 1
            || contents.decoder.graph.outputs.len() != 1
            || encoder.is_some_and(|e| e.outputs.len() != heads || e.graph.outputs.len() != heads)
        {
            return Err(OnnxError::Converted("it has other outputs".into()));
        }
        let output = &contents.decoder.outputs[0].1;
        let declared = encoder.map(|encoder| encoder.input.clone());
        let images = images(output, declared.as_deref())?;
        let (end, end_node) = end(&contents.decoder.graph);
        let mut model = Self {
            description: describe(&contents),
            notes: contents.notes.clone(),
            contents,
            weights,
            questions: Vec::new(),
            end,
            end_node,
            images,
        };
        model.questions = model.questions();
        Ok(model)
    }

    /// The question about this subject, if it is open.
    pub fn question(&self, id: QuestionId) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        let choices = |list: &[(&str, &str)]| -> Vec<Choice> {
            list.iter()
                .map(|(value, meaning)| Choice {
                    value: (*value).to_owned(),
                    meaning: (*meaning).to_owned(),
                })
                .collect()
        };
        if let Some(encoder) = &self.contents.encoder {
            questions.extend(head_questions(self.contents.heads, encoder));
        }
        if self.end == End::Open {
            questions.push(Question {
                id: QuestionId::Output,
                choices: choices(&[
                    (
                        "sigmoid",
                        "the output is a logit: a sigmoid gives pixels from 0 to 1",
                    ),
                    ("none", "the output is the pixel itself"),
                    ("tanh", "a tanh gives pixels from −1 to 1"),
                ]),
                doubt: Some(
                    "the graph ends without a sigmoid or tanh: the output is a logit or a pixel"
                        .into(),
                ),
            });
        }
        if self.contents.encoder.is_some() || self.end == End::Open {
            let mut ranges = choices(&[
                ("0-1", "pixels from 0 to 1"),
                ("-1-1", "pixels from −1 to 1"),
                ("mnist", "pixels minus 0.1307, divided by 0.3081"),
            ]);
            if self.end == End::Tanh {
                ranges.swap(0, 1);
            }
            questions.push(Question {
                id: QuestionId::Range,
                choices: ranges,
                doubt: None,
            });
        }
        if self.images.len() > 1 {
            let shapes = self.images.iter();
            questions.push(Question {
                id: QuestionId::Shape,
                choices: shapes
                    .map(|(shape, _)| Choice {
                        value: shape_value(*shape),
                        meaning: shape.to_string(),
                    })
                    .collect(),
                doubt: Some("the number of values allows several shapes".into()),
            });
        }
        questions
    }

    fn answer(&self, id: QuestionId, answers: &Answers) -> Result<&str, RecognitionError> {
        let Some(question) = self.question(id) else {
            return Ok("");
        };
        let Some(answer) = answers.get(&id) else {
            return Ok(&question.choices[0].value);
        };
        let found = question
            .choices
            .iter()
            .find(|choice| choice.value == *answer);
        found
            .map(|choice| choice.value.as_str())
            .ok_or_else(|| RecognitionError::Answer {
                question: id.name(),
                answer: answer.clone(),
            })
    }

    /// The model, given answers; without an answer the suggestion holds.
    ///
    /// # Errors
    /// [`OnnxError::Parts`] for an answer that is not a choice, [`OnnxError::Graph`] beyond the limits.
    pub fn apply(&self, answers: &Answers) -> Result<Model, OnnxError> {
        let answer = |id| {
            self.answer(id, answers)
                .map_err(|error| OnnxError::Parts(error.to_string()))
        };
        let shape = answer(QuestionId::Shape)?;
        let chosen = self
            .images
            .iter()
            .find(|(image, _)| shape_value(*image) == shape);
        let (image, layout) = *chosen.unwrap_or(&self.images[0]);
        let range = match answer(QuestionId::Range)? {
            "-1-1" => RANGES[1],
            "mnist" => RANGES[2],
            _ => RANGES[0],
        };
        let output = match self.end {
            End::Sigmoid => "sigmoid",
            End::Tanh => "tanh",
            End::ZeroToOne => "clip",
            End::Open => answer(QuestionId::Output)?,
        };
        let (decoder, decoder_weights) = self.decoder(image, layout, output, range)?;
        let latent = self.contents.decoder.graph.input;
        let mut spread = Spread::LogVar;
        let mut encoder = None;
        let mut weights = Vec::new();
        if let Some(network) = &self.contents.encoder {
            spread = match self.contents.heads {
                FileHeads::Two {
                    spread: Some(known),
                    ..
                } => known,
                _ => Spread::from_name(answer(QuestionId::Head)?).unwrap_or(Spread::LogVar),
            };
            let swap = answer(QuestionId::Mean)? == "second";
            let (graph, encoder_weights) = self.encoder(network, image, layout, range, swap)?;
            weights = encoder_weights;
            encoder = Some(graph);
        }
        let likelihood = match output {
            "sigmoid" | "tanh" => Likelihood::Bernoulli,
            _ => Likelihood::Gaussian { sigma: 1.0 },
        };
        let config = VaeConfig {
            input_size: image.values(),
            convolution: None,
            network: Some(NetworkConfig {
                image,
                encoder: encoder.is_some().then(Vec::new),
                spread,
                decoder: Vec::new(),
                graphs: Some(Box::new(Graphs { encoder, decoder })),
            }),
            encoder_hidden: Vec::new(),
            decoder_hidden: Vec::new(),
            latent_size: latent,
            classes: self.contents.classes,
            activation: Activation::Relu,
            likelihood,
        };
        config
            .validate()
            .map_err(|error| OnnxError::Parts(error.to_string()))?;
        weights.extend(decoder_weights);
        let shapes = config.parameter_shapes();
        let parameters = shapes
            .into_iter()
            .zip(weights)
            .map(|((name, shape), weight)| Parameter {
                name,
                shape,
                values: weight.values,
            });
        Ok(Model {
            parameters: parameters.collect(),
            config,
            image,
            // Weights of a graph are not those of layers.
            mapping: Vec::new(),
        })
    }

    /// The decoder from z to the raw output in our order of values, `[height, width, channels]`.
    fn decoder(
        &self,
        image: ImageShape,
        layout: Layout,
        output: &str,
        (factor, shift): (f32, f32),
    ) -> Result<(Graph, Vec<Weight>), OnnxError> {
        let mut graph = self.contents.decoder.graph.clone();
        if let (Some(at), "sigmoid" | "tanh") = (self.end_node, output) {
            // The likelihood applies it.
            let shapes = graph.shapes()?;
            let axes = shapes[graph.first_node() + at].axes.clone();
            graph.nodes[at].operation = GraphOperation::Reshape(axes);
        }
        let mut draft = draft(&graph);
        let mut x = append(&mut draft, &graph, &self.weights[0], Reference::Input)?[0];
        if layout == Layout::ChannelsFirst && image.channels > 1 {
            let axes = with_sample(&draft, [image.channels, image.height, image.width]);
            x = draft.push(GraphOperation::Reshape(axes), &[x])?;
            x = draft.push(GraphOperation::Transpose(TO_CHANNELS_LAST.to_vec()), &[x])?;
        }
        match output {
            // tanh(o) from −1 to 1 is sigmoid(2o) from 0 to 1.
            "tanh" => x = scaled(&mut draft, x, 2.0, 0.0)?,
            "sigmoid" | "clip" => {}
            _ => x = scaled(&mut draft, x, 1.0 / factor, -shift / factor)?,
        }
        let x = row(&mut draft, x, image.values())?;
        draft.finish(&[x])
    }

    /// The encoder from an image in our order of values to μ and the second head.
    fn encoder(
        &self,
        network: &Network,
        image: ImageShape,
        layout: Layout,
        (factor, shift): (f32, f32),
        swap: bool,
    ) -> Result<(Graph, Vec<Weight>), OnnxError> {
        let latent = self.contents.decoder.graph.input;
        let mut draft = draft(&network.graph);
        draft.input = image.values();
        let mut x = scaled(&mut draft, Reference::Input, factor, shift)?;
        if layout == Layout::ChannelsFirst && image.channels > 1 {
            let axes = with_sample(&draft, [image.height, image.width, image.channels]);
            x = draft.push(GraphOperation::Reshape(axes), &[x])?;
            x = draft.push(GraphOperation::Transpose(TO_CHANNELS_FIRST.to_vec()), &[x])?;
        }
        x = row(&mut draft, x, image.values())?;
        let outputs = append(&mut draft, &network.graph, &self.weights[1], x)?;
        let mut heads = Vec::new();
        if let [joint] = outputs[..] {
            let joint = row(&mut draft, joint, 2 * latent)?;
            for start in [0, latent] {
                let end = start + latent;
                let half = GraphOperation::Slice {
                    axis: 1,
                    start,
                    end,
                };
                heads.push(draft.push(half, &[joint])?);
            }
        } else {
            for output in outputs {
                heads.push(row(&mut draft, output, latent)?);
            }
        }
        if swap {
            heads.swap(0, 1);
        }
        draft.finish(&heads)
    }
}

/// A draft with the inputs of a graph.
fn draft(graph: &Graph) -> Draft {
    Draft::new(graph.input, graph.classes, graph.per_sample)
}

/// The axes of an operation, which are without that of the samples only if it has any.
fn with_sample(draft: &Draft, axes: [usize; 3]) -> Vec<usize> {
    match draft.per_sample {
        true => [&[1], &axes[..]].concat(),
        false => axes.to_vec(),
    }
}

/// The shapes that an image may have, by the axes of the decoder's output and of the encoder's input.
fn images(
    output: &[usize],
    input: Option<&[usize]>,
) -> Result<Vec<(ImageShape, Layout)>, OnnxError> {
    let image = |height, width, channels| ImageShape {
        height,
        width,
        channels,
    };
    let of_axes = |axes: &[usize]| {
        let axes: &[usize] = match axes {
            [1, rest @ ..] if rest.len() == 3 => rest,
            axes => axes,
        };
        match *axes {
            [channels @ (1 | 3), height, width] if height > 1 => {
                Some((image(height, width, channels), Layout::ChannelsFirst))
            }
            [height, width, channels @ (1 | 3)] => {
                Some((image(height, width, channels), Layout::ChannelsLast))
            }
            [height, width] if height > 1 && width > 1 => {
                Some((image(height, width, 1), Layout::ChannelsFirst))
            }
            _ => None,
        }
    };
    let values: usize = output.iter().product();
    let fits = |found: &(ImageShape, Layout)| found.0.values() == values;
    if let Some(found) = of_axes(output).or(input.and_then(of_axes)).filter(fits) {
        let valid = found.0.validate();
        valid.map_err(|error| OnnxError::Parts(format!("the decoder's images: {error}")))?;
        return Ok(vec![found]);
    }
    let flat: Vec<_> = image_shapes(values)
        .into_iter()
        .filter(|shape| shape.validate().is_ok())
        .map(|shape| (shape, Layout::ChannelsFirst))
        .collect();
    match flat.is_empty() {
        true => Err(OnnxError::Parts(format!(
            "the decoder's output has the shape {output:?}, which is not that of a grey or colour image"
        ))),
        false => Ok(flat),
    }
}

fn head_questions(heads: FileHeads, encoder: &Network) -> Vec<Question> {
    let choice = |value: &str, meaning: String| Choice {
        value: value.to_owned(),
        meaning,
    };
    let name = |at: usize| {
        encoder
            .outputs
            .get(at)
            .map_or("", |(name, _)| name.as_str())
    };
    let (mean, second) = match heads {
        FileHeads::Two {
            spread: Some(_), ..
        } => return Vec::new(),
        FileHeads::Two { order_known, .. } => (
            Question {
                id: QuestionId::Mean,
                choices: vec![
                    choice("first", format!("{} is μ", name(0))),
                    choice("second", format!("{} is μ", name(1))),
                ],
                doubt: (!order_known)
                    .then(|| "the names of the outputs do not tell which is μ".to_owned()),
            },
            name(1),
        ),
        FileHeads::Joint => (
            Question {
                id: QuestionId::Mean,
                choices: vec![
                    choice("first", "the first half of the output is μ".to_owned()),
                    choice("second", "the second half of the output is μ".to_owned()),
                ],
                doubt: None,
            },
            name(0),
        ),
    };
    let (suggested, doubt) = spread(second);
    let others = Spread::ALL.into_iter().filter(|kind| *kind != suggested);
    let choices = std::iter::once(suggested).chain(others);
    let head = Question {
        id: QuestionId::Head,
        choices: choices
            .map(|kind| choice(kind.name(), format!("{second} is {}", kind.meaning())))
            .collect(),
        doubt: doubt.map(str::to_owned),
    };
    vec![mean, head]
}

/// Encoder and decoder with their sizes and operators.
fn describe(contents: &Contents) -> Vec<LayerDescription> {
    let axes = |axes: &[usize]| {
        let sizes: Vec<String> = axes.iter().map(ToString::to_string).collect();
        sizes.join("×")
    };
    let row = |role: &'static str, network: &Network| {
        let outputs: Vec<String> = network
            .outputs
            .iter()
            .map(|(name, sizes)| format!("{name} ({})", axes(sizes)))
            .collect();
        LayerDescription {
            role,
            name: outputs.join(", "),
            text: format!(
                "from {} values, {} operations{}",
                axes(&network.input),
                network.graph.nodes.len(),
                match network.graph.per_sample {
                    true => ", one image at a time",
                    false => "",
                },
            ),
        }
    };
    let encoder = contents
        .encoder
        .iter()
        .map(|network| row("encoder", network));
    let mut rows: Vec<_> = encoder.chain([row("decoder", &contents.decoder)]).collect();
    let operators: Vec<String> = contents
        .decoder
        .operators
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    rows.push(LayerDescription {
        role: "decoder",
        name: "operators of the file".to_owned(),
        text: operators.join(", "),
    });
    rows
}
