//! Figures 5, 6 and 7: the computation graph with sampling inside, outside, and with both terms of the loss.

use crate::features::learn::probe::Probe;
use crate::latent::gaussian::sample_prior;
use crate::number::format::{fixed, nats};
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Which graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Graph {
    /// z is drawn from N(μ, σ²).
    SamplingInside,
    /// z = μ + σ⊙ε.
    SamplingOutside,
    /// The same, with both terms of the loss.
    Training,
}

/// An arrow, and whether a gradient comes back along it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    path: &'static str,
    carries_gradient: bool,
}

const fn edge(path: &'static str, carries_gradient: bool) -> Edge {
    Edge {
        path,
        carries_gradient,
    }
}

impl Graph {
    fn edges(self) -> Vec<Edge> {
        let passes = self != Self::SamplingInside;
        let mut edges = vec![
            edge("M180 44V62", passes),
            edge("M165 98 112 128", passes),
            edge("M195 98 248 128", passes),
            edge("M112 164 160 206", passes),
            edge("M248 164 200 206", passes),
            edge("M180 246V270", true),
            edge("M180 306V332", true),
        ];
        if passes {
            edges.push(edge("M265 226H247", false));
        }
        if self == Self::Training {
            edges.extend([
                edge("M80 164 46 332", true),
                edge("M204 160C104 168 78 220 60 332", true),
                edge("M50 370V415H94", true),
                edge("M180 370V396", true),
            ]);
        }
        edges
    }
}

/// A box with a name and a value.
#[component]
fn Node(
    /// Centre and width.
    at: (f64, f64, f64),
    class: &'static str,
    #[prop(into)] name: String,
    value: Box<dyn Fn() -> String + Send + Sync>,
) -> impl IntoView {
    let (x, y, width) = at;
    // Weights have no value.
    let name_y = if class == "weights" { y + 4.0 } else { y - 2.0 };
    view! {
        <g class=format!("graph-node {class}")>
            <rect x=(x - width / 2.0).to_string() y=(y - 18.0).to_string() width=width.to_string() height="36" rx="8" />
            <text x=x.to_string() y=name_y.to_string() text-anchor="middle">{name}</text>
            <text class="graph-value" x=x.to_string() y=(y + 12.0).to_string() text-anchor="middle">{value}</text>
        </g>
    }
}

