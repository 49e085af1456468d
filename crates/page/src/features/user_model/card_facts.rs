//! What the current model's card says of it: its data, its test and its training.

use crate::number::format::{grouped, nats_with_error};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::model_card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// The facts, as far as the card has them.
#[component]
pub(crate) fn CardFacts() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let facts = Memo::new(move |_| {
        view.model.track();
        let files = actions.files()?;
        model_card::facts(&files.card)
    });
    let shape = Memo::new(move |_| {
        view.model.with(|model| {
            let model = model.as_ref()?;
            let parameters = grouped(model.parameters);
            Some(format!(
                "Images of {}; {parameters} parameters.",
                model.image
            ))
        })
    });
    let test = move || {
        facts.get()?.test.map(|test| {
            let number = nats_with_error(test.neg_elbo, test.standard_error);
            let set = test.set.unwrap_or_else(|| "held-out images".to_owned());
            view! {
                <p>
                    <Tooltip text=glossary::NEGATIVE_ELBO>"−ELBO"</Tooltip>
                    {format!(" {number} nats per image ({} images: {set}).", grouped(test.count))}
                </p>
            }
        })
    };
    let source = move || {
        let source = facts.get()?.source;
        (!source.is_empty()).then(|| view! { <p>{format!("Data: {source}.")}</p> })
    };
    let recipe = move || {
        let facts = facts.get()?;
        let recipe = facts.recipe?;
        let epochs = facts
            .epochs
            .map(|epochs| format!("{} epochs. ", grouped(epochs)));
        Some(view! {
            <details>
                <summary>"How it was trained"</summary>
                <p>{epochs} {recipe} "."</p>
            </details>
        })
    };
    view! {
        <div class="card-facts" data-testid="card-facts">
            <p>{move || shape.get()}</p>
            {test}
            {source}
            {recipe}
        </div>
    }
}
