//! One question about an imported model, as a list of answers.

use crate::features::user_model::import::importer::ModelImporter;
use crate::ui::checkbox::Checkbox;
use crate::ui::select::{Select, SelectOption};
use leptos::prelude::*;
use protocol::{ImportChoice, ImportQuestion};

/// The question's subject, for people.
fn subject(id: &str) -> &'static str {
    match id {
        "activation" => "Activation of the hidden layers",
        "decoder-activation" => "Activation of the decoder",
        "head" => "The second head",
        "output" => "Output of the decoder",
        "range" => "Pixels in training",
        "shape" => "Shape of an image",
        "label" => "Place of the label",
        "geometry" => "Strides and paddings",
        "groups" => "Groups of the normalization",
        "weights" => "Weights in the file",
        "inner-activation" => "Before the first feature map",
        _ => "Choice",
    }
}

/// The choice, with −ELBO on the sample if it was computed.
fn text(choice: &ImportChoice) -> String {
    match choice.neg_elbo {
        Some(neg_elbo) => format!("{} (−ELBO {} nats)", choice.meaning, rounded(neg_elbo)),
        None => choice.meaning.clone(),
    }
}

/// Without digits that do not matter: a wrong answer may give thousands of nats.
fn rounded(nats: f64) -> String {
    match nats.abs() < 1e6 {
        true => format!("{nats:.0}").replace('-', "−"),
        false => "over 1,000,000".to_owned(),
    }
}

/// A question. An answer imports the file again.
#[component]
pub(super) fn Question(
    /// The question.
    question: ImportQuestion,
) -> impl IntoView {
    let importer = expect_context::<ModelImporter>();
    let ImportQuestion {
        id,
        choices,
        chosen,
        doubt,
    } = question;
    let doubt = doubt.map(|doubt| view! { <span class="hint">"Uncertain: " {doubt} "."</span> });
    if id == "mean" {
        let meaning = choices
            .first()
            .map_or_else(String::new, |first| first.meaning.clone());
        return view! {
            <div class="import-question">
                <Checkbox
                    test_id="import-swap"
                    checked=move || chosen == 1
                    on_change=move |swap: bool| {
                        let answer = if swap { "second" } else { "first" };
                        importer.answer("mean", answer.to_owned());
                    }
                >
                    "Swap μ and the second head"
                </Checkbox>
                <span class="hint">"Without the swap, " {meaning} "."</span>
                {doubt}
            </div>
        }
        .into_any();
    }
    let value = choices
        .get(chosen)
        .map_or_else(String::new, |choice| choice.value.clone());
    let options: Vec<_> = choices
        .iter()
        .map(|choice| SelectOption::new(choice.value.clone(), text(choice)))
        .collect();
    let label = subject(&id);
    let test_id = format!("import-{id}");
    view! {
        <div class="import-question">
            <label class="pad-label">
                {label}
                " "
                <Select
                    test_id=test_id
                    value=move || value.clone()
                    options=options
                    on_change=move |answer| importer.answer(&id, answer)
                />
            </label>
            {doubt}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_choice_has_its_score() {
        let choice = |neg_elbo| ImportChoice {
            value: "relu".to_owned(),
            meaning: "relu".to_owned(),
            neg_elbo,
        };
        assert_eq!(text(&choice(None)), "relu");
        assert_eq!(text(&choice(Some(141.6))), "relu (−ELBO 142 nats)");
        assert_eq!(text(&choice(Some(-20.2))), "relu (−ELBO −20 nats)");
        assert_eq!(text(&choice(Some(1e9))), "relu (−ELBO over 1,000,000 nats)");
    }
}
