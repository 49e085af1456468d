//! The page's state in the address: `?model=mnist-2d&z=0.5,-1.2&backend=flex&tab=train`.
//!
//! Pure text in, text out. What is broken or foreign falls back to the default, and is named so
//! that the page can say so.

use crate::client::backend_choice::Choice;
use crate::client::catalog::Catalog;
use crate::features::explore::pins::MAX_PINS;
use crate::features::latent_map::latent_slice::Scale;
use crate::features::latent_map::state::{Axes, LatentMapOptions};
use crate::features::latent_map::viewport::Viewport;
use crate::latent;
use crate::latent::{LATENT_LIMIT, label};
use crate::number::{format, parse};
use crate::shell::tabs::tab::Tab;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// What the address says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct UrlState {
    /// The model's name; none for the default one.
    pub(crate) model: Option<String>,
    /// The latent vector; of the model's latent size.
    pub(crate) z: Option<Vec<f32>>,
    /// The label that a conditional model is told; none for another.
    pub(crate) label: Option<f32>,
    /// Pins, each a latent vector.
    pub(crate) pins: Vec<Vec<f32>>,
    /// The part of the map in view; none for the usual one.
    pub(crate) view: Option<Viewport>,
    /// Which plane the map is of.
    pub(crate) axes: Axes,
    /// How the map is counted.
    pub(crate) scale: Scale,
    /// The backend.
    pub(crate) backend: Choice,
    /// The open panel.
    pub(crate) tab: Option<Tab>,
    /// Keys that belong to somebody else, kept as they are.
    pub(crate) foreign: Vec<(String, String)>,
}

impl From<&UrlState> for LatentMapOptions {
    fn from(address: &UrlState) -> Self {
        Self {
            view: address.view,
            axes: address.axes,
            scale: address.scale,
        }
    }
}

/// Reads the query of an address (with or without its question mark). The second value says, in
/// plain sentences, what could not be used.
pub(crate) fn parse(query: &str, catalog: &Catalog) -> (UrlState, Vec<String>) {
    let mut state = UrlState::default();
    let mut problems = Vec::new();
    let (mut z, mut pins, mut axes, mut label) = (None, None, None, None);
    for (key, value) in pairs(query) {
        match key.as_str() {
            "model" if catalog.find(&value).is_some() => state.model = Some(value),
            "model" => problems.push(format!(
                "The address asks for the model “{value}”, which is not here. This is {}.",
                catalog.default_entry().title
            )),
            "backend" => match value.parse() {
                Ok(choice) => state.backend = choice,
                Err(_) => problems.push(format!(
                    "The address asks for the backend “{value}”, which does not exist. \
                     The backend is chosen automatically."
                )),
            },
            "z" => z = Some(value),
            "pins" => pins = Some(value),
            "label" => label = Some(value),
            "view" => match parse_view(&value) {
                Some(view) => state.view = Some(view),
                None => problems.push(
                    "The view in the address is not a middle and half a side like 0.5,-1,1.5. The map \
                     shows −3 to 3."
                        .to_owned(),
                ),
            },
            "scale" if value == "quantile" => state.scale = Scale::Quantile,
            "scale" => problems.push(format!(
                "The address asks for the scale “{value}” of the map; there is “quantile”, or none."
            )),
            "axes" => axes = Some(value),
            // A panel that this page does not have may be one that a later page has.
            "tab" if Tab::find(&value).is_some() => state.tab = Tab::find(&value),
            _ => state.foreign.push((key, value)),
        }
    }
    // Last, because how many numbers z needs depends on the model.
    let entry = state
        .model
        .as_deref()
        .and_then(|name| catalog.find(name))
        .unwrap_or(catalog.default_entry());
    let (size, classes) = (entry.latent_size, entry.classes);
    if let Some(text) = label {
        state.label = label::parse(&text, classes);
        if state.label.is_none() {
            problems.push(match classes {
                0 => "The label in the address is not used: this model takes none.".to_owned(),
                _ => format!(
                    "The label in the address is not a number from 0 to {}, so it is not used.",
                    classes - 1
                ),
            });
        }
    }
    if let Some(text) = pins {
        let read: Result<Vec<_>, _> = text.split(';').map(|z| parse_z(z, size)).collect();
        match read {
            Ok(pins) if pins.len() <= MAX_PINS => {
                state.pins = pins.iter().map(|z| clamp_latent(z)).collect();
                if state.pins != pins {
                    problems.push(format!(
                        "Pins in the address lie beyond −{LATENT_LIMIT} to {LATENT_LIMIT}; they are held at the border."
                    ));
                }
            }
            _ => problems.push(format!(
                "The pins in the address are not used: they must be at most {MAX_PINS}, each {size} \
                 numbers."
            )),
        }
    }
    if let Some(text) = axes {
        match parse_axes(&text, size) {
            Some(axes) => state.axes = axes,
            None => problems.push(format!(
                "The axes in the address are not used: they must be “pca”, or two different dimensions from 1 \
                 to {size} like 3,7."
            )),
        }
    }
    if let Some(text) = z {
        match parse_z(&text, size) {
            Ok(asked) => {
                let z = clamp_latent(&asked);
                if z != asked {
                    problems.push(format!(
                        "The z in the address goes beyond −{LATENT_LIMIT} to {LATENT_LIMIT}; it is held at the border: {}.",
                        format::vector(&z)
                    ));
                }
                state.z = Some(z);
            }
            Err(problem) => problems.push(problem),
        }
    }
    (state, problems)
}

