//! The legend of the classes: their colours, and buttons that show one class alone.

use crate::features::latent_map::classes::{class_name, classes};
use crate::features::latent_map::state::LatentMapState;
use crate::ui::button::Button;
use crate::ui::palette;
use leptos::prelude::*;

/// One button for each class that occurs among the points.
#[component]
pub(crate) fn Legend() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let present = Memo::new(move |_| map.points.with(|points| classes(&points.labels)));
    let entry = move |class: u8| {
        let name = class_name(class);
        let is_isolated = move || map.isolated.get() == Some(class);
        let colour = palette::css(palette::class_colour(usize::from(class)));
        let label = format!("Show only class {name}");
        let toggle = move |_| {
            map.isolated.update(|isolated| {
                *isolated = (*isolated != Some(class)).then_some(class);
            });
        };
        view! {
            <li>
                <Button
                    class="legend-entry"
                    test_id=format!("class-{name}")
                    label=label
                    pressed=is_isolated
                    on_click=toggle
                >
                    <span style:background=colour></span>
                    {name.clone()}
                </Button>
            </li>
        }
    };
    view! {
        <Show when=move || !present.with(Vec::is_empty)>
            <ul
                class="legend"
                class:isolating=move || map.isolated.with(Option::is_some)
                aria-label="Classes; press one to show it alone"
            >
                {move || present.get().into_iter().map(entry).collect_view()}
            </ul>
        </Show>
    }
}
