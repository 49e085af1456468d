//! Takes over from `www/first-digit.js`, which draws the first image before the page's program has arrived.

use client::platform::StartedDecoder;
use js_sys::{Function, Promise, Reflect};
use protocol::DecoderMessage;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Attachment, OnMessage};

/// The object that the script leaves.
const FIRST_DIGIT: &str = "firstDigit";

/// What the script hands over.
#[derive(Default)]
pub(crate) struct FirstDigit {
    /// The decoder worker, if it works.
    pub(crate) decoder: Option<Decoder>,
    /// z, if a person has moved it.
    pub(crate) z: Option<Vec<f32>>,
    /// The `data-testid` of the control that has the keyboard's focus.
    pub(crate) focus: Option<String>,
}

/// The decoder worker.
pub(crate) struct Decoder {
    worker: Attachment,
    model: String,
    last_request: u32,
}

impl Decoder {
    /// Its messages go to `on_message`.
    pub(crate) fn listen(self, on_message: OnMessage<DecoderMessage>) -> StartedDecoder {
        StartedDecoder {
            port: worker::adopt(self.worker, on_message),
            model: self.model,
            last_request: self.last_request,
        }
    }
}

/// Ends the script's work, once no pointer is down on its controls.
pub(crate) async fn take() -> FirstDigit {
    match state().await {
        Ok(state) => read(&state),
        // There is no such script.
        Err(_) => FirstDigit::default(),
    }
}

async fn state() -> Result<JsValue, JsValue> {
    let script = Reflect::get(&js_sys::global(), &FIRST_DIGIT.into())?;
    let take: Function = Reflect::get(&script, &"take".into())?.dyn_into()?;
    let promise: Promise = take.call0(&script)?.dyn_into()?;
    JsFuture::from(promise).await
}

fn read(state: &JsValue) -> FirstDigit {
    let field = |name: &str| Reflect::get(state, &name.into()).unwrap_or_default();
    let worker = field("worker");
    let decoder = worker.is_object().then(|| Decoder {
        worker: attachment(worker),
        model: field("model").as_string().unwrap_or_default(),
        last_request: field("sent").as_f64().unwrap_or_default() as u32,
    });
    let z = field("z").dyn_into::<js_sys::Array>().ok();
    let z = z.map(|z| {
        z.iter()
            .filter_map(|value| value.as_f64())
            .map(|value| value as f32)
            .collect()
    });
    FirstDigit {
        decoder,
        z,
        focus: field("focus").as_string(),
    }
}

fn attachment(worker: JsValue) -> Attachment {
    #[cfg(target_arch = "wasm32")]
    let attachment = Attachment(worker);
    #[cfg(not(target_arch = "wasm32"))]
    let attachment = {
        drop(worker);
        Attachment::default()
    };
    attachment
}

#[cfg(test)]
mod tests {
    use crate::latent::{LATENT_LIMIT, SLIDER_LIMIT};
    use crate::state::catalog::Catalog;
    use std::path::Path;

    const SCRIPT: &str = include_str!("../../../../www/first-digit.js");

    /// The text between two others of the script.
    fn between<'a>(start: &str, end: &str) -> &'a str {
        let (_, rest) = SCRIPT.split_once(start).expect("the script has it");
        rest.split_once(end).expect("the script has it").0
    }

    #[test]
    fn script_knows_the_models_with_a_decoder_file_and_their_sizes() {
        let catalog = Catalog::built_in().expect("valid");
        let sizes = between("const SIZES = {", "}").replace('"', "");
        let sizes: Vec<(&str, usize)> = sizes
            .split(',')
            .map(|pair| {
                let (name, size) = pair.split_once(':').expect("a pair");
                (name.trim(), size.trim().parse().expect("a number"))
            })
            .collect();
        let default = &catalog.default_entry().name;
        assert_eq!(sizes.first().map(|first| first.0), Some(default.as_str()));
        let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../weights");
        for entry in catalog.entries() {
            let known = sizes.iter().find(|(name, _)| *name == entry.name);
            let has_file = weights.join(format!("{}.decoder", entry.name)).exists();
            assert_eq!(known.is_some(), has_file, "{}", entry.name);
            if let Some((_, size)) = known {
                assert_eq!(
                    (*size, entry.classes),
                    (entry.latent_size, 0),
                    "{}",
                    entry.name
                );
            }
        }
        assert!(sizes.iter().all(|(name, _)| catalog.find(name).is_some()));
    }

    #[test]
    fn script_has_the_range_of_the_sliders() {
        let limit: f32 = between("const LIMIT = ", ";").parse().expect("a number");
        assert_eq!(limit, SLIDER_LIMIT);
        assert!(limit <= LATENT_LIMIT);
    }
}
