//! Export: z as text, images as PNG.

use crate::dom;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::state::notices::Notices;
use leptos::{ev, prelude::*};
use web_sys::HtmlCanvasElement;

/// Scale factors of saved images.
const SCALES: [(u32, &str); 4] = [(1, "1×"), (10, "10×"), (20, "20×"), (40, "40×")];

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
    let choose = move |event: ev::Event| {
        if let Ok(value) = event_target_value(&event).parse() {
            scale.set(value);
        }
    };
    view! {
        <section class="take-away" aria-label="Export">
            <h3>"Export"</h3>
            <div class="walk-buttons">
                <button
                    type="button"
                    data-testid="copy-z-json"
                    on:click=move |_| copy(json(&latent.z_untracked()))
                >
                    "Copy "
                    <i>"z"</i>
                    " as JSON"
                </button>
                <button
                    type="button"
                    data-testid="copy-z-numpy"
                    on:click=move |_| copy(numpy(&latent.z_untracked()))
                >
                    "Copy "
                    <i>"z"</i>
                    " as NumPy"
                </button>
                <button
                    type="button"
                    data-testid="save-image"
                    on:click=move |_| save("picture", one("[data-testid='decoded']"))
                >
                    "Save image"
                </button>
                <Show when=move || has_plane.get()>
                    <button
                        type="button"
                        data-testid="save-map"
                        on:click=move |_| save("map", one("[data-testid='map-pictures']"))
                    >
                        "Save map"
                    </button>
                </Show>
                <button
                    type="button"
                    data-testid="save-traversals"
                    on:click=move |_| save("traversals", strips())
                >
                    "Save traversals"
                </button>
                <label>
                    "PNG scale "
                    <select data-testid="save-size" on:change=choose>
                        {SCALES
                            .map(|(scale, text)| {
                                view! {
                                    <option value=scale.to_string() selected=scale == 10>
                                        {text}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
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
