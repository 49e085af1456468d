//! The legend of the classes: their colours, and buttons that show one class alone.

use crate::features::latent_map::classes::classes;
use crate::features::latent_map::state::LatentMapState;
use crate::ui::button::Button;
use crate::ui::class_filter::{ClassFilter, MANY, matches};
use crate::ui::palette;
use leptos::prelude::*;

/// One button for each class that occurs among the points. Many classes can be filtered by their names.
#[component]
pub(crate) fn Legend() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let present = Memo::new(move |_| {
        map.points.with(|points| {
            let names = &points.images.class_names;
            let named = classes(points.labels()).into_iter();
            named
                .map(|class| (class, names.name(usize::from(class))))
                .collect::<Vec<_>>()
        })
    });
    let typed = RwSignal::new(String::new());
    let shown = Memo::new(move |_| {
        let typed = typed.get();
        let mut classes = present.get();
        if classes.len() > MANY {
            classes.retain(|(_, name)| matches(name, &typed));
        }
        classes
    });
    let entry = move |(class, name): (u8, String)| {
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
                    test_id=format!("class-{class}")
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
            <Show when=move || { present.with(Vec::len) > MANY }>
                <ClassFilter typed test_id="class-filter" />
            </Show>
            <ul
                class="legend"
                class:isolating=move || map.isolated.with(Option::is_some)
                aria-label="Classes; press one to show it alone"
            >
                {move || shown.get().into_iter().map(entry).collect_view()}
            </ul>
        </Show>
    }
}
