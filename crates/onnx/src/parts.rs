//! Finds decoder and encoder among the inputs, outputs and values of a graph.

use crate::{
    OnnxError,
    lower::{Input, Lowered, Part, lower, reads},
    message::{Graph, Node, element},
    read::{Source, declared, declared_element},
};
use recognition::{is_location, is_spread};
use spec::{Spread, VaeConfig};
use std::collections::{HashMap, HashSet};

/// What a file has of a model.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The decoder; without one, why.
    pub(crate) decoder: Result<Part, String>,
    /// The encoder, with what its outputs are.
    pub(crate) encoder: Option<(Part, Heads)>,
    pub(crate) classes: usize,
    /// What was found, as sentences.
    pub(crate) notes: Vec<String>,
}

/// The outputs of an encoder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heads {
    /// μ and the second head, whether their order is certain, and what the second computes, if that is.
    Two {
        order_known: bool,
        spread: Option<Spread>,
    },
    /// Both in one output, half each.
    Joint,
}

/// The inputs that are labels, by their names.
type Labels = Vec<(String, Input)>;

/// A main input: z or an image.
struct Main {
    name: String,
    input: Input,
    values: usize,
    samples: Option<usize>,
}

/// Finds the parts.
///
/// # Errors
/// [`OnnxError`], with advice if there is neither a decoder nor an encoder.
pub(crate) fn find(source: &Source) -> Result<Parts, OnnxError> {
    let graph = &source.graph;
    let (mut mains, mut labels) = inputs(graph)?;
    let outputs: Vec<&str> = graph.output.iter().map(|o| o.name.as_str()).collect();
    if outputs.is_empty() {
        return Err(OnnxError::NoGraph);
    }
    // An output of several main inputs: all but the first are labels.
    let joint = outputs.iter().any(|output| {
        let found = sources(graph, output, &[]);
        mains
            .iter()
            .filter(|main| found.contains(main.name.as_str()))
            .count()
            > 1
    });
    if joint && mains.len() == 2 {
        let label = mains
            .pop()
            .map(|main| (main.name, Input::ClassWeights(main.values), main.values));
        match label {
            Some((name, input, 2..=VaeConfig::MAX_CLASSES)) => labels.push((name, input)),
            _ => {
                return Err(OnnxError::NoDecoder(
                    "the graph computes one output of two inputs, none of which is a label".into(),
                ));
            }
        }
    }
    let classes = labels.iter().map(|(_, input)| match input {
        Input::ClassWeights(classes) | Input::Label(classes) => *classes,
        Input::Main(_) | Input::Single(_) => 0,
    });
    let classes = classes.max().unwrap_or(0);
    if classes > VaeConfig::MAX_CLASSES {
        return Err(OnnxError::Parts(format!(
            "the label has {classes} classes; at most {} are supported",
            VaeConfig::MAX_CLASSES
        )));
    }
    let finder = Finder {
        graph,
        labels: &labels,
    };
    let mut decoder = None;
    let mut encoder = None;
    let mut notes = Vec::new();
    for main in &mains {
        let own: Vec<&str> = outputs
            .iter()
            .copied()
            .filter(|output| sources(graph, output, &[]).contains(main.name.as_str()))
            .collect();
        if own.is_empty() {
            continue;
        }
        let part = finder.part(&main.name, main.input.clone(), &own, main.samples);
        let lowered = lower(graph, source.version, &part)?;
        let size = |name: &str| elements(&lowered, name);
        let is_larger = |output: &&&str| size(output) > main.values;
        let reconstruction = own
            .iter()
            .filter(|output| size(output) == main.values)
            .find(|_| main.values >= 16);
        if let Some(image) = reconstruction {
            let whole = finder.whole(main, image, &own, &lowered, &mut notes)?;
            (decoder, encoder) = (Some(whole.0), whole.1);
        } else if let Some(image) = own.iter().find(is_larger) {
            decoder = Some(finder.part(&main.name, main.input.clone(), &[image], main.samples));
        } else {
            encoder = finder.heads(main, &own, &lowered);
            if encoder.is_none() {
                notes.push(
                    "The outputs of the encoder are not μ and a second head; it is not used."
                        .into(),
                );
            }
        }
    }
    let decoder = decoder.ok_or_else(|| {
        let what = match encoder.is_some() || mains.len() == 1 {
            true => "the file has an encoder alone: its outputs are smaller than its input",
            false => "the file has no output that is larger than its input",
        };
        what.to_owned()
    });
    Ok(Parts {
        decoder,
        encoder,
        classes,
        notes,
    })
}

/// Elements of a value for one sample; 0 if it is not computed.
fn elements(lowered: &Lowered, name: &str) -> usize {
    lowered
        .axes
        .get(name)
        .map_or(0, |axes| axes.iter().product())
}