/// The model that a query names, whether it is here or not.
pub(crate) fn model(query: &str) -> Option<String> {
    pairs(query).find_map(|(key, value)| (key == "model").then_some(value))
}

/// Whether a query says just this of a key that is no part of the state: `fast=off`.
pub(crate) fn says(query: &str, key: &str, value: &str) -> bool {
    pairs(query).any(|pair| pair.0 == key && pair.1 == value)
}

/// The decoded keys and values of a query, with or without its question mark.
fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(query.strip_prefix('?').unwrap_or(query).as_bytes()).into_owned()
}

/// Reads `size` numbers, however far out.
fn parse_z(text: &str, size: usize) -> Result<Vec<f32>, String> {
    let parts: Vec<_> = text.split(',').collect();
    if parts.len() != size {
        return Err(format!(
            "The z in the address is not used: its length is {}, where this model takes {size} numbers.",
            parts.len()
        ));
    }
    parts
        .into_iter()
        .map(parse::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| "The z in the address is not a list of numbers, so it is not used.".to_owned())
}

fn clamp_latent(z: &[f32]) -> Vec<f32> {
    z.iter().copied().map(latent::clamp_latent).collect()
}

fn parse_view(text: &str) -> Option<Viewport> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| parse::parse(part).ok().map(f64::from))
        .collect();
    let &[x, y, half] = numbers?.as_slice() else {
        return None;
    };
    Viewport::checked([x, y], half)
}

fn parse_axes(text: &str, size: usize) -> Option<Axes> {
    if text == "pca" {
        return Some(Axes::Principal);
    }
    let (across, up) = text.split_once(',')?;
    let pair = [across, up].map(|number| {
        let number: usize = number.trim().parse().ok()?;
        (1..=size).contains(&number).then(|| number - 1)
    });
    match pair {
        [Some(across), Some(up)] if across != up => Some(Axes::Pair([across, up])),
        _ => None,
    }
}

fn join(z: &[f32]) -> String {
    let z: Vec<_> = z.iter().map(|&value| format::for_address(value)).collect();
    z.join(",")
}