/// The graph with live values.
#[component]
pub(crate) fn GradientGraph(
    /// Which one.
    graph: Graph,
) -> impl IntoView {
    let probe = Probe::new();
    let epsilon = RwSignal::new(sample_prior(2));
    let back = RwSignal::new(false);
    let log_likelihood = RwSignal::new(None::<f64>);
    let z = Memo::new(move |_| {
        let epsilon = epsilon.get();
        probe.view.encoded.with(|encoded| {
            let encoded = encoded.as_ref()?;
            let pairs = encoded
                .mu
                .iter()
                .zip(&encoded.sigma)
                .zip(epsilon.iter().cycle());
            Some(
                pairs
                    .map(|((mu, sigma), epsilon)| mu + sigma * epsilon)
                    .collect::<Vec<f32>>(),
            )
        })
    });
    Effect::new(move |_| {
        probe.view.generation.track();
        let Some(z) = z.get() else { return };
        let encoded = probe.view.encoded.get_untracked();
        spawn_local(async move {
            let found = probe.log_likelihood(&z).await.ok();
            let newest = probe.view.encoded.try_get_untracked().flatten();
            if let (Some(encoded), Some(newest)) = (encoded, newest)
                && Arc::ptr_eq(&encoded, &newest)
            {
                log_likelihood.try_set(found.and_then(|logs| logs.first().copied()));
            }
        });
    });
    let pair = |values: &[f32]| {
        let shown: Vec<_> = values
            .iter()
            .take(2)
            .map(|value| fixed(f64::from(*value), 2))
            .collect();
        let more = if values.len() > 2 { ", …" } else { "" };
        format!("({}{more})", shown.join(", "))
    };
    let of_encoder = move |of: fn(&crate::state::engine_view::Encoded) -> &[f32]| -> Box<dyn Fn() -> String + Send + Sync> {
        Box::new(move || {
            probe
                .view
                .encoded
                .with(|encoded| encoded.as_ref().map(|encoded| pair(of(encoded))))
                .unwrap_or_default()
        })
    };
    let kl = move || {
        probe.view.encoded.with(|encoded| {
            encoded.as_ref().map(|encoded| {
                encoded
                    .mu
                    .iter()
                    .zip(&encoded.sigma)
                    .map(|(&mu, &sigma)| {
                        f64::from(0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln())
                    })
                    .sum::<f64>()
            })
        })
    };
    let text =
        |value: Option<f64>| value.map_or_else(|| "…".to_owned(), |value| nats(value) + " nats");
    let inside = graph == Graph::SamplingInside;
    let training = graph == Graph::Training;
    let edges = graph.edges();
    let arrows = move || {
        let back = back.get();
        edges
            .iter()
            .map(|edge| {
                let class = match (back, edge.carries_gradient) {
                    (false, _) => "graph-edge",
                    (true, true) => "graph-edge gradient",
                    (true, false) => "graph-edge no-gradient",
                };
                view! { <path class=class d=edge.path marker-end="url(#graph-arrow)" /> }
            })
            .collect_view()
    };
    let verdict = move || match (back.get(), graph) {
        (false, _) => "Black arrows: the forward pass.",
        (true, Graph::SamplingInside) => {
            "Red: the gradient. It reaches the decoder’s weights and z, and ends at the draw: μ, σ and the encoder get none."
        }
        (true, _) => {
            "Red: the gradient. It passes z = μ + σ⊙ε and reaches the encoder’s weights. ε needs none: nothing in it is \
             learned."
        }
    };
    let height = if training { 440 } else { 380 };
    let none = || -> Box<dyn Fn() -> String + Send + Sync> { Box::new(String::new) };
    view! {
        <svg
            class="gradient-graph"
            viewBox=format!("0 0 360 {height}")
            role="img"
            aria-label=move || format!("Computation graph from the image to the loss. {}", verdict())
        >
            <defs>
                <marker id="graph-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">
                    <path d="M0 0 8 4 0 8Z" />
                </marker>
            </defs>
            {arrows}
            <Node at=(180.0, 26.0, 100.0) class="data" name="x" value=Box::new(|| "your image".to_owned()) />
            <Node at=(180.0, 80.0, 130.0) class="weights" name="encoder φ" value=none() />
            <Node at=(100.0, 146.0, 120.0) class="" name="μ" value=of_encoder(|encoded| &encoded.mu) />
            <Node at=(260.0, 146.0, 120.0) class="" name="σ" value=of_encoder(|encoded| &encoded.sigma) />
            <Node
                at=(180.0, 226.0, 130.0)
                class=if inside { "random" } else { "" }
                name=if inside { "draw z ∼ N(μ, σ²)" } else { "z = μ + σ⊙ε" }
                value=Box::new(move || z.get().map(|z| pair(&z)).unwrap_or_default())
            />
            {(!inside)
                .then(|| {
                    view! {
                        <Node
                            at=(312.0, 226.0, 94.0)
                            class="random"
                            name="ε ∼ N(0, I)"
                            value=Box::new(move || pair(&epsilon.get()))
                        />
                    }
                })}
            <Node at=(180.0, 288.0, 130.0) class="weights" name="decoder θ" value=none() />
            <Node at=(180.0, 351.0, 130.0) class="loss" name="log p(x|z)" value=Box::new(move || text(log_likelihood.get())) />
            {training
                .then(|| {
                    view! {
                        <Node at=(50.0, 351.0, 98.0) class="loss" name="KL(q ‖ p(z))" value=Box::new(move || text(kl())) />
                        <Node
                            at=(180.0, 415.0, 170.0)
                            class="loss"
                            name="loss = KL − log p(x|z)"
                            value=Box::new(move || text(log_likelihood.get().and_then(|log| Some(kl()? - log))))
                        />
                    }
                })}
        </svg>
        <div class="card-buttons">
            <Button test_id="learn-draw-epsilon" on_click=move |_| {
                back.set(false);
                epsilon.set(sample_prior(2));
            }>{if inside { "Draw z" } else { "Draw ε" }}</Button>
            <Button
                kind=ButtonKind::Primary
                test_id="learn-gradient"
                pressed=back
                on_click=move |_| back.update(|back| *back = !*back)
            >
                "Send the gradient back"
            </Button>
        </div>
        <p class="flow-note" role="status">{verdict}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradient_passes_the_sample_only_if_it_is_drawn_outside() {
        let carried = |graph: Graph| {
            graph
                .edges()
                .iter()
                .filter(|edge| edge.carries_gradient)
                .count()
        };
        // Only from the loss through the decoder to z.
        assert_eq!(carried(Graph::SamplingInside), 2);
        let outside = Graph::SamplingOutside.edges();
        // All but the arrow from ε.
        assert_eq!(carried(Graph::SamplingOutside), outside.len() - 1);
        assert_eq!(carried(Graph::Training), Graph::Training.edges().len() - 1);
    }
}
