//! Latent arithmetic A − B + C on the current z, pins and class means: z − mean of the 4s + mean of the 7s turns a 4
//! into a 7.

use crate::features::decoder::decoded_thumbnail::DecodedThumbnail;
use crate::features::decoder::frame_thumbnail::FrameThumbnail;
use crate::features::explore::operand::Operand;
use crate::features::explore::state::ExploreState;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use crate::ui::checkbox::Checkbox;
use crate::ui::select::{Select, SelectOption};
use leptos::{ev, prelude::*};

/// Three operands and the result, each with its image, and a button that sets z to the result.
#[component]
pub(crate) fn LatentArithmetic() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let state = expect_context::<ExploreState>();
    let view = expect_context::<EngineView>();
    let options = Memo::new(move |_| {
        let (operands, names) = (state.operands().into_iter(), view.class_names());
        operands
            .map(|operand| SelectOption::new(operand.value(), operand.text(&names)))
            .collect::<Vec<_>>()
    });
    let operand = move |index: usize, label: &'static str| {
        let choose = move |value: String| {
            if let Some(operand) = Operand::parse(&value) {
                state.choose(index, operand);
            }
        };
        let is_current = Memo::new(move |_| state.operand(index) == Operand::Current);
        view! {
            <span class="operand">
                {move || {
                    if is_current.get() {
                        view! { <FrameThumbnail /> }.into_any()
                    } else {
                        view! { <DecodedThumbnail z=move || state.operand_z(index) /> }.into_any()
                    }
                }}
                <Select
                    test_id=format!("arithmetic-{index}")
                    label
                    value=move || state.operand(index).value()
                    options
                    on_change=choose
                />
            </span>
        }
    };
    let result = Memo::new(move |_| state.arithmetic_result());
    let go = move |event: ev::MouseEvent| {
        if let Some(z) = result.get_untracked() {
            latent.set(z, event.time_stamp());
        }
    };
    view! {
        <h4 class="walks-head">"Arithmetic with z"</h4>
        <div
            class="latent-arithmetic"
            role="group"
            aria-label="Latent arithmetic"
            on:focusin=move |_| state.draws_arithmetic.set(true)
        >
            {operand(0, "Start from")}
            <span>"−"</span>
            {operand(1, "Subtract")}
            <span>"+"</span>
            {operand(2, "Add")}
            // Together, so that a line does not end with the sign.
            <span class="operand-result">
                <span>"="</span>
                <span class="operand" data-testid="arithmetic-preview">
                    <DecodedThumbnail z=result />
                    <Button
                        test_id="arithmetic-go"
                        disabled=move || result.with(Option::is_none)
                        title="Set z to the result"
                        on_click=go
                    >
                        "Set "
                        <i>"z"</i>
                    </Button>
                </span>
            </span>
        </div>
        <Checkbox
            checked=state.draws_arithmetic
            on_change=move |on| state.draws_arithmetic.set(on)
            test_id="arithmetic-on-map"
        >
            "Draw the arithmetic on the map"
        </Checkbox>
    }
}
