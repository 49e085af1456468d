//! What a file of weights does not contain: the reading of its layers, and questions about it.

use crate::features::user_model::import::importer::ModelImporter;
use crate::features::user_model::import::layer_list::LayerList;
use crate::features::user_model::import::question::Question;
use crate::ui::select::{Select, SelectOption};
use leptos::prelude::*;
use protocol::ImportReading;

/// The choices. A change imports the file again.
#[component]
pub(crate) fn ImportChoices() -> impl IntoView {
    let importer = expect_context::<ModelImporter>();
    let questions = move || {
        importer.imported.with(|imported| {
            let imported = imported.as_ref();
            imported.map_or_else(Vec::new, |imported| imported.questions.clone())
        })
    };
    view! {
        <div class="import-choices">
            {move || {
                questions().into_iter().map(|question| view! { <Question question /> }).collect_view()
            }}
        </div>
    }
}

/// The layers in the order in which the model applies them, which can be changed, and other readings of the file to choose
/// from.
#[component]
pub(crate) fn ImportLayers() -> impl IntoView {
    let importer = expect_context::<ModelImporter>();
    let readings = move || {
        importer.imported.with(|imported| {
            let imported = imported.as_ref()?;
            let current = imported.readings.get(imported.reading)?.clone();
            // The weights of a graph have no layers.
            let can_reorder = !imported.mapping.is_empty();
            Some((
                imported.readings.clone(),
                imported.reading,
                current,
                can_reorder,
            ))
        })
    };
    let focused = StoredValue::new(None::<String>);
    move || {
        readings().map(|(readings, at, current, can_reorder)| {
            let options: Vec<_> = readings
                .iter()
                .enumerate()
                .map(|(at, reading)| SelectOption::new(at.to_string(), title(at, reading)))
                .collect();
            let several = options.len() > 1;
            let choose = move |answer: String| {
                if let Ok(reading) = answer.parse() {
                    importer.choose_reading(reading);
                }
            };
            view! {
                <details class="import-diagram" open>
                    <summary>"The layers, from the image to its reconstruction"</summary>
                    {several
                        .then(|| {
                            view! {
                                <label class="pad-label">
                                    "Order of the layers "
                                    <Select
                                        test_id="import-reading"
                                        value=move || at.to_string()
                                        options=options
                                        on_change=choose
                                    />
                                </label>
                            }
                        })}
                    <LayerList layers=current.layers can_reorder focused />
                    <p class="hint" role="status">
                        {move || {
                            importer.is_importing.get().then_some("Trying this order…")
                        }}
                    </p>
                    <p class="hint">{current.reasons.join(" ")}</p>
                </details>
            }
        })
    }
}

/// What distinguishes a reading.
fn title(at: usize, reading: &ImportReading) -> String {
    let names: Vec<_> = reading
        .layers
        .iter()
        .filter(|layer| layer.role != "not used")
        .map(|layer| layer.name.as_str())
        .collect();
    // Readings may differ in the shape of z alone.
    let map = reading
        .reasons
        .iter()
        .find(|reason| reason.starts_with("z is"));
    let map = map.map_or_else(String::new, |map| {
        format!(" ({})", map.trim_end_matches('.'))
    });
    format!("{}: {}{map}", at + 1, names.join(", "))
}