/// The graph's inputs that are not weights: z or images, and labels.
fn inputs(graph: &Graph) -> Result<(Vec<Main>, Labels), OnnxError> {
    let weights: HashSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
    let (mut mains, mut labels) = (Vec::new(), Vec::new());
    for info in &graph.input {
        if weights.contains(info.name.as_str()) {
            continue;
        }
        let name = info.name.clone();
        let axes = declared(info).ok_or_else(|| {
            OnnxError::Parts(format!(
                "the input \"{name}\" has no shape; export the model again"
            ))
        })?;
        let element = declared_element(info).unwrap_or(element::FLOAT);
        if matches!(element, element::INT32 | element::INT64) {
            let classes = label_classes(graph, &name).ok_or_else(|| {
                OnnxError::Parts(format!(
                    "the input \"{name}\" is a label, but no table of an embedding and no one-hot operator tells the number of classes"
                ))
            })?;
            labels.push((name, Input::Label(classes)));
            continue;
        }
        let rest: Option<Vec<usize>> = axes.iter().skip(1).copied().collect();
        let (input, samples) = match (&axes[..], rest) {
            ([], _) => {
                return Err(OnnxError::Parts(format!(
                    "the input \"{name}\" is a single number"
                )));
            }
            ([Some(size)], _) => (Input::Single(vec![*size]), Some(1)),
            ([samples, ..], Some(rest)) if !rest.is_empty() => (Input::Main(rest), *samples),
            _ => {
                return Err(OnnxError::Parts(format!(
                    "the input \"{name}\" has axes without a fixed size besides the first; export it with dynamic_axes for the first axis alone"
                )));
            }
        };
        let (Input::Main(sizes) | Input::Single(sizes)) = &input else {
            continue;
        };
        let values = sizes.iter().fold(1, |p: usize, &s| p.saturating_mul(s));
        if is_label(&name) && sizes.len() == 1 {
            labels.push((name, Input::ClassWeights(values)));
        } else {
            mains.push(Main {
                name,
                input,
                values,
                samples,
            });
        }
    }
    match mains.is_empty() {
        true => Err(OnnxError::NoDecoder(
            "the graph has no input that could be z".into(),
        )),
        false => Ok((mains, labels)),
    }
}

/// Whether a name is that of a label.
fn is_label(name: &str) -> bool {
    let name = name.to_lowercase();
    let exact = ["y", "c", "l", "labels", "label", "cond", "classes", "class"];
    exact.contains(&name.as_str())
        || ["label", "cond", "one_hot", "onehot", "class"]
            .iter()
            .any(|part| name.contains(part))
}

/// The number of classes of a label: rows of the table that it selects from, or the depth of a one-hot operator.
fn label_classes(graph: &Graph, label: &str) -> Option<usize> {
    let mut names: HashSet<&str> = HashSet::from([label]);
    for node in &graph.node {
        let reads_it = node
            .input
            .iter()
            .any(|input| names.contains(input.as_str()));
        if !reads_it {
            continue;
        }
        let initializer = |name: &String| graph.initializer.iter().find(|t| t.name == *name);
        match node.op_type.as_str() {
            "Gather" => {
                let table = initializer(node.input.first()?)?;
                return usize::try_from(*table.dims.first()?).ok();
            }
            "OneHot" => {
                let depth = crate::read::tensor(initializer(node.input.get(1)?)?).ok()?;
                return Some(depth.scalar()? as usize);
            }
            "Cast" | "Identity" | "Reshape" | "Squeeze" | "Unsqueeze" | "Flatten" => {
                names.extend(node.output.iter().map(String::as_str));
            }
            _ => {}
        }
    }
    None
}

/// The values without a producer that a value depends on; values of `stops` are not followed.
fn sources<'a>(graph: &'a Graph, value: &'a str, stops: &[&str]) -> HashSet<&'a str> {
    let producers = producers(graph);
    let mut found = HashSet::new();
    let mut seen = HashSet::new();
    let mut open = vec![value];
    while let Some(name) = open.pop() {
        if !seen.insert(name) || stops.contains(&name) {
            continue;
        }
        match producers.get(name) {
            Some(node) => {
                open.extend(reads(node));
                if node.op_type.starts_with("RandomNormal") {
                    found.insert(NOISE);
                }
            }
            None => {
                found.insert(name);
            }
        }
    }
    found
}

/// Stands for random noise among the sources of a value; no name of a value, because names have no spaces around them.
const NOISE: &str = " noise ";

fn producers(graph: &Graph) -> HashMap<&str, &Node> {
    let mut producers = HashMap::new();
    for node in &graph.node {
        for output in &node.output {
            producers.insert(output.as_str(), node);
        }
    }
    producers
}

struct Finder<'a> {
    graph: &'a Graph,
    labels: &'a [(String, Input)],
}

