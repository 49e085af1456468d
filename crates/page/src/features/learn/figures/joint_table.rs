//! The sum rule and the product rule on a table of two by two.

use crate::features::learn::measures::joint_table::JointTable;
use crate::features::learn::probe::Probe;
use crate::number::format::fixed;
use crate::ui::segmented_control::{Segment, SegmentedControl};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The table, joint or conditional.
#[component]
pub(crate) fn JointTableFigure() -> impl IntoView {
    let probe = Probe::new();
    let table = RwSignal::new(None::<Result<JointTable, String>>);
    let condition = RwSignal::new("none".to_owned());
    Effect::new(move |_| {
        probe.view.generation.track();
        if probe.view.model.with(Option::is_some) {
            table.set(None);
            spawn_local(async move {
                let found = JointTable::compute(probe).await;
                table.try_set(Some(found));
            });
        }
    });
    let cell = move |row: usize, column: usize| {
        table.with(|table| match table {
            Some(Ok(table)) => {
                let joint = &table.joint;
                let divisor = match condition.get().as_str() {
                    "on" => joint[0][1] + joint[1][1],
                    "off" => joint[0][0] + joint[1][0],
                    "negative" => joint[0][0] + joint[0][1],
                    "positive" => joint[1][0] + joint[1][1],
                    _ => 1.0,
                };
                let is_excluded = match condition.get().as_str() {
                    "on" => column == 0,
                    "off" => column == 1,
                    "negative" => row == 1,
                    "positive" => row == 0,
                    _ => false,
                };
                if is_excluded {
                    "–".to_owned()
                } else {
                    fixed(joint[row][column] / divisor, 3)
                }
            }
            _ => "…".to_owned(),
        })
    };
    let sum = move |cells: [(usize, usize); 2]| {
        table.with(|table| match table {
            Some(Ok(table)) => fixed(
                cells
                    .iter()
                    .map(|(row, column)| table.joint[*row][*column])
                    .sum(),
                3,
            ),
            _ => "…".to_owned(),
        })
    };
    let is_joint = move || condition.get() == "none";
    let pixel = move || {
        table.with(|table| match table {
            Some(Ok(table)) => {
                let [row, column] = table.pixel;
                format!("The pixel is in row {}, column {}.", row + 1, column + 1)
            }
            Some(Err(error)) => error.clone(),
            None => "Summing over the plane…".to_owned(),
        })
    };
    view! {
        <div class="joint-table">
            <PixelMap table />
            <table data-testid="learn-joint-table">
                <caption class="visually-hidden">"Probabilities of the sign of z₁ and of a pixel"</caption>
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">"pixel off"</th>
                        <th scope="col">"pixel on"</th>
                        <th scope="col" class="sum">
                            {move || if is_joint() { "sum" } else { "" }}
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {["z₁ < 0", "z₁ ≥ 0"]
                        .into_iter()
                        .enumerate()
                        .map(|(row, name)| {
                            view! {
                                <tr>
                                    <th scope="row">{name}</th>
                                    <td>{move || cell(row, 0)}</td>
                                    <td>{move || cell(row, 1)}</td>
                                    <td class="sum">
                                        {move || is_joint().then(|| sum([(row, 0), (row, 1)]))}
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                    <tr class="sum">
                        <th scope="row">{move || if is_joint() { "sum" } else { "" }}</th>
                        <td>{move || is_joint().then(|| sum([(0, 0), (1, 0)]))}</td>
                        <td>{move || is_joint().then(|| sum([(0, 1), (1, 1)]))}</td>
                        <td></td>
                    </tr>
                </tbody>
            </table>
        </div>
        <p class="flow-note">{pixel}</p>
        <SegmentedControl
            name="learn-condition"
            value=condition
            segments=vec![
                Segment::new("none", "joint"),
                Segment::new("on", "given: on"),
                Segment::new("off", "given: off"),
                Segment::new("negative", "given: z₁ < 0"),
                Segment::new("positive", "given: z₁ ≥ 0"),
            ]
            on_change=move |value: &str| condition.set(value.to_owned())
        >
            "Show the probabilities"
        </SegmentedControl>
    }
}

/// Where the pixel is.
#[component]
fn PixelMap(table: RwSignal<Option<Result<JointTable, String>>>) -> impl IntoView {
    let mark = move || {
        table.with(|table| match table {
            Some(Ok(table)) => {
                let [row, column] = table.pixel;
                Some(view! {
                    <rect class="pixel-mark" x=column.to_string() y=row.to_string() width="1" height="1" />
                })
            }
            _ => None,
        })
    };
    view! {
        <svg class="pixel-map" viewBox="-1 -1 30 30" role="img" aria-label="The place of the pixel in the image">
            <rect class="pixel-frame" x="0" y="0" width="28" height="28" />
            {mark}
        </svg>
    }
}
