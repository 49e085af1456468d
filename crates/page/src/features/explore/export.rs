//! What is shown, to take along: z as text, pictures as PNG.

use crate::dom;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::state::notices::Notices;
use leptos::{ev, prelude::*};
use web_sys::HtmlCanvasElement;

/// A size to save in: so many pixels for one.
const SIZES: [(u32, &str); 4] = [(1, "1×"), (10, "10×"), (20, "20×"), (40, "40×")];

/// The buttons.
#[component]
pub(crate) fn TakeAway() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let notices = expect_context::<Notices>();
    let times = RwSignal::new(10_u32);
    let plane = Memo::new(move |_| latent.size() >= 2);
    let copy = move |text: String| {
        wasm_bindgen_futures::spawn_local(async move {
            if dom::copy(&text).await.is_some() {
                notices.show_briefly("z copied.");
            } else {
                notices.show(format!("This is z, to copy: {text}"));
            }
        });
    };
    let save = move |what: &'static str, canvases: Vec<HtmlCanvasElement>| {
        let model = view
            .model
            .with_untracked(|model| model.as_ref().map(|model| model.name.clone()));
        let name = format!("{}-{what}.png", model.unwrap_or_default());
        let saved =
            dom::png_url(&canvases, times.get_untracked()).and_then(|url| dom::save(&name, &url));
        if let Err(why) = saved {
            let why = dom::describe(&why);
            notices.show(format!(
                "{name} can’t be saved ({why}). Try a smaller size."
            ));
        }
    };
    let choose = move |event: ev::Event| {
        if let Ok(value) = event_target_value(&event).parse() {
            times.set(value);
        }
    };
    view! {
        <section class="take-away" aria-label="Take it with you">
            <h3>"Take it with you"</h3>
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
                    "… as NumPy"
                </button>
                <button
                    type="button"
                    data-testid="save-image"
                    on:click=move |_| save("picture", one("[data-testid='decoded']"))
                >
                    "Save the picture"
                </button>
                <Show when=move || plane.get()>
                    <button
                        type="button"
                        data-testid="save-map"
                        on:click=move |_| save("map", one("[data-testid='map-pictures']"))
                    >
                        "Save the map"
                    </button>
                </Show>
                <button
                    type="button"
                    data-testid="save-traversals"
                    on:click=move |_| save("traversals", strips())
                >
                    "Save the traversals"
                </button>
                <label>
                    "PNG, "
                    <select data-testid="save-size" on:change=choose>
                        {SIZES
                            .map(|(times, text)| {
                                view! {
                                    <option value=times.to_string() selected=times == 10>
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

/// The strips of the dimensions that are not folded away.
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

/// z as Python that makes an array of it, of one row: what a decoder takes.
fn numpy(z: &[f32]) -> String {
    format!("np.array([{}], dtype=np.float32)", json(z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_as_text() {
        assert_eq!(json(&[0.5, -1.2, 0.0]), "[0.5, -1.2, 0]");
        assert_eq!(numpy(&[1.0]), "np.array([[1]], dtype=np.float32)");
    }
}