/// Writes the query of an address, with its question mark, or nothing when all is default.
pub(crate) fn format(state: &UrlState) -> String {
    let mut pairs = Vec::new();
    if let Some(model) = &state.model {
        pairs.push(format!("model={}", encode(model)));
    }
    if let Some(z) = &state.z {
        pairs.push(format!("z={}", join(z)));
    }
    if let Some(label) = state.label {
        pairs.push(format!("label={}", format::for_address(label)));
    }
    if !state.pins.is_empty() {
        let pins: Vec<_> = state.pins.iter().map(|z| join(z)).collect();
        pairs.push(format!("pins={}", pins.join(";")));
    }
    if let Some(Viewport {
        centre: [x, y],
        half,
    }) = state.view
    {
        pairs.push(format!("view={}", join(&[x as f32, y as f32, half as f32])));
    }
    match state.axes {
        Axes::LargestKl => {}
        Axes::Pair([across, up]) => pairs.push(format!("axes={},{}", across + 1, up + 1)),
        Axes::Principal => pairs.push("axes=pca".to_owned()),
    }
    if state.scale == Scale::Quantile {
        pairs.push("scale=quantile".to_owned());
    }
    if state.backend != Choice::Auto {
        pairs.push(format!("backend={}", state.backend));
    }
    if let Some(tab) = state.tab {
        pairs.push(format!("tab={}", tab.name()));
    }
    for (key, value) in &state.foreign {
        // Two tabs can't be open.
        if key == "tab" && state.tab.is_some() {
            continue;
        }
        pairs.push(format!("{}={}", encode(key), encode(value)));
    }
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode(text: &str) -> PercentEncode<'_> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Backend;

    fn read(query: &str) -> (UrlState, Vec<String>) {
        parse(query, &Catalog::built_in().unwrap())
    }

    #[test]
    fn a_bare_address_is_all_defaults() {
        assert_eq!(read(""), (UrlState::default(), vec![]));
        assert_eq!(format(&UrlState::default()), "");
    }

    #[test]
    fn what_is_no_state_is_asked_for_and_kept() {
        for query in ["?tour=on", "?z=0.5,-1.2&tour=on"] {
            assert!(says(query, "tour", "on") && !says(query, "fast", "on"));
            assert_eq!(format(&read(query).0), query);
        }
        assert!(!says("?tour=off", "tour", "on") && !says("?detour=on", "tour", "on"));
    }

    #[test]
    fn reads_and_writes_the_same_address() {
        let query = "?model=mnist-2d&z=0.5,-1.2&backend=flex&tab=learn";
        let (state, problems) = read(query);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.model.as_deref(), Some("mnist-2d"));
        assert_eq!(state.z, Some(vec![0.5, -1.2]));
        assert_eq!(state.backend, Choice::Forced(Backend::Flex));
        assert_eq!(format(&state), query);
    }

    #[test]
    fn a_panel_can_be_linked() {
        let (state, problems) = read("?tab=train");
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.tab, Some(Tab::Train));
        assert_eq!(format(&state), "?tab=train");
        let (mut state, _) = read("?tab=later");
        assert_eq!(format(&state), "?tab=later");
        state.tab = Some(Tab::Train);
        assert_eq!(format(&state), "?tab=train");
    }

    #[test]
    fn pins_and_the_view_can_be_linked() {
        let query = "?model=mnist-2d&z=0,0&pins=1,2;-0.5,0.25&view=0.5,-1,1.5";
        let (state, problems) = read(query);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.pins, [[1.0, 2.0], [-0.5, 0.25]]);
        assert_eq!(state.view.map(|view| view.half), Some(1.5));
        assert_eq!(format(&state), query);
    }

    #[test]
    fn a_plane_and_its_scale_can_be_linked() {
        for (query, axes) in [
            (
                "?model=mnist-16d&axes=3,7&scale=quantile",
                Axes::Pair([2, 6]),
            ),
            ("?model=mnist-16d&axes=pca&scale=quantile", Axes::Principal),
        ] {
            let (state, problems) = read(query);
            assert_eq!(problems, Vec::<String>::new());
            assert_eq!((state.axes, state.scale), (axes, Scale::Quantile));
            assert_eq!(format(&state), query);
        }
    }

    #[test]
    fn broken_pins_and_views_are_named() {
        let many = format!("?pins={}", ["1,2"; 13].join(";"));
        for query in [
            "?pins=1",
            "?axes=3,7",
            "?axes=1,1",
            "?axes=0,1",
            "?axes=umap",
            "?scale=log",
            "?pins=1,2;",
            "?pins=1,2;3,x",
            many.as_str(),
            "?view=1,2",
            "?view=0,0,0",
            "?view=0,0,-1",
            "?view=a,b,c",
        ] {
            let (state, problems) = read(query);
            assert_eq!(problems.len(), 1, "{query}");
            assert!(state.pins.is_empty() && state.view.is_none(), "{query}");
        }
    }

    #[test]
    fn a_label_can_be_linked_and_a_broken_one_is_named() {
        let query = "?model=mnist-conditional&label=3.25";
        let (state, problems) = read(query);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.label, Some(3.25));
        assert_eq!(format(&state), query);
        for broken in [
            "?model=mnist-conditional&label=9.5",
            "?model=mnist-conditional&label=-1",
            "?model=mnist-conditional&label=three",
            "?model=mnist-conditional&label=",
            "?model=mnist-2d&label=3",
        ] {
            let (state, problems) = read(broken);
            assert_eq!((state.label, problems.len()), (None, 1), "{broken}");
            assert!(problems[0].contains("label"), "{problems:?}");
        }
    }

    #[test]
    fn encoded_commas_and_foreign_keys_survive() {
        let (state, problems) = read("?z=1%2C2&note=a%26b+c%zz");
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.z, Some(vec![1.0, 2.0]));
        assert_eq!(state.foreign[0].1, "a&b c%zz");
        assert_eq!(format(&state), "?z=1,2&note=a%26b%20c%25zz");
    }

    #[test]
    fn broken_state_falls_back_and_says_so() {
        for query in [
            "?z=1",
            "?z=1,2,3",
            "?z=",
            "?z=1,NaN",
            "?z=1,inf",
            "?z=0.5,<script>",
            "?model=mnist-16d&z=1,2",
            "?model=nope",
            "?backend=cuda",
        ] {
            let (state, problems) = read(query);
            assert_eq!(problems.len(), 1, "{query}");
            assert_eq!(state.z, None, "{query}");
            assert_eq!(state.backend, Choice::Auto, "{query}");
        }
    }

    #[test]
    fn what_lies_too_far_out_is_held_at_the_border_and_named() {
        let (state, problems) = read("?z=1,-9");
        assert_eq!(state.z, Some(vec![1.0, -LATENT_LIMIT]));
        assert!(
            problems.len() == 1 && problems[0].contains("(1.00, −6.00)"),
            "{problems:?}"
        );
        let (state, problems) = read("?pins=1,9;2,3");
        assert_eq!(state.pins, [[1.0, LATENT_LIMIT], [2.0, 3.0]]);
        assert!(
            problems.len() == 1 && problems[0].contains("held"),
            "{problems:?}"
        );
        // The border itself is nothing to speak of.
        assert_eq!(read("?z=6,-6").1, Vec::<String>::new());
    }

    #[test]
    fn z_is_read_for_the_default_model_when_the_model_is_unknown() {
        let (state, problems) = read("?model=nope&z=1,2");
        assert_eq!(state.model, None);
        assert_eq!(state.z, Some(vec![1.0, 2.0]));
        assert_eq!(problems.len(), 1);
    }
}