impl Finder<'_> {
    fn part(&self, name: &str, input: Input, outputs: &[&str], samples: Option<usize>) -> Part {
        let mut inputs = vec![(name.to_owned(), input)];
        inputs.extend(self.labels.iter().cloned());
        Part {
            inputs,
            outputs: outputs.iter().map(|&output| output.to_owned()).collect(),
            samples,
        }
    }

    /// The outputs of an encoder as μ and a second head.
    fn heads(&self, main: &Main, outputs: &[&str], lowered: &Lowered) -> Option<(Part, Heads)> {
        // A sample of z beside the heads is not needed.
        let without_noise: Vec<&str> = outputs
            .iter()
            .copied()
            .filter(|output| !sources(self.graph, output, &[]).contains(NOISE))
            .collect();
        let part =
            |outputs: &[&str]| self.part(&main.name, main.input.clone(), outputs, main.samples);
        match without_noise[..] {
            [joint] => {
                (elements(lowered, joint).is_multiple_of(2)).then(|| (part(&[joint]), Heads::Joint))
            }
            [_, _, ..] => {
                let (mut first, mut second) = (without_noise[0], without_noise[1]);
                let mean = without_noise
                    .iter()
                    .find(|name| is_location(name) && !is_spread(name));
                let spread = without_noise.iter().find(|name| is_spread(name));
                let order_known = mean.is_some() || spread.is_some();
                match (mean, spread) {
                    (Some(mean), Some(spread)) => (first, second) = (mean, spread),
                    (Some(mean), None) if *mean == second => {
                        std::mem::swap(&mut first, &mut second)
                    }
                    (None, Some(spread)) if *spread == first => {
                        std::mem::swap(&mut first, &mut second);
                    }
                    _ => {}
                }
                let equal = elements(lowered, first) == elements(lowered, second);
                let heads = Heads::Two {
                    order_known,
                    spread: None,
                };
                equal.then(|| (part(&[first, second]), heads))
            }
            [] => None,
        }
    }

    /// Decoder and encoder of a graph from an image to its reconstruction, which is cut at z.
    fn whole(
        &self,
        main: &Main,
        image: &str,
        outputs: &[&str],
        lowered: &Lowered,
        notes: &mut Vec<String>,
    ) -> Result<(Part, Option<(Part, Heads)>), OnnxError> {
        let no_cut = || {
            OnnxError::NoDecoder(
                "the graph goes from images to images, and no value between them could be z".into(),
            )
        };
        let z = self.cut(main, image, lowered).ok_or_else(no_cut)?;
        let axes = lowered.axes.get(z).cloned().unwrap_or_default();
        let size: usize = axes.iter().product();
        let input = match main.input {
            Input::Single(_) => Input::Single(axes),
            _ => Input::Main(axes),
        };
        let decoder = self.part(z, input, &[image], main.samples);
        notes.push(format!("z is the value \"{z}\" of the graph."));
        let encoder_part =
            |heads: &[&str]| self.part(&main.name, main.input.clone(), heads, main.samples);
        if let Some((mu, sigma)) = self.reparameterization(z) {
            notes.push(format!("μ is \"{mu}\" and σ is \"{sigma}\": z is μ + σ·ε."));
            let heads = Heads::Two {
                order_known: true,
                spread: Some(Spread::Sigma),
            };
            return Ok((decoder, Some((encoder_part(&[mu, sigma]), heads))));
        }
        let heads: Vec<&str> = outputs
            .iter()
            .copied()
            .filter(|output| elements(lowered, output) == size)
            .collect();
        let encoder = match heads.len() >= 2 {
            true => self.heads(main, &heads, lowered),
            false => None,
        };
        Ok((decoder, encoder))
    }

    /// The value that alone connects the image with its reconstruction and has the fewest elements. With noise, it is
    /// behind the noise; without, it is the first such value.
    fn cut<'b>(&'b self, main: &Main, image: &str, lowered: &Lowered) -> Option<&'b str> {
        let has_noise = sources(self.graph, image, &[]).contains(NOISE);
        let mut best: Option<(&str, usize)> = None;
        for node in &self.graph.node {
            for name in &node.output {
                let size = elements(lowered, name);
                let smaller = best.is_none_or(|(_, best)| size < best);
                if name == image || size == 0 || !smaller {
                    continue;
                }
                if has_noise && !sources(self.graph, name, &[]).contains(NOISE) {
                    continue;
                }
                let before = sources(self.graph, name, &[]);
                let after = sources(self.graph, image, &[name]);
                if before.contains(main.name.as_str())
                    && !after.contains(main.name.as_str())
                    && !after.contains(NOISE)
                {
                    best = Some((name, size));
                }
            }
        }
        best.map(|(name, _)| name)
            .filter(|_| best.is_some_and(|(_, size)| size < main.values))
    }

    /// μ and σ, if z is μ + σ·ε.
    fn reparameterization(&self, z: &str) -> Option<(&str, &str)> {
        let producers = producers(self.graph);
        let is_noise = |name: &str| sources(self.graph, name, &[]).contains(NOISE);
        let pair = |name: &str, operator: &str| -> Option<(&str, &str)> {
            let node = producers.get(name)?;
            let [a, b] = &node.input[..] else { return None };
            let (a, b) = (a.as_str(), b.as_str());
            if node.op_type != operator {
                return None;
            }
            // The one without noise first.
            match (is_noise(a), is_noise(b)) {
                (false, true) => Some((a, b)),
                (true, false) => Some((b, a)),
                _ => None,
            }
        };
        let (mu, product) = pair(z, "Add")?;
        let (sigma, _) = pair(product, "Mul")?;
        Some((mu, sigma))
    }
}
