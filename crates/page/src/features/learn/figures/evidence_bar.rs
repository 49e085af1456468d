//! Figure 3: log p(x) as the sum of the ELBO and the gap.

use crate::features::learn::live::LiveValues;
use crate::number::format::nats;
use crate::ui::button::Button;
use leptos::prelude::*;

/// Size of the drawing.
const WIDTH: f64 = 480.0;
const LEFT: f64 = 10.0;
const RIGHT: f64 = 470.0;
/// The largest share of the width that the gap takes.
const LARGEST: f64 = 0.5;
/// A gap of this many nats takes half of that.
const TYPICAL: f64 = 1.0;

/// The place where the ELBO ends, for a gap in nats.
fn boundary(gap: f64) -> f64 {
    let share = LARGEST * gap / (gap + TYPICAL);
    RIGHT - share * (RIGHT - LEFT)
}

/// Two bars that end at the same place. The number of the gap is shown on demand, because it is a question beside it.
#[component]
pub(crate) fn EvidenceBar() -> impl IntoView {
    let live = expect_context::<LiveValues>();
    let revealed = RwSignal::new(false);
    let drawing = move || {
        let (Some(log_px), Some(gap), Some(elbo)) = (live.log_px(), live.gap(), live.elbo()) else {
            return view! { <text x="240" y="70" text-anchor="middle">"…"</text> }.into_any();
        };
        let end = boundary(gap.max(0.0));
        view! {
            <rect class="bar-evidence" x=LEFT.to_string() y="18" width=(RIGHT - LEFT).to_string() height="34" rx="4" />
            <text x="20" y="40">{format!("log p(x) = {} nats", nats(log_px))}</text>
            <rect class="bar-elbo" x=LEFT.to_string() y="66" width=(end - LEFT).to_string() height="34" rx="4" />
            <text x="20" y="88">{format!("ELBO = {} nats", nats(elbo))}</text>
            <rect class="bar-gap" x=end.to_string() y="66" width=(RIGHT - end).to_string() height="34" rx="4" />
            <text x=RIGHT.to_string() y="122" text-anchor="end">
                {match revealed.get() {
                    true => format!("KL(q(z|x) ‖ p(z|x)) = {} nats", nats(gap)),
                    false => "KL(q(z|x) ‖ p(z|x)) = ?".to_owned(),
                }}
            </text>
        }
        .into_any()
    };
    view! {
        <svg
            class="evidence-bar"
            viewBox=format!("0 0 {WIDTH} 132")
            role="img"
            aria-label="log p(x) as a bar, and below it the ELBO and the gap, which together have the same length"
        >
            {drawing}
        </svg>
        <div class="card-buttons">
            <Button test_id="learn-show-gap" disabled=revealed on_click=move |_| revealed.set(true)>
                "Show the gap"
            </Button>
        </div>
        <p class="flow-note">
            "Only the gap is drawn larger than it is: beside log p(x) it would hardly be visible."
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundary_moves_left_with_the_gap() {
        assert_eq!(boundary(0.0), RIGHT);
        assert!(boundary(0.5) > boundary(2.0));
        assert!(boundary(1e6) >= RIGHT - LARGEST * (RIGHT - LEFT));
    }
}
