//! A photographed sheet: which of the boxes are digits.

use crate::client::files::IntakeClient;
use crate::dom;
use leptos::{html, prelude::*, reactive::owner::LocalStorage};
use protocol::{SheetBox, SheetFound};
use std::collections::BTreeSet;

/// The sheet with a box over each digit; press boxes to choose them.
#[component]
pub(crate) fn SheetReview(
    /// The sheet.
    sheet: SheetFound,
) -> impl IntoView {
    let intake = expect_context::<StoredValue<IntakeClient, LocalStorage>>();
    let boxes = RwSignal::new(sheet.boxes.clone());
    let chosen = RwSignal::new(BTreeSet::<usize>::new());
    let canvas = NodeRef::<html::Canvas>::new();
    let sheet = StoredValue::new(sheet);
    let (width, height, file) =
        sheet.with_value(|sheet| (sheet.width, sheet.height, sheet.file.clone()));

    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            sheet.with_value(|sheet| dom::draw_grey(&canvas, &sheet.pixels, [height, width]));
        }
    });
    let finish = move |boxes: Vec<SheetBox>| {
        sheet.with_value(|sheet| intake.with_value(|intake| intake.cut(sheet, boxes)));
    };
    let delete = move |_| {
        let gone = chosen.get_untracked();
        boxes.update(|boxes| {
            let mut place = 0;
            boxes.retain(|_| {
                place += 1;
                !gone.contains(&(place - 1))
            });
        });
        chosen.set(BTreeSet::new());
    };
    let merge = move |_| {
        let together = chosen.get_untracked();
        boxes.update(|boxes| merge_boxes(boxes, &together));
        chosen.set(BTreeSet::new());
    };
    let rectangles = move || {
        boxes
            .get()
            .into_iter()
            .enumerate()
            .map(|(i, area)| {
                let percent = |part: usize, whole: usize| {
                    format!("{:.3}%", part as f64 / whole.max(1) as f64 * 100.0)
                };
                let style = format!(
                    "left:{};top:{};width:{};height:{}",
                    percent(area.left, width),
                    percent(area.top, height),
                    percent(area.width, width),
                    percent(area.height, height),
                );
                let is_chosen = move || chosen.with(|chosen| chosen.contains(&i));
                view! {
                    <button
                        type="button"
                        class="sheet-box"
                        class:chosen=is_chosen
                        style=style
                        aria-label=format!("Digit {}", i + 1)
                        aria-pressed=move || is_chosen().to_string()
                        on:click=move |_| {
                            chosen
                                .update(|chosen| {
                                    if !chosen.remove(&i) {
                                        chosen.insert(i);
                                    }
                                });
                        }
                    ></button>
                }
            })
            .collect_view()
    };
    let count = move || boxes.with(Vec::len);
    let picked = move || chosen.with(BTreeSet::len);
    view! {
        <section class="sheet-review" aria-label="Digits found on a sheet" data-testid="sheet-review">
            <p>
                <b>{file}</b>
                {move || {
                    format!(
                        ": {} found. Press a box that is no digit, or several that belong together.",
                        if count() == 1 { "1 digit".to_owned() } else { format!("{} digits", count()) },
                    )
                }}
            </p>
            <div class="sheet" style=format!("aspect-ratio:{width}/{height}")>
                <canvas node_ref=canvas aria-hidden="true"></canvas>
                {rectangles}
            </div>
            <div class="sheet-buttons">
                <button
                    type="button"
                    class="primary"
                    data-testid="sheet-add"
                    disabled=move || count() == 0
                    on:click=move |_| finish(boxes.get_untracked())
                >
                    {move || {
                        if count() == 1 { "Add 1 digit".to_owned() } else { format!("Add {} digits", count()) }
                    }}
                </button>
                <button
                    type="button"
                    data-testid="sheet-delete"
                    disabled=move || picked() == 0
                    on:click=delete
                >
                    "Delete box"
                </button>
                <button
                    type="button"
                    data-testid="sheet-merge"
                    disabled=move || { picked() < 2 }
                    on:click=merge
                >
                    "Merge boxes"
                </button>
                <button type="button" class="quiet" on:click=move |_| finish(Vec::new())>
                    "Dismiss the sheet"
                </button>
            </div>
        </section>
    }
}

/// Puts one box around some, in the place of the first.
fn merge_boxes(boxes: &mut Vec<SheetBox>, together: &BTreeSet<usize>) {
    let around = together
        .iter()
        .filter_map(|&i| boxes.get(i).copied())
        .reduce(|a, b| {
            let (left, top) = (a.left.min(b.left), a.top.min(b.top));
            SheetBox {
                left,
                top,
                width: (a.left + a.width).max(b.left + b.width) - left,
                height: (a.top + a.height).max(b.top + b.height) - top,
            }
        });
    let (Some(around), Some(&first)) = (around, together.first()) else {
        return;
    };
    boxes[first] = around;
    let mut place = 0;
    boxes.retain(|_| {
        place += 1;
        place - 1 == first || !together.contains(&(place - 1))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_boxes_become_the_box_around_them() {
        let area = |left, top| SheetBox {
            left,
            top,
            width: 10,
            height: 20,
        };
        let mut boxes = vec![area(0, 0), area(50, 5), area(100, 0), area(55, 40)];
        merge_boxes(&mut boxes, &BTreeSet::from([1, 3]));
        let around = SheetBox {
            left: 50,
            top: 5,
            width: 15,
            height: 55,
        };
        assert_eq!(boxes, [area(0, 0), around, area(100, 0)]);
        merge_boxes(&mut boxes, &BTreeSet::new());
        assert_eq!(boxes.len(), 3);
    }
}
