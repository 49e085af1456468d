//! From the address to the state. Pure text.

use crate::dom::query::pairs;
use crate::features::explore::pins::MAX_PINS;
use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::state::Axes;
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::place::Place;
use crate::features::learn::state::DigitChoice;
use crate::features::user_model::import::address::location::is_address;
use crate::latent;
use crate::latent::{LATENT_LIMIT, label};
use crate::number::{format, parse};
use crate::shell::tabs::tab::Tab;
use crate::shell::url::state::UrlState;
use crate::state::catalog::Catalog;

/// Parses the query of an address, with or without its question mark. Invalid values fall back to the default; the
/// second value is a message about each of them.
pub(crate) fn parse(query: &str, catalog: &Catalog) -> (UrlState, Vec<String>) {
    let mut state = UrlState::default();
    let mut problems = Vec::new();
    let (mut z, mut pins, mut axes, mut label) = (None, None, None, None);
    for (key, value) in pairs(query) {
        match key.as_str() {
            "model" if catalog.find(&value).is_some() => state.model = Some(value),
            "model" if is_address(&value) => state.address = Some(value),
            "model" => problems.push(format!(
                "The model “{value}” of the address does not exist. This is {}.",
                catalog.default_entry().title
            )),
            "backend" => match value.parse() {
                Ok(choice) => state.backend = choice,
                Err(_) => problems.push(format!(
                    "The backend “{value}” of the address does not exist. The backend is chosen automatically."
                )),
            },
            "z" => z = Some(value),
            "pins" => pins = Some(value),
            "label" => label = Some(value),
            "view" => match parse_view(&value) {
                Some(view) => state.view = Some(view),
                None => problems.push(
                    "The view in the address is ignored: it must be a centre and half a side, like 0.5,-1,1.5."
                        .to_owned(),
                ),
            },
            "scale" if value == "quantile" => state.scale = Scale::Quantile,
            "scale" => problems.push(format!(
                "The scale “{value}” in the address is ignored: it must be “quantile”."
            )),
            "axes" => axes = Some(value),
            "learn" => match Place::parse(&value) {
                Some(place) => state.learn.place = Some(place),
                None => problems.push(
                    "The chapter in the address is ignored: it must be a chapter and a screen, like 4.2.".to_owned(),
                ),
            },
            "digit" => match parse_digit(&value) {
                Some(digit) => state.learn.digit = Some(digit),
                None => problems.push(
                    "The digit in the address is ignored: it must be a class and a number, like 3.0.".to_owned(),
                ),
            },
            "seed" => match value.parse() {
                Ok(seed) => state.learn.seed = Some(seed),
                Err(_) => problems.push(
                    "The seed in the address is ignored: it must be a whole number.".to_owned(),
                ),
            },
            // An unknown panel may exist in a later version of the page.
            "tab" if Tab::find(&value).is_some() => state.tab = Tab::find(&value),
            _ => state.unknown.push((key, value)),
        }
    }
    if state.learn.place.is_some() {
        state.tab = Some(Tab::Learn);
    }
    if state.address.is_some() {
        // They are of a model that is not there yet.
        (state.address_z, pins, axes, label) = (z.take(), None, None, None);
    }
    // After the loop, because the length of z depends on the model.
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
                0 => {
                    "The label in the address is ignored: this model is not conditional.".to_owned()
                }
                _ => format!(
                    "The label in the address is ignored: it must be a number from 0 to {}.",
                    classes - 1
                ),
            });
        }
    }
    if let Some(text) = pins {
        let parsed: Result<Vec<_>, _> = text.split(';').map(|z| parse_z(z, size)).collect();
        match parsed {
            Ok(pins) if pins.len() <= MAX_PINS => {
                state.pins = pins.iter().map(|z| clamp_latent(z)).collect();
                if state.pins != pins {
                    problems.push(format!(
                        "Pins in the address were clamped to the range from −{LATENT_LIMIT} to {LATENT_LIMIT}."
                    ));
                }
            }
            _ => problems.push(format!(
                "The pins in the address are ignored: there must be at most {MAX_PINS}, each of {size} numbers."
            )),
        }
    }
    if let Some(text) = axes {
        match parse_axes(&text, size) {
            Some(axes) => state.axes = axes,
            None => problems.push(format!(
                "The axes in the address are ignored: they must be “pca”, or two different dimensions from 1 to {size} \
                 like 3,7."
            )),
        }
    }
    if let Some(text) = z {
        match parse_z(&text, size) {
            Ok(parsed) => {
                let z = clamp_latent(&parsed);
                if z != parsed {
                    problems.push(format!(
                        "The z in the address was clamped to the range from −{LATENT_LIMIT} to {LATENT_LIMIT}: {}.",
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

/// A latent vector of a model of this latent size, in the range of the sliders; `None` if it is none.
pub(crate) fn latent_vector(text: &str, size: usize) -> Option<Vec<f32>> {
    parse_z(text, size).ok().map(|z| clamp_latent(&z))
}

/// Parses `size` numbers of any magnitude.
fn parse_z(text: &str, size: usize) -> Result<Vec<f32>, String> {
    let parts: Vec<_> = text.split(',').collect();
    if parts.len() != size {
        return Err(format!(
            "The z in the address is ignored: it has {} numbers, but this model has {size} latent dimensions.",
            parts.len()
        ));
    }
    parts
        .into_iter()
        .map(parse::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| "The z in the address is ignored: it must be a list of numbers.".to_owned())
}

fn clamp_latent(z: &[f32]) -> Vec<f32> {
    z.iter().copied().map(latent::clamp_latent).collect()
}

/// An MNIST digit: its class and its index in the class.
fn parse_digit(text: &str) -> Option<DigitChoice> {
    let (class, index) = text.split_once('.')?;
    let class = class.parse().ok().filter(|class| *class < 10)?;
    Some((class, index.parse().ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::url::format::format;
    use client::backend_choice::BackendChoice;
    use protocol::Backend;

    fn read(query: &str) -> (UrlState, Vec<String>) {
        parse(query, &Catalog::built_in().unwrap())
    }

    #[test]
    fn parse_of_a_bare_address_gives_the_defaults() {
        assert_eq!(read(""), (UrlState::default(), vec![]));
        assert_eq!(format(&UrlState::default()), "");
    }

    #[test]
    fn parse_keeps_unknown_keys() {
        for query in ["?tour=on", "?z=0.5,-1.2&tour=on"] {
            assert_eq!(format(&read(query).0), query);
        }
    }

    #[test]
    fn parse_and_format_are_inverse() {
        let query = "?model=mnist-2d&z=0.5,-1.2&backend=flex&tab=learn";
        let (state, problems) = read(query);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.model.as_deref(), Some("mnist-2d"));
        assert_eq!(state.z, Some(vec![0.5, -1.2]));
        assert_eq!(state.backend, BackendChoice::Forced(Backend::Flex));
        assert_eq!(format(&state), query);
    }

    #[test]
    fn parse_reads_known_panels_and_keeps_unknown_ones() {
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
    fn parse_reads_a_place_in_the_course_and_opens_its_panel() {
        let query = "?model=mnist-2d&z=0.5,0&tab=learn&learn=4.2.too-narrow&digit=3.1&seed=7";
        let (state, problems) = read(query);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.learn.digit, Some((3, 1)));
        assert_eq!(state.learn.seed, Some(7));
        assert_eq!(format(&state), query);
        let (state, _) = read("?learn=4");
        assert_eq!(state.tab, Some(Tab::Learn));
        assert_eq!(state.learn.place, Some(Place::new(4, 1)));
        for broken in ["?learn=x", "?digit=10.0", "?digit=3", "?seed=-1"] {
            let (state, problems) = read(broken);
            assert_eq!(problems.len(), 1, "{broken}");
            assert_eq!(format(&state), "", "{broken}");
        }
    }

    #[test]
    fn parse_reads_pins_and_view() {
        let query = "?model=mnist-2d&z=0,0&pins=1,2;-0.5,0.25&view=0.5,-1,1.5";
        let (state, problems) = read(query);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.pins, [[1.0, 2.0], [-0.5, 0.25]]);
        assert_eq!(state.view.map(|view| view.half), Some(1.5));
        assert_eq!(format(&state), query);
    }

    #[test]
    fn parse_reads_axes_and_scale() {
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
    fn parse_reports_invalid_pins_views_and_axes() {
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
    fn parse_reads_a_label_and_reports_an_invalid_one() {
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
    fn parse_decodes_commas_and_unknown_keys() {
        let (state, problems) = read("?z=1%2C2&note=a%26b+c%zz");
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(state.z, Some(vec![1.0, 2.0]));
        assert_eq!(state.unknown[0].1, "a&b c%zz");
        assert_eq!(format(&state), "?z=1,2&note=a%26b%20c%25zz");
    }

    #[test]
    fn parse_reports_invalid_state_and_uses_the_default() {
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
            assert_eq!(state.backend, BackendChoice::Auto, "{query}");
        }
    }

    #[test]
    fn parse_clamps_z_and_pins_and_reports_it() {
        let (state, problems) = read("?z=1,-9");
        assert_eq!(state.z, Some(vec![1.0, -LATENT_LIMIT]));
        assert!(
            problems.len() == 1 && problems[0].contains("(1.00, −6.00)"),
            "{problems:?}"
        );
        let (state, problems) = read("?pins=1,9;2,3");
        assert_eq!(state.pins, [[1.0, LATENT_LIMIT], [2.0, 3.0]]);
        assert!(
            problems.len() == 1 && problems[0].contains("clamped"),
            "{problems:?}"
        );
        // The limits themselves are valid.
        assert_eq!(read("?z=6,-6").1, Vec::<String>::new());
    }

    /// The latent size of a model of another address is not known yet.
    #[test]
    fn parse_leaves_z_of_an_address_to_its_model() {
        let query = "?model=https://hub.example/vae.pt%3Fdownload=true&z=1,2,3,4,5";
        let (state, problems) = read(query);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(state.model, None);
        assert_eq!(
            state.address.as_deref(),
            Some("https://hub.example/vae.pt?download=true")
        );
        assert_eq!(
            (state.z.clone(), state.address_z.as_deref()),
            (None, Some("1,2,3,4,5"))
        );
        let formatted = format(&state);
        assert_eq!(read(&formatted), (state, Vec::new()), "{formatted}");
        assert_eq!(latent_vector("1,2", 2), Some(vec![1.0, 2.0]));
        assert_eq!(latent_vector("1,2", 3), None);
    }

    #[test]
    fn parse_reads_z_for_the_default_model_if_the_model_is_unknown() {
        let (state, problems) = read("?model=nope&z=1,2");
        assert_eq!(state.model, None);
        assert_eq!(state.z, Some(vec![1.0, 2.0]));
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn parse_reads_addresses_of_the_previous_version() {
        let addresses = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/addresses.tsv"
        ));
        for line in addresses.lines() {
            let (query, written) = line.split_once('\t').expect("two columns");
            let (state, problems) = read(query);
            assert_eq!(problems, Vec::<String>::new(), "{query}");
            assert_eq!(format(&state), written);
            assert_eq!(read(written), (state, vec![]), "{written}");
        }
    }
}
