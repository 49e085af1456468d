//! Reviews a photographed sheet: the user deletes and merges the boxes found on it before the digits are added.

use crate::dom;
use crate::features::dataset::file_importer::FileImporter;
use crate::ui::button::{Button, ButtonKind};
use leptos::{html, prelude::*, reactive::owner::LocalStorage};
use protocol::{SheetBox, SheetFound};
use std::collections::BTreeSet;

/// The sheet with a box around each digit; pressing a box selects it.
#[component]
pub(crate) fn SheetReview(
    /// The sheet.
    sheet: SheetFound,
) -> impl IntoView {
    let importer = expect_context::<StoredValue<FileImporter, LocalStorage>>();
    let boxes = RwSignal::new(sheet.boxes.clone());
    let selected = RwSignal::new(BTreeSet::<usize>::new());
    let canvas = NodeRef::<html::Canvas>::new();
    let sheet = StoredValue::new(sheet);
    let (width, height, file) =
        sheet.with_value(|sheet| (sheet.width, sheet.height, sheet.file.clone()));

    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            sheet.with_value(|sheet| dom::draw_grey(&canvas, &sheet.pixels, [height, width]));
        }
    });
    let add = move |_| {
        let boxes = boxes.get_untracked();
        sheet.with_value(|sheet| importer.with_value(|importer| importer.add_sheet(sheet, boxes)));
    };
    let discard = move |_| {
        sheet.with_value(|sheet| importer.with_value(|importer| importer.discard_sheet(sheet)));
    };
    let delete = move |_| {
        let removed = selected.get_untracked();
        boxes.update(|boxes| {
            let mut index = 0;
            boxes.retain(|_| {
                index += 1;
                !removed.contains(&(index - 1))
            });
        });
        selected.set(BTreeSet::new());
    };
    let merge = move |_| {
        let merged = selected.get_untracked();
        boxes.update(|boxes| merge_boxes(boxes, &merged));
        selected.set(BTreeSet::new());
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
                let is_selected = move || selected.with(|selected| selected.contains(&i));
                view! {
                    <button
                        type="button"
                        class="sheet-box"
                        class:chosen=is_selected
                        style:left=percent(area.left, width)
                        style:top=percent(area.top, height)
                        style:width=percent(area.width, width)
                        style:height=percent(area.height, height)
                        aria-label=format!("Digit {}", i + 1)
                        aria-pressed=move || is_selected().to_string()
                        on:click=move |_| {
                            selected
                                .update(|selected| {
                                    if !selected.remove(&i) {
                                        selected.insert(i);
                                    }
                                });
                        }
                    ></button>
                }
            })
            .collect_view()
    };
    let count = move || boxes.with(Vec::len);
    let selected_count = move || selected.with(BTreeSet::len);
    view! {
        <section class="sheet-review" aria-label="Digits found on a sheet" data-testid="sheet-review">
            <p>
                <b>{file}</b>
                {move || {
                    format!(
                        ": {} found. Select boxes to delete those that are not digits, or to merge those of one digit.",
                        if count() == 1 { "1 digit".to_owned() } else { format!("{} digits", count()) },
                    )
                }}
            </p>
            <div class="sheet" style:aspect-ratio=format!("{width}/{height}")>
                <canvas node_ref=canvas aria-hidden="true"></canvas>
                {rectangles}
            </div>
            <div class="sheet-buttons">
                <Button
                    kind=ButtonKind::Primary
                    test_id="sheet-add"
                    disabled=move || count() == 0
                    on_click=add
                >
                    {move || {
                        if count() == 1 { "Add 1 digit".to_owned() } else { format!("Add {} digits", count()) }
                    }}
                </Button>
                <Button
                    test_id="sheet-delete"
                    disabled=move || selected_count() == 0
                    on_click=delete
                >
                    "Delete box"
                </Button>
                <Button
                    test_id="sheet-merge"
                    disabled=move || selected_count() < 2
                    on_click=merge
                >
                    "Merge boxes"
                </Button>
                <Button kind=ButtonKind::Quiet on_click=discard>
                    "Discard the sheet"
                </Button>
            </div>
        </section>
    }
}

/// Replaces boxes, given by their indices, by the smallest box around them, at the index of the first.
fn merge_boxes(boxes: &mut Vec<SheetBox>, merged: &BTreeSet<usize>) {
    let around = merged
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
    let (Some(around), Some(&first)) = (around, merged.first()) else {
        return;
    };
    boxes[first] = around;
    let mut index = 0;
    boxes.retain(|_| {
        index += 1;
        index - 1 == first || !merged.contains(&(index - 1))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_boxes_makes_the_box_around_them() {
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
