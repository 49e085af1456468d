//! The reader moves and stretches q(z|x) to raise the ELBO.

use super::guess::{Handle, dragged, place, taken};
use super::plane_square::{Phase, PlaneSquare, scale, to_svg};
use crate::dom;
use crate::dom::raster::grid;
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::gaussian_search::expectation::Expectation;
use crate::features::learn::gaussian_search::gaussian::{Gaussian, SIGMA_LIMITS};
use crate::features::learn::gaussian_search::search::{Advice, elbo, steepest};
use crate::features::learn::live::LiveValues;
use crate::features::learn::probe::Probe;
use crate::features::learn::state::LearnState;
use crate::number::format::{fixed, nats};
use crate::state::engine_view::EngineView;
use crate::ui::button::Button;
use crate::ui::slider::Slider;
use leptos::{html, prelude::*};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Draws from q whose decoded images are shown: ε, for both dimensions.
const EPSILONS: [[f64; 2]; 8] = [
    [0.0, 0.0],
    [1.0, 0.0],
    [-1.0, 0.0],
    [0.0, 1.0],
    [0.0, -1.0],
    [1.2, 1.2],
    [-1.2, 1.2],
    [1.2, -1.2],
];
/// Factor of the zoom buttons.
const ZOOM: f64 = 2.5;

/// What was computed for a guess.
#[derive(Debug, Clone)]
struct Evaluated {
    q: Gaussian,
    /// Expectations of log p(x|z) over q.
    expected: Expectation,
    /// The decoded images of [`EPSILONS`], side by side.
    images: Arc<Vec<u8>>,
}

impl Evaluated {
    fn elbo(&self) -> f64 {
        elbo(self.q, self.expected)
    }
}

async fn evaluate(probe: Probe, q: Gaussian) -> Result<Evaluated, String> {
    let expected = probe.expected_log_likelihood(q).await?;
    let z = EPSILONS
        .iter()
        .flat_map(|epsilon| [0, 1].map(|i| (q.mu[i] + q.sigma[i] * epsilon[i]) as f32))
        .collect();
    let (images, _) = probe.decode(z).await?;
    Ok(Evaluated {
        q,
        expected,
        images: Arc::new(images),
    })
}

