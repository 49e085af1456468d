//! The choices that a file of weights does not contain.

use crate::features::user_model::import::importer::ModelImporter;
use crate::ui::checkbox::Checkbox;
use crate::ui::select::{Select, SelectOption};
use leptos::prelude::*;
use protocol::Activation;

/// Activation and the order of the heads. A change imports the file again.
#[component]
pub(crate) fn ImportChoices() -> impl IntoView {
    let importer = expect_context::<ModelImporter>();
    let options = importer.options;
    let activations = Activation::ALL
        .map(|activation| SelectOption::new(activation.name(), activation.name()))
        .to_vec();
    let choose = move |name: String| {
        if let Some(activation) = Activation::from_name(&name) {
            importer.change_options(|options| options.activation = activation);
        }
    };
    view! {
        <div class="import-choices">
            <label class="pad-label">
                "Activation "
                <Select
                    test_id="import-activation"
                    value=move || options.get().activation.name().to_owned()
                    options=activations
                    on_change=choose
                />
            </label>
            <Checkbox
                test_id="import-swap"
                checked=move || options.get().swap_heads
                on_change=move |swap| importer.change_options(|options| options.swap_heads = swap)
            >
                "Swap μ and log σ²"
            </Checkbox>
        </div>
    }
}
