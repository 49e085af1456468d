//! The advanced settings, collapsed by default.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{
    BERNOULLI, CONSTANT, CONTINUOUS_BERNOULLI, COSINE, Field, GAUSSIAN, LEARNED_GAUSSIAN,
};
use crate::features::train::form_checkbox::FormCheckbox;
use crate::features::train::form_select::FormSelect;
use crate::features::train::form_text_field::FormTextField;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

const LIKELIHOODS: &[(&str, &str)] = &[
    (BERNOULLI, "Bernoulli"),
    (GAUSSIAN, "Gaussian, fixed σ"),
    (LEARNED_GAUSSIAN, "Gaussian, learned σ"),
    (CONTINUOUS_BERNOULLI, "Continuous Bernoulli"),
];
const SCHEDULES: &[(&str, &str)] = &[(COSINE, "cosine, to 1 %"), (CONSTANT, "constant")];

/// The collapsible section.
#[component]
pub(crate) fn AdvancedSettings() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let changed = Memo::new(move |_| actions.form().with(|form| form.has_advanced_changes()));
    view! {
        <details class="details" data-testid="train-more">
            <summary>
                "Advanced settings" <span class="details-note">{move || changed.get().then_some("changed")}</span>
            </summary>
            <div class="details-grid">
                <ModelSettings />
                <OptimizerSettings />
                <DataSettings />
                <StoppingCriteria />
            </div>
            <Button
                kind=ButtonKind::Quiet
                disabled=move || !changed.get()
                on_click=move |_| actions.form().update(|form| form.reset_advanced())
            >
                "Restore recommended settings"
            </Button>
        </details>
    }
}

/// Layers and likelihood of a model that is trained from scratch.
#[component]
fn ModelSettings() -> impl IntoView {
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
                <FormTextField field=Field::Latent>
                    <Tooltip text=glossary::LATENT_SIZE>"Latent size"</Tooltip>
                </FormTextField>
                <FormTextField field=Field::Hidden wide=true>
                    <Tooltip text=glossary::HIDDEN_LAYERS>"Hidden layers"</Tooltip>
                </FormTextField>
                <FormSelect field=Field::Likelihood choices=LIKELIHOODS>
                    <Tooltip text=glossary::LIKELIHOOD>
                        "Likelihood "
                        <i>"p"</i>
                        "("
                        <i>"x"</i>
                        "|"
                        <i>"z"</i>
                        ")"
                    </Tooltip>
                </FormSelect>
                <Show when=move || gaussian.get()>
                    <FormTextField field=Field::Sigma>
                        <Tooltip text=glossary::PIXEL_SIGMA>
                            <i>"σ"</i>
                            " of a pixel"
                        </Tooltip>
                    </FormTextField>
                </Show>
            }
            .into_any()
        }
    }
}

/// β and its warm-up, batch size and learning rate.
#[component]
fn OptimizerSettings() -> impl IntoView {
    view! {
        <FormTextField field=Field::Beta>
            <Tooltip text=glossary::BETA>
                <i>"β"</i>
            </Tooltip>
        </FormTextField>
        <FormTextField field=Field::WarmUp unit="steps">
            <Tooltip text=glossary::KL_WARM_UP>"KL warm-up"</Tooltip>
        </FormTextField>
        <FormTextField field=Field::Batch unit="digits">
            <Tooltip text=glossary::BATCH_SIZE>"Batch size"</Tooltip>
        </FormTextField>
        <FormTextField field=Field::Rate>
            <Tooltip text=glossary::LEARNING_RATE>"Learning rate"</Tooltip>
        </FormTextField>
        <FormSelect field=Field::Schedule choices=SCHEDULES>
            "Schedule"
        </FormSelect>
    }
}

/// The seed, the held-out share and augmentation.
#[component]
fn DataSettings() -> impl IntoView {
    view! {
        <FormTextField field=Field::Seed>
            <Tooltip text=glossary::SEED>"Seed"</Tooltip>
        </FormTextField>
        <FormTextField field=Field::HeldOut unit="%">
            <Tooltip text=glossary::HELD_OUT>"Held out"</Tooltip>
        </FormTextField>
        <FormCheckbox field=Field::Warp />
        <FormCheckbox field=Field::Shift />
    }
}

/// When the run ends.
#[component]
fn StoppingCriteria() -> impl IntoView {
    view! {
        <p class="details-head wide">"Stop after"</p>
        <FormTextField field=Field::Seconds unit="s" placeholder="no limit">
            "Time"
        </FormTextField>
        <FormTextField field=Field::Steps unit="steps" placeholder="no limit">
            "Steps"
        </FormTextField>
        <FormTextField field=Field::Patience unit="evaluations" placeholder="never">
            <Tooltip text=glossary::PATIENCE>"Patience"</Tooltip>
        </FormTextField>
    }
}