/// The figure.
#[component]
pub(crate) fn BeTheEncoder() -> impl IntoView {
    let probe = Probe::new();
    let learn = expect_context::<LearnState>();
    let live = expect_context::<LiveValues>();
    let guess = learn.guess;
    let view = RwSignal::new(Viewport::HOME);
    let evaluated = RwSignal::new(None::<Result<Evaluated, String>>);
    let best_elbo = RwSignal::new(None::<f64>);
    keep_evaluated(probe, guess, evaluated);
    // Gaps belong to an image: a former image's ELBO must not be compared with this one's log p(x).
    Effect::new(move |_| {
        probe.view.encoded.track();
        evaluated.set(None);
        best_elbo.set(None);
    });
    let reached = Memo::new(move |_| match evaluated.get() {
        Some(Ok(evaluated)) => Some(evaluated.elbo()),
        _ => None,
    });
    let gap = Memo::new(move |_| Some(live.log_px()? - reached.get()?));
    Effect::new(move |_| {
        let Some(now) = reached.get() else { return };
        if best_elbo.get_untracked().is_none_or(|best| now > best) {
            best_elbo.set(Some(now));
        }
    });
    // From the best ELBO, because log p(x) becomes more precise while it is computed. The quadrature of a very narrow q may
    // be off by its own error.
    let best_gap = move || Some((live.log_px()? - best_elbo.get()?).max(0.0));
    let set = move |q: Gaussian| {
        let q = q.clamped();
        guess.set(q);
        probe
            .latent
            .set(q.mu.map(|mu| mu as f32).to_vec(), dom::now());
    };
    let drag = StoredValue::new(None::<(Handle, [f64; 2], Gaussian)>);
    let on_pointer = move |(phase, at): (Phase, [f64; 2])| match phase {
        Phase::Down => {
            let q = guess.get_untracked();
            let handle = taken(q, &view.get_untracked(), at);
            drag.set_value(Some((handle, at, q)));
            if handle == Handle::Centre {
                set(dragged(q, handle, at, at));
            }
        }
        Phase::Move => {
            if let Some((handle, from, start)) = drag.get_value() {
                set(dragged(start, handle, from, at));
            }
        }
        Phase::Up => drag.set_value(None),
    };
    let on_nudge = move |by: [f64; 2]| {
        let q = guess.get_untracked();
        set(Gaussian {
            mu: [q.mu[0] + by[0], q.mu[1] + by[1]],
            ..q
        });
    };
    let label = move || {
        let q = guess.get();
        format!(
            "Your q(z|x): mean {}, {}; standard deviations {}, {}. Arrow keys move the mean.",
            fixed(q.mu[0], 2),
            fixed(q.mu[1], 2),
            fixed(q.sigma[0], 2),
            fixed(q.sigma[1], 2)
        )
    };
    let terms = move |of: fn(&Evaluated) -> f64| match evaluated.get() {
        Some(Ok(evaluated)) => nats(of(&evaluated)),
        _ => "…".to_owned(),
    };
    let zoom = move |factor: f64| {
        let centre = guess.get_untracked().mu;
        view.update(|view| {
            let half = (view.half / factor).clamp(0.05, 3.0);
            *view = if half >= 3.0 {
                Viewport::HOME
            } else {
                Viewport { centre, half }
            };
        });
    };
    view! {
        <div class="guess hides-posterior">
            <div class="guess-plane">
                <PlaneSquare test_id="learn-guess" label=label view on_pointer=Callback::new(on_pointer) on_nudge=Callback::new(on_nudge)>
                    <GuessShape guess view />
                </PlaneSquare>
                <div class="card-buttons">
                    <Button test_id="learn-zoom-in" on_click=move |_| zoom(ZOOM)>"Zoom in"</Button>
                    <Button test_id="learn-zoom-out" on_click=move |_| zoom(1.0 / ZOOM)>"Zoom out"</Button>
                </div>
            </div>
            <div class="guess-side">
                <p class="row-label">"images decoded from your q(z|x); the first one is at μ"</p>
                <Draws evaluated />
                <dl class="numbers">
                    <div>
                        <dt>"E" <sub>"q"</sub> "[log p(x|z)]"</dt>
                        <dd data-testid="learn-guess-reconstruction">
                            {move || terms(|evaluated| evaluated.expected.value)}
                        </dd>
                    </div>
                    <div>
                        <dt>"KL(q ‖ p(z))"</dt>
                        <dd data-testid="learn-guess-kl">{move || terms(|evaluated| evaluated.q.kl_from_prior())}</dd>
                    </div>
                    <div class="strong">
                        <dt>"your ELBO"</dt>
                        <dd data-testid="learn-guess-elbo">{move || terms(Evaluated::elbo)}</dd>
                    </div>
                    <div class="strong">
                        <dt>"your score: log p(x) − ELBO"</dt>
                        <dd data-testid="learn-guess-gap">
                            {move || gap.get().map_or_else(|| "…".to_owned(), |gap| nats(gap.max(0.0)))}
                        </dd>
                    </div>
                    <div>
                        <dt>"your best score"</dt>
                        <dd>{move || best_gap().map_or_else(|| "…".to_owned(), nats)}</dd>
                    </div>
                </dl>
                <p class="flow-note" role="status" data-testid="learn-guess-remark">
                    {move || remark(gap.get(), evaluated.get())}
                </p>
            </div>
            <GuessSliders guess set=Callback::new(set) />
        </div>
    }
}

/// Keeps the evaluation up to date with guess, image and model: one at a time, always of the newest guess.
fn keep_evaluated(
    probe: Probe,
    guess: RwSignal<Gaussian>,
    evaluated: RwSignal<Option<Result<Evaluated, String>>>,
) {
    let busy = StoredValue::new(false);
    let stale = StoredValue::new(false);
    Effect::new(move |_| {
        guess.track();
        probe.view.generation.track();
        if probe.view.encoded.with(Option::is_none) {
            return;
        }
        stale.set_value(true);
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            while stale.try_update_value(|stale| std::mem::replace(stale, false)) == Some(true) {
                let Some(q) = guess.try_get_untracked() else {
                    return;
                };
                let encoded = probe.view.encoded.try_get_untracked().flatten();
                let found = match probe.two_d() {
                    Ok(()) => evaluate(probe, q).await,
                    Err(error) => Err(error),
                };
                // The image may have changed; then it is evaluated next.
                let newest = probe.view.encoded.try_get_untracked().flatten();
                let is_current = match (&encoded, &newest) {
                    (Some(encoded), Some(newest)) => Arc::ptr_eq(encoded, newest),
                    _ => false,
                };
                if is_current && evaluated.try_set(Some(found)).is_some() {
                    return;
                }
            }
            busy.try_set_value(false);
        });
    });
}

