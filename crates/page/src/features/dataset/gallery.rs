//! The gallery: shows all images of the data set, to select, delete and relabel them.

use crate::dom::focus;
use crate::dom::resize::SizeObserver;
use crate::features::dataset::gallery_canvas;
use crate::features::dataset::gallery_grid::{Grid, TILE};
use crate::features::dataset::image_list::{ImageId, ImageList};
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::label_select::LabelSelect;
use crate::features::dataset::selection::Selection;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::select::SelectOption;
use leptos::{ev, html, prelude::*};
use protocol::NO_LABEL;

/// Largest height of the scrolling window, in CSS pixels.
const MAX_WINDOW_HEIGHT: f64 = 5.0 * TILE;

/// The gallery. Only the visible tiles are drawn, so that 60,000 images scroll as smoothly as sixty.
#[component]
pub(crate) fn Gallery() -> impl IntoView {
    let images = expect_context::<ImageSet>();
    let window = NodeRef::<html::Div>::new();
    let canvas = NodeRef::<html::Canvas>::new();
    let buttons = NodeRef::<html::Div>::new();
    let selection = RwSignal::new(Selection::default());
    // Counts the changes of scroll offset and width.
    let layout = RwSignal::new(0_u32);
    let count = Memo::new(move |_| images.count());

    let grid = move || {
        let window = window.get_untracked()?;
        Some(Grid::new(
            count.get_untracked(),
            f64::from(window.client_width()),
            f64::from(window.client_height()),
            f64::from(window.scroll_top()),
        ))
    };
    // Other parts of the page change the list, too: for example the undo of the drawing pad.
    Effect::new(move |_| {
        images.with(|list| selection.maybe_update(|selection| selection.drop_missing(list)));
    });
    Effect::new(move |_| {
        layout.track();
        if window.get().is_some()
            && let (Some(canvas), Some(grid)) = (canvas.get(), grid())
        {
            selection.with(|selection| {
                images.with(|list| gallery_canvas::paint(&canvas, &grid, list, selection));
            });
        }
    });
    // The width determines the number of columns. It is 0 until the panel is laid out.
    let observer = StoredValue::new_local(None::<SizeObserver>);
    Effect::new(move |_| {
        let change = move || {
            layout.try_update(|n| *n += 1);
        };
        observer.set_value(
            window
                .get()
                .map(|window| SizeObserver::new(&window, change)),
        );
    });

    // Height of all rows, for the scroll bar.
    let total_height = move || {
        layout.track();
        window.get().map_or(0.0, |window| {
            Grid::new(count.get(), f64::from(window.client_width()), 0.0, 0.0).height()
        })
    };

    let toggle = move |id: ImageId| selection.update(|selection| selection.toggle(id));
    let id_at = move |index: usize| images.with_untracked(|list| list.ids().get(index).copied());
    let on_click = move |event: ev::MouseEvent| {
        let tile = grid().and_then(|grid| {
            let area = canvas.get_untracked()?.get_bounding_client_rect();
            grid.tile_at(
                f64::from(event.client_x()) - area.left(),
                f64::from(event.client_y()) - area.top(),
            )
        });
        if let Some(id) = tile.and_then(id_at) {
            toggle(id);
        }
    };
    let deselect = move || selection.set(Selection::default());
    let delete = move || {
        selection.with_untracked(|selection| {
            images.change(|list| list.remove(selection.ids()));
        });
        deselect();
    };
    let cursor_index = move |list: &ImageList| {
        selection
            .with(Selection::cursor)
            .and_then(|id| list.index_of(id))
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let Some(grid) = grid() else { return };
        let at = untrack(|| images.with(cursor_index));
        let step = |by: isize| {
            let to = at.map_or(0, |at| at.saturating_add_signed(by));
            to.min(grid.count.saturating_sub(1))
        };
        let to = match event.key().as_str() {
            "ArrowLeft" => step(-1),
            "ArrowRight" => step(1),
            "ArrowUp" => step(-(grid.columns as isize)),
            "ArrowDown" => step(grid.columns as isize),
            "Home" => 0,
            "End" => step(isize::MAX),
            " " | "Enter" => {
                event.prevent_default();
                return at.and_then(id_at).into_iter().for_each(toggle);
            }
            "Delete" | "Backspace" => return delete(),
            "z" if event.ctrl_key() || event.meta_key() => {
                images.change(ImageList::undo);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        selection.update(|selection| selection.move_cursor(id_at(to)));
        if let Some(window) = window.get_untracked() {
            window.set_scroll_top(grid.scroll_to(to) as i32);
        }
    };
    let selected = Memo::new(move |_| selection.with(|selection| selection.ids().len()));
    let labels = move || {
        let (counts, names) = images.with(|list| (list.counts(), list.classes().names().to_vec()));
        let names = names
            .into_iter()
            .chain(std::iter::once("no label".to_owned()));
        names
            .zip(counts)
            .filter(|&(_, count)| count > 0)
            .map(|(name, count)| {
                view! {
                    <span class="label-count">
                        <b>{name}</b>
                        " × "
                        {count}
                    </span>
                }
            })
            .collect_view()
    };
    // The list scrolls then.
    let has_many_classes =
        Memo::new(move |_| images.with(|list| list.classes().names().len() > 10));
    let none_selected = move || selected.get() == 0;
    let new_label = RwSignal::new(String::new());
    let relabel = move |value: String| {
        if let Ok(label) = value.parse() {
            selection.with_untracked(|selection| {
                images.change(|list| list.relabel(selection.ids(), label));
            });
            deselect();
        }
        // Back to “…”, so that the same label can be chosen again.
        new_label.set(value);
        request_animation_frame(move || {
            new_label.try_set(String::new());
        });
    };
    let relabel_as = move |name: String| {
        selection.with_untracked(|selection| {
            images.change(|list| list.relabel_as(selection.ids(), &name));
        });
        deselect();
    };
    let description = move || {
        let cursor = images.with(|list| {
            let index = cursor_index(list)?;
            let (_, label) = list.get(index)?;
            let label = match list.classes().name(label) {
                Some(name) => format!("label {name}"),
                None => "no label".to_owned(),
            };
            Some(format!(", cursor on image {} ({label})", index + 1))
        });
        format!(
            "{} images, {} selected{}. Arrow keys move the cursor, Space selects, Delete removes the selected \
             images.",
            count.get(),
            selected.get(),
            cursor.unwrap_or_default()
        )
    };
    view! {
        // Without images it has only what brings them back.
        <div class="gallery" class:hidden=move || count.get() == 0 && !images.with(ImageList::can_undo)>
            <p
                class="label-counts"
                data-testid="dataset-classes"
                tabindex=move || has_many_classes.get().then_some("0")
            >
                {labels}
            </p>
            <div
                class="gallery-window"
                node_ref=window
                data-testid="gallery"
                tabindex="0"
                role="application"
                aria-roledescription="gallery"
                aria-label=description
                style:height=move || format!("{}px", total_height().min(MAX_WINDOW_HEIGHT))
                on:scroll=move |_| layout.update(|n| *n += 1)
                on:keydown=on_keydown
            >
                <canvas node_ref=canvas on:click=on_click aria-hidden="true"></canvas>
                <div
                    class="gallery-length"
                    style:height=move || format!("{}px", total_height())
                ></div>
            </div>
            <div class="gallery-buttons" node_ref=buttons>
                <Button test_id="gallery-delete" disabled=none_selected on_click=move |_| delete()>
                    {move || match selected.get() {
                        0 => "Delete selected".to_owned(),
                        n => format!("Delete {n} selected"),
                    }}
                </Button>
                <label class="pad-label">
                    "Label "
                    <LabelSelect
                        test_id="gallery-label"
                        disabled=none_selected
                        value=new_label
                        first=vec![SelectOption::new("", "…")]
                        last=vec![SelectOption::new(NO_LABEL.to_string(), "none")]
                        on_change=relabel
                        on_new=relabel_as
                    />
                </label>
                <Button
                    test_id="gallery-undo"
                    disabled=move || !images.with(ImageList::can_undo)
                    on_click=move |_| {
                        images.change(ImageList::undo);
                    }
                >
                    "Undo"
                </Button>
                <Button
                    kind=ButtonKind::Quiet
                    test_id="gallery-clear"
                    disabled=move || count.get() == 0
                    on_click=move |_| {
                        images.change(ImageList::clear);
                        focus::restore_if_lost(move || {
                            let buttons = buttons.get_untracked()?;
                            buttons.query_selector("button:enabled").ok().flatten()
                        });
                    }
                >
                    "Delete all"
                </Button>
            </div>
        </div>
    }
}
