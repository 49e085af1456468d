//! Export: z as text, images as PNG.

use crate::dom;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::state::notices::Notices;
use crate::ui::button::Button;
use crate::ui::select::{Select, options};
use leptos::prelude::*;
use web_sys::HtmlCanvasElement;

/// Scale factors of saved images.
const SCALES: [(&str, &str); 4] = [("1", "1×"), ("10", "10×"), ("20", "20×"), ("40", "40×")];

/// The buttons.
#[component]
pub(crate) fn Export() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let notices = expect_context::<Notices>();
    let scale = RwSignal::new(10_u32);
    let has_plane = Memo::new(move |_| latent.size() >= 2);
    let copy = move |text: String| {
        wasm_bindgen_futures::spawn_local(async move {
            if dom::copy_text(&text).await.is_some() {
                notices.show_briefly("z copied.");
            } else {
                notices.show(format!("The browser does not allow copying. z is {text}"));
            }
        });
    };
    let save = move |what: &'static str, canvases: Vec<HtmlCanvasElement>| {
        let model = view
            .model
            .with_untracked(|model| model.as_ref().map(|model| model.name.clone()));
        let name = format!("{}-{what}.png", model.unwrap_or_default());
        let saved = dom::png_url(&canvases, scale.get_untracked())
            .and_then(|url| dom::download_url(&name, &url));
        if let Err(error) = saved {
            let error = dom::describe(&error);
            notices.show(format!(
                "{name} can’t be saved ({error}). Try a smaller size."
            ));
        }
    };
    let choose = move |value: String| {
        if let Ok(value) = value.parse() {
            scale.set(value);
        }
    };
    view! {
        <section class="export" aria-label="Export">
            <h3>"Export"</h3>
            <div class="walk-buttons">
                <Button test_id="copy-z-json" on_click=move |_| copy(json(&latent.z_untracked()))>
                    "Copy "
                    <i>"z"</i>
                    " as JSON"
                </Button>
                <Button test_id="copy-z-numpy" on_click=move |_| copy(numpy(&latent.z_untracked()))>
                    "Copy "
                    <i>"z"</i>
                    " as NumPy"
                </Button>
                <Button
                    test_id="save-image"
                    on_click=move |_| save("image", one("#decoded-image"))
                >
                    "Save image"
                </Button>
                <Show when=move || has_plane.get()>
                    <Button
                        test_id="save-map"
                        on_click=move |_| save("map", one("#map-tiles"))
                    >
                        "Save map"
                    </Button>
                </Show>
                <Button test_id="save-traversals" on_click=move |_| save("traversals", strips())>
                    "Save traversals"
                </Button>
                <label>
                    "PNG scale "
                    <Select
                        test_id="save-size"
                        label="Scale of the saved PNG"
                        value=move || scale.get().to_string()
                        options=options(&SCALES)
                        on_change=choose
                    />
                </label>
            </div>
        </section>
    }
}

fn one(selector: &str) -> Vec<HtmlCanvasElement> {
    dom::canvas(selector).into_iter().collect()
}

/// The canvases of the active dimensions' traversals.
fn strips() -> Vec<HtmlCanvasElement> {
    (1..)
        .map_while(|n| dom::canvas(&format!(".traversals > .traversal:nth-of-type({n}) canvas")))
        .collect()
}

/// z as a JSON array.
fn json(z: &[f32]) -> String {
    let numbers: Vec<_> = z.iter().map(|&z| format::for_address(z)).collect();
    format!("[{}]", numbers.join(", "))
}

/// z as a Python expression for an array of shape `(1, latent)`, which a decoder takes.
fn numpy(z: &[f32]) -> String {
    format!("np.array([{}], dtype=np.float32)", json(z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_is_formatted_as_json_and_numpy() {
        assert_eq!(json(&[0.5, -1.2, 0.0]), "[0.5, -1.2, 0]");
        assert_eq!(numpy(&[1.0]), "np.array([[1]], dtype=np.float32)");
    }
}
