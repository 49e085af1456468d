//! All that can be set beside the first choices, folded away.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{
    BERNOULLI, CONSTANT, CONTINUOUS_BERNOULLI, COSINE, Field, GAUSSIAN, LEARNED_GAUSSIAN, OFF, ON,
};
use crate::features::train::select_field::Select;
use crate::features::train::text_field::Entry;
use crate::ui::tooltip::{Term, explain};
use leptos::prelude::*;

const LIKELIHOODS: &[(&str, &str)] = &[
    (BERNOULLI, "Bernoulli"),
    (GAUSSIAN, "Gaussian, fixed σ"),
    (LEARNED_GAUSSIAN, "Gaussian, learned σ"),
    (CONTINUOUS_BERNOULLI, "Continuous Bernoulli"),
];
const SCHEDULES: &[(&str, &str)] = &[(COSINE, "cosine, down to 1 %"), (CONSTANT, "constant")];

/// “More”.
#[component]
pub(crate) fn Details() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let changed = Memo::new(move |_| actions.draft().with(|draft| draft.has_details()));
    view! {
        <details class="details" data-testid="train-more">
            <summary>
                "More" <span class="details-note">{move || changed.get().then_some("changed")}</span>
            </summary>
            <div class="details-grid">
                <Model />
                <Optimisation />
                <Ends />
            </div>
            <button
                type="button"
                class="quiet"
                disabled=move || !changed.get()
                on:click=move |_| actions.draft().update(|draft| draft.clear_details())
            >
                "Back to what suits the digits"
            </button>
        </details>
    }
}

/// What a model from scratch is built like.
#[component]
fn Model() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let pretrained = Memo::new(move |_| actions.is_pretrained());
    let gaussian = Memo::new(move |_| {
        [GAUSSIAN, LEARNED_GAUSSIAN].contains(&actions.text(Field::Likelihood).as_str())
    });
    move || {
        if pretrained.get() {
            view! {
                <p class="hint wide">
                    "Layers and likelihood are the pretrained model’s. To choose them, start from scratch."
                </p>
            }
            .into_any()
        } else {
            view! {
                <Entry field=Field::Latent>
                    <Term tip=explain::LATENT_SIZE>"Latent size"</Term>
                </Entry>
                <Entry field=Field::Hidden wide=true>
                    <Term tip=explain::HIDDEN>"Hidden layers"</Term>
                </Entry>
                <Select field=Field::Likelihood options=LIKELIHOODS>
                    <Term tip=explain::LIKELIHOOD>
                        "Likelihood "
                        <i>"p"</i>
                        "("
                        <i>"x"</i>
                        "|"
                        <i>"z"</i>
                        ")"
                    </Term>
                </Select>
                <Show when=move || gaussian.get()>
                    <Entry field=Field::Sigma>
                        <Term tip=explain::PIXEL_SIGMA>
                            <i>"σ"</i>
                            " of a pixel"
                        </Term>
                    </Entry>
                </Show>
            }
            .into_any()
        }
    }
}

/// How it learns.
#[component]
fn Optimisation() -> impl IntoView {
    view! {
        <Entry field=Field::Beta>
            <Term tip=explain::BETA>
                <i>"β"</i>
            </Term>
        </Entry>
        <Entry field=Field::WarmUp unit="steps">
            <Term tip=explain::WARM_UP>"KL warm-up"</Term>
        </Entry>
        <Entry field=Field::Batch unit="digits">
            <Term tip=explain::BATCH>"Batch"</Term>
        </Entry>
        <Entry field=Field::Rate>
            <Term tip=explain::RATE>"Learning rate"</Term>
        </Entry>
        <Select field=Field::Schedule options=SCHEDULES>
            "Schedule"
        </Select>
        <Entry field=Field::Seed>
            <Term tip=explain::SEED>"Seed"</Term>
        </Entry>
        <Entry field=Field::HeldOut unit="%">
            <Term tip=explain::HELD_OUT>"Held out"</Term>
        </Entry>
        <Check field=Field::Warp>"Turn and slant digits a little"</Check>
        <Check field=Field::Shift>"Shift digits by up to ±1 px"</Check>
    }
}

/// Something that is done or not.
#[component]
fn Check(
    /// What it says.
    field: Field,
    /// The label.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let on = Memo::new(move |_| actions.text(field) == ON);
    view! {
        <label class="check">
            <input
                type="checkbox"
                data-testid=field.id()
                prop:checked=move || on.get()
                on:change=move |event| {
                    actions.set(field, if event_target_checked(&event) { ON } else { OFF });
                }
            />
            {children()}
        </label>
    }
}

/// When it ends.
#[component]
fn Ends() -> impl IntoView {
    view! {
        <p class="details-head wide">"Ends after"</p>
        <Entry field=Field::Seconds unit="s" placeholder="no limit">
            "Time"
        </Entry>
        <Entry field=Field::Steps unit="steps" placeholder="no limit">
            "Steps"
        </Entry>
        <Entry field=Field::Patience unit="evaluations" placeholder="never">
            <Term tip=explain::PATIENCE>"Patience"</Term>
        </Entry>
    }
}