/// How good the guess is, and what to try next.
fn remark(gap: Option<f64>, evaluated: Option<Result<Evaluated, String>>) -> String {
    let evaluated = match evaluated {
        Some(Err(error)) => return error,
        Some(Ok(evaluated)) => evaluated,
        None => return "Evaluating your q…".to_owned(),
    };
    let Some(gap) = gap else {
        return "Computing log p(x) of your image…".to_owned();
    };
    let praise = match gap {
        30.0.. => "Far away.",
        5.0.. => "Closer.",
        1.0.. => "Good.",
        0.3.. => "Very good, about as a trained encoder.",
        _ => return "Excellent. What is left may be what a Gaussian cannot express.".to_owned(),
    };
    let Advice {
        is_sigma,
        dimension,
        increase,
    } = steepest(evaluated.q, evaluated.expected);
    let index = ["₁", "₂"][dimension];
    let advice = match (is_sigma, increase) {
        (true, true) => format!("σ{index}: make it larger"),
        (true, false) => format!("σ{index}: make it smaller"),
        (false, true) => format!("μ{index}: make it larger"),
        (false, false) => format!("μ{index}: make it smaller"),
    };
    format!("{praise} The ELBO is steepest in {advice}.")
}

/// The ellipses at 1 and 2 σ, and the handles.
#[component]
fn GuessShape(guess: RwSignal<Gaussian>, view: RwSignal<Viewport>) -> impl IntoView {
    let shape = move || {
        let (q, shown) = (guess.get(), view.get());
        let [x, y] = to_svg(&shown, q.mu);
        let ellipses = [1.0, 2.0].map(|sigmas: f64| {
            let [wide, high] = q.sigma.map(|sigma| (sigma * sigmas * scale(&shown)).to_string());
            view! { <ellipse class="guess-ellipse" cx=x.to_string() cy=y.to_string() rx=wide ry=high /> }
        });
        let handles = [Handle::Sigma(0), Handle::Sigma(1)].map(|handle| {
            let [to_x, to_y] = to_svg(&shown, place(q, &shown, handle));
            view! {
                <path class="guess-stem" d=format!("M{x} {y}L{to_x} {to_y}") />
                <circle class="guess-handle" cx=to_x.to_string() cy=to_y.to_string() r="0.18" />
            }
        });
        view! {
            {handles.collect_view()}
            {ellipses.collect_view()}
            <circle class="guess-centre" cx=x.to_string() cy=y.to_string() r="0.14" />
        }
    };
    view! { <g>{shape}</g> }
}

/// Sliders for keyboard and precise values.
#[component]
fn GuessSliders(guess: RwSignal<Gaussian>, set: Callback<Gaussian>) -> impl IntoView {
    let [least, most] = SIGMA_LIMITS.map(f64::ln);
    let mu = move |i: usize| {
        let value = move || guess.get().mu[i];
        let on_input = move |(value, _): (f64, f64)| {
            let mut q = guess.get_untracked();
            q.mu[i] = value;
            set.run(q);
        };
        view! {
            <label class="labelled-slider">
                {format!("μ{} ", ["₁", "₂"][i])} <b>{move || fixed(guess.get().mu[i], 2)}</b>
                <Slider min=-3.0 max=3.0 step=0.01 test_id=format!("learn-mu-{i}") value=value on_input=on_input />
            </label>
        }
    };
    let sigma = move |i: usize| {
        let value = move || guess.get().sigma[i].ln();
        let on_input = move |(value, _): (f64, f64)| {
            let mut q = guess.get_untracked();
            q.sigma[i] = value.exp();
            set.run(q);
        };
        let text = move || fixed(guess.get().sigma[i], 3);
        view! {
            <label class="labelled-slider">
                {format!("σ{} ", ["₁", "₂"][i])} <b>{text}</b>
                <Slider
                    min=least
                    max=most
                    step=0.01
                    test_id=format!("learn-sigma-{i}")
                    value=value
                    value_text=text
                    on_input=on_input
                />
            </label>
        }
    };
    view! { <div class="guess-sliders">{mu(0)} {mu(1)} {sigma(0)} {sigma(1)}</div> }
}

/// The images decoded from draws of q.
#[component]
fn Draws(evaluated: RwSignal<Option<Result<Evaluated, String>>>) -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(Ok(evaluated)), Some(canvas)) = (evaluated.get(), canvas.get()) {
            let shape = view.shape();
            if evaluated.images.len() == EPSILONS.len() * shape.values() {
                let strip = grid(&evaluated.images, shape, EPSILONS.len(), 0);
                dom::draw_picture(&canvas, &strip);
            }
        }
    });
    view! {
        <canvas
            node_ref=canvas
            class="draws"
            width="224"
            height="28"
            role="img"
            aria-label="Images decoded from eight draws of your q(z|x)"
        ></canvas>
    }
}
