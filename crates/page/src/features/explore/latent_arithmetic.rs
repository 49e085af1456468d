//! a − b + c, with pins, the present z, and the means of the classes: here − the mean of the 4s + the mean of
//! the 7s makes it a 7.

use crate::features::explore::pin_card::letter;
use crate::features::explore::pins::Pins;
use crate::latent::{held, interpolation, to_step};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::{ev, prelude::*};

/// What stands in one of the three places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The present z.
    Here,
    /// A pin.
    Pin(usize),
    /// The mean of μ over a class of digits.
    Mean(usize),
}

impl End {
    /// As the value of an option.
    fn value(self) -> String {
        match self {
            Self::Here => "here".to_owned(),
            Self::Pin(index) => index.to_string(),
            Self::Mean(class) => format!("mean-{class}"),
        }
    }

    fn read(value: &str) -> Option<Self> {
        match value.strip_prefix("mean-") {
            Some(class) => class.parse().ok().map(Self::Mean),
            None if value == "here" => Some(Self::Here),
            None => value.parse().ok().map(Self::Pin),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Here => "here".to_owned(),
            Self::Pin(index) => letter(index),
            Self::Mean(class) => format!("the mean {class}"),
        }
    }
}

/// Three places, and the z that they come to.
#[component]
pub(crate) fn PinArithmetic() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let pins = expect_context::<Pins>();
    let view = expect_context::<EngineView>();
    let count = Memo::new(move |_| pins.count());
    let classes = Memo::new(move |_| view.class_means().len());
    let there = Memo::new(move |_| {
        let pins = (0..count.get()).map(End::Pin);
        let means = (0..classes.get()).map(End::Mean);
        [End::Here]
            .into_iter()
            .chain(pins)
            .chain(means)
            .collect::<Vec<_>>()
    });
    // What people are likely to want first: with pins those, else one digit made another.
    let start = if untrack(|| count.get()) >= 2 {
        [End::Pin(0), End::Pin(1), End::Pin(0)]
    } else {
        [End::Here, End::Mean(4), End::Mean(7)]
    };
    let chosen = start.map(RwSignal::new);
    let z_of = move |end: End| match end {
        End::Here => Some(latent.z_untracked()),
        End::Pin(index) => untrack(|| pins.get(index)),
        End::Mean(class) => untrack(|| view.class_means()).get(class).cloned(),
    };
    let go = move |event: ev::MouseEvent| {
        let [a, b, c] = chosen.map(|end| z_of(end.get_untracked()));
        if let (Some(a), Some(b), Some(c)) = (a, b, c) {
            let z = interpolation::arithmetic(&a, &b, &c);
            let z = z.into_iter().map(|z| to_step(held(z))).collect();
            latent.choose(z, event.time_stamp());
        }
    };
    let pick = move |which: usize, label: &'static str| {
        let end = chosen[which];
        let choose = move |event: ev::Event| {
            if let Some(other) = End::read(&event_target_value(&event)) {
                end.set(other);
            }
        };
        view! {
            <select
                data-testid=format!("arithmetic-{which}")
                aria-label=label
                prop:value=move || end.get().value()
                on:change=choose
            >
                {move || {
                    there
                        .get()
                        .into_iter()
                        .map(|other| {
                            view! {
                                <option value=other.value() selected=other == end.get_untracked()>
                                    {other.words()}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        }
    };
    let known = move || {
        let there = there.get();
        chosen.iter().all(|end| there.contains(&end.get()))
    };
    view! {
        <div class="pin-arithmetic" role="group" aria-label="Latent arithmetic">
            {pick(0, "Start from")}
            " − "
            {pick(1, "Subtract")}
            " + "
            {pick(2, "Add")}
            <button
                type="button"
                data-testid="arithmetic-go"
                disabled=move || !known()
                on:click=go
            >
                "Go there"
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_read_again() {
        for end in [End::Here, End::Pin(11), End::Mean(7)] {
            assert_eq!(End::read(&end.value()), Some(end));
        }
        assert_eq!(End::read("mean-x"), None);
        assert_eq!(End::read(""), None);
    }
}
