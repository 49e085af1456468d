//! Latent arithmetic a − b + c on the current z, pins and class means: z − mean of the 4s + mean of the 7s turns
//! a 4 into a 7.

use crate::features::explore::pin_card::letter;
use crate::features::explore::pins::Pins;
use crate::latent::{clamp_latent, interpolation, round_to_step};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use crate::ui::select::{Select, SelectOption};
use leptos::{ev, prelude::*};

/// One of the three operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// The current z.
    Current,
    /// A pin.
    Pin(usize),
    /// The mean of μ over the digits of a class.
    ClassMean(usize),
}

impl Operand {
    /// The value of the `<option>` element.
    fn value(self) -> String {
        match self {
            Self::Current => "current".to_owned(),
            Self::Pin(index) => index.to_string(),
            Self::ClassMean(class) => format!("mean-{class}"),
        }
    }

    fn parse(value: &str) -> Option<Self> {
        match value.strip_prefix("mean-") {
            Some(class) => class.parse().ok().map(Self::ClassMean),
            None if value == "current" => Some(Self::Current),
            None => value.parse().ok().map(Self::Pin),
        }
    }

    /// The text of the `<option>` element.
    fn text(self) -> String {
        match self {
            Self::Current => "current z".to_owned(),
            Self::Pin(index) => letter(index),
            Self::ClassMean(class) => format!("mean of the {class}s"),
        }
    }
}

/// Selects three operands and sets z to the result.
#[component]
pub(crate) fn LatentArithmetic() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let pins = expect_context::<Pins>();
    let view = expect_context::<EngineView>();
    let count = Memo::new(move |_| pins.count());
    let classes = Memo::new(move |_| view.class_means().len());
    let operands = Memo::new(move |_| {
        let pins = (0..count.get()).map(Operand::Pin);
        let means = (0..classes.get()).map(Operand::ClassMean);
        [Operand::Current]
            .into_iter()
            .chain(pins)
            .chain(means)
            .collect::<Vec<_>>()
    });
    // The first two pins if there are any, otherwise a 4 turned into a 7.
    let start = if untrack(|| count.get()) >= 2 {
        [Operand::Pin(0), Operand::Pin(1), Operand::Pin(0)]
    } else {
        [
            Operand::Current,
            Operand::ClassMean(4),
            Operand::ClassMean(7),
        ]
    };
    let chosen = start.map(RwSignal::new);
    let z_of = move |operand: Operand| match operand {
        Operand::Current => Some(latent.z_untracked()),
        Operand::Pin(index) => untrack(|| pins.get(index)),
        Operand::ClassMean(class) => untrack(|| view.class_means()).get(class).cloned(),
    };
    let apply = move |event: ev::MouseEvent| {
        let [a, b, c] = chosen.map(|operand| z_of(operand.get_untracked()));
        if let (Some(a), Some(b), Some(c)) = (a, b, c) {
            let z = interpolation::analogy(&a, &b, &c);
            let z = z
                .into_iter()
                .map(|z| round_to_step(clamp_latent(z)))
                .collect();
            latent.set(z, event.time_stamp());
        }
    };
    let options = move || {
        let operands = operands.get().into_iter();
        operands
            .map(|operand| SelectOption::new(operand.value(), operand.text()))
            .collect()
    };
    let select = move |index: usize, label: &'static str| {
        let operand = chosen[index];
        let choose = move |value: String| {
            if let Some(other) = Operand::parse(&value) {
                operand.set(other);
            }
        };
        view! {
            <Select
                test_id=format!("arithmetic-{index}")
                label
                value=move || operand.get().value()
                options
                on_change=choose
            />
        }
    };
    let known = move || {
        let operands = operands.get();
        chosen
            .iter()
            .all(|operand| operands.contains(&operand.get()))
    };
    view! {
        <div class="pin-arithmetic" role="group" aria-label="Latent arithmetic">
            {select(0, "Start from")}
            " − "
            {select(1, "Subtract")}
            " + "
            {select(2, "Add")}
            <Button test_id="arithmetic-go" disabled=move || !known() on_click=apply>
                "Apply"
            </Button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operand_round_trips_through_its_value() {
        for operand in [Operand::Current, Operand::Pin(11), Operand::ClassMean(7)] {
            assert_eq!(Operand::parse(&operand.value()), Some(operand));
        }
        assert_eq!(Operand::parse("mean-x"), None);
        assert_eq!(Operand::parse(""), None);
    }
}
