//! The advanced settings, collapsed by default.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{CONSTANT, COSINE, Field};
use crate::features::train::form::likelihood_choice::LikelihoodChoice;
use crate::features::train::form::objective_choice::ObjectiveChoice;
use crate::features::train::form_checkbox::FormCheckbox;
use crate::features::train::form_select::FormSelect;
use crate::features::train::form_text_field::FormTextField;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::glossary;
use crate::ui::select::{self, SelectOption};
use leptos::prelude::*;

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

fn likelihood_options() -> Vec<SelectOption> {
    LikelihoodChoice::ALL
        .map(|choice| SelectOption::new(choice.name(), choice.title()))
        .to_vec()
}

/// Layers and likelihood of a model that is trained from scratch.
#[component]
fn ModelSettings() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let pretrained = Memo::new(move |_| actions.is_pretrained());
    let convolutional = Memo::new(move |_| actions.is_convolutional());
    let has_sigma = Memo::new(move |_| {
        LikelihoodChoice::from_name(&actions.text(Field::Likelihood))
            .is_some_and(LikelihoodChoice::has_sigma)
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
                <Show when=move || convolutional.get()>
                    <FormTextField field=Field::Channels wide=true help=glossary::CHANNELS>
                        "Channels of the convolutions"
                    </FormTextField>
                </Show>
                <FormTextField field=Field::Hidden wide=true help=glossary::HIDDEN_LAYERS>
                    "Hidden layers"
                </FormTextField>
                <FormSelect field=Field::Likelihood options=likelihood_options() help=glossary::LIKELIHOOD>
                    "Likelihood "
                    <i>"p"</i>
                    "("
                    <i>"x"</i>
                    "|"
                    <i>"z"</i>
                    ")"
                </FormSelect>
                <Show when=move || has_sigma.get()>
                    <FormTextField field=Field::Sigma help=glossary::PIXEL_SIGMA>
                        <i>"σ"</i>
                        " of a pixel"
                    </FormTextField>
                </Show>
            }
            .into_any()
        }
    }
}

/// The objective, β and its warm-up, batch size and learning rate.
#[component]
fn OptimizerSettings() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let has_beta = Memo::new(move |_| {
        ObjectiveChoice::from_name(&actions.text(Field::Objective))
            .is_none_or(ObjectiveChoice::has_beta)
    });
    let objectives = ObjectiveChoice::ALL
        .map(|choice| SelectOption::new(choice.name(), choice.title()))
        .to_vec();
    view! {
        <FormSelect field=Field::Objective options=objectives help=glossary::OBJECTIVE>
            "Objective"
        </FormSelect>
        <Show when=move || has_beta.get()>
            <FormTextField field=Field::Beta help=glossary::BETA>
                <i>"β"</i>
            </FormTextField>
            <FormTextField field=Field::WarmUp unit="steps" help=glossary::KL_WARM_UP>
                "KL warm-up"
            </FormTextField>
        </Show>
        <FormTextField field=Field::Batch unit="images" help=glossary::BATCH_SIZE>
            "Batch size"
        </FormTextField>
        <FormTextField field=Field::Rate help=glossary::LEARNING_RATE>
            "Learning rate"
        </FormTextField>
        <FormSelect field=Field::Schedule options=select::options(SCHEDULES)>
            "Schedule"
        </FormSelect>
    }
}

/// The seed, the held-out share and augmentation.
#[component]
fn DataSettings() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    view! {
        <FormTextField field=Field::Seed help=glossary::SEED>
            "Seed"
        </FormTextField>
        <FormTextField field=Field::HeldOut unit="%" help=glossary::HELD_OUT>
            "Held out"
        </FormTextField>
        <p class="hint wide" data-testid="train-held-out-note">
            {move || actions.held_out_note()}
        </p>
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
        <FormTextField field=Field::Patience unit="evaluations" placeholder="never" help=glossary::PATIENCE>
            "Patience"
        </FormTextField>
    }
}
