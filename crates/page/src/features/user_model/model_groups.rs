//! The included models, in groups by their data sets: a preview, source and licence of the data, and the models.

use crate::features::dataset::sample_set::SampleSet;
use crate::state::actions::Actions;
use crate::ui::button::Button;
use leptos::prelude::*;

/// One group for each data set. It fetches the previews, so it is shown only on request.
#[component]
pub(crate) fn ModelGroups(
    /// Called after a model was chosen.
    #[prop(into)]
    on_choose: Callback<()>,
) -> impl IntoView {
    SampleSet::ALL
        .into_iter()
        .map(|set| view! { <Group set on_choose /> })
        .collect_view()
}

#[component]
fn Group(set: SampleSet, on_choose: Callback<()>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let selected = Memo::new(move |_| actions.model());
    let models = move || {
        let entries = actions.catalog().entries().to_vec();
        let of_set = entries
            .into_iter()
            .filter(|entry| entry.data.as_deref() == Some(set.name()));
        let buttons = of_set.map(|entry| {
            let (name, chosen) = (entry.name.clone(), entry.name.clone());
            // "2-D with a label, letters": the group names the data.
            let short = entry.title.split(',').next().unwrap_or_default().to_owned();
            let text = match entry.name.contains("-binary-") {
                true => format!("{short}, binarized"),
                false => short,
            };
            view! {
                <Button
                    test_id=format!("menu-model-{name}")
                    title=name.clone()
                    pressed=move || selected.with(|selected| *selected == name)
                    on_click=move |_| {
                        actions.select_model(&chosen);
                        on_choose.run(());
                    }
                >
                    {text}
                </Button>
            }
        });
        buttons.collect_view()
    };
    let card = set.card();
    let heading = format!("model-group-{}", set.name());
    view! {
        <section class="model-group" data-testid=heading aria-label=set.heading()>
            <img src=set.preview_path() alt="" width="64" height="64" />
            <div>
                <h3>{set.heading()}</h3>
                <p>
                    {card.map(|card| card.source.clone())} ". Licence: "
                    {card.map(|card| card.licence.clone())} ". "
                    {set.list_path().map(|path| view! { <a href=path target="_blank">"All sources"</a> })}
                </p>
                <div class="model-buttons" role="group" aria-label=format!("Models of {}", set.images())>
                    {models}
                </div>
            </div>
        </section>
    }
}
