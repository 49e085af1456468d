//! The table of the user's own models.

use crate::dom;
use crate::features::compare::rows::{Column, Row, csv, sorted};
use crate::features::compare::second_model::SecondModel;
use crate::state::actions::Actions;
use crate::ui::alert::Alert;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;

/// The table, which a click on a heading sorts.
#[component]
pub(super) fn OwnModels() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let second = expect_context::<SecondModel>();
    let order = RwSignal::new((Column::Date, true));
    let error = RwSignal::new(None::<String>);
    let rows = Memo::new(move |_| {
        // A new version of a model of the list changes its row.
        actions.user_model_changes().track();
        let catalog = actions.catalog();
        let own = catalog.entries().iter().filter(|entry| entry.is_user_model);
        let rows = own.filter_map(|entry| actions.user_model(&entry.name));
        rows.map(|model| Row::of(&model)).collect::<Vec<_>>()
    });
    let in_order = move || {
        let (column, descending) = order.get();
        sorted(rows.get(), column, descending)
    };
    let heading = move |column: Column| {
        let direction = move || {
            let (by, descending) = order.get();
            match (by == column, descending) {
                (false, _) => "none",
                (true, false) => "ascending",
                (true, true) => "descending",
            }
        };
        let sort = move |_| {
            order.update(|(by, descending)| {
                *descending = *by == column && !*descending;
                *by = column;
            });
        };
        view! {
            <th scope="col" aria-sort=direction>
                <button
                    type="button"
                    class="quiet"
                    data-testid=format!("own-models-sort-{}", column.key())
                    on:click=sort
                >
                    {column.title()}
                    <span aria-hidden="true">
                        {move || match direction() {
                            "ascending" => " ↑",
                            "descending" => " ↓",
                            _ => "",
                        }}
                    </span>
                </button>
            </th>
        }
    };
    let body = move || {
        let line = |row: Row| {
            let name = row.name.clone();
            let label = format!("Compare the current model with {name}");
            let cells = Column::ALL.into_iter().map(|column| {
                let text = row.text(column);
                match column {
                    Column::Name => view! { <th scope="row">{text}</th> }.into_any(),
                    _ => view! { <td>{text}</td> }.into_any(),
                }
            });
            let cells = cells.collect_view();
            view! {
                <tr>
                    {cells}
                    <td>
                        <Button
                            kind=ButtonKind::Quiet
                            label=label
                            on_click=move |_| second.choose(Some(name.clone()))
                        >
                            "Compare"
                        </Button>
                    </td>
                </tr>
            }
        };
        in_order().into_iter().map(line).collect_view()
    };
    let download = move |_| {
        let saved = dom::download("models.csv", csv(&in_order()).as_bytes());
        error.set(saved.err().map(|cause| {
            format!(
                "The browser did not save the table ({}).",
                dom::describe(&cause)
            )
        }));
    };
    let has_rows = Memo::new(move |_| rows.with(|rows| !rows.is_empty()));
    view! {
        <section aria-label="Your models">
            <h4>"Your models"</h4>
            <Show
                when=move || has_rows.get()
                fallback=|| {
                    view! {
                        <p class="hint" data-testid="own-models-none">
                            "Models that you train or import are listed here with their settings and figures."
                        </p>
                    }
                }
            >
                <div class="table-scroll" tabindex="0" role="region" aria-label="Table of your models">
                    <table class="own-models" data-testid="own-models-table">
                        <thead>
                            <tr>
                                {Column::ALL.map(heading).collect_view()}
                                <th scope="col">
                                    <span class="visually-hidden">"Compare"</span>
                                </th>
                            </tr>
                        </thead>
                        <tbody>{body}</tbody>
                    </table>
                </div>
                <Button test_id="own-models-csv" on_click=download>
                    "Download as CSV"
                </Button>
            </Show>
            <Alert message=error />
        </section>
    }
}
