//! Two models for the same z, the same image, and the same part of the latent plane.

use crate::features::compare::figures::{Figures, SAMPLES};
use crate::features::compare::second_model::SecondModel;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::latent;
use crate::number::format::{nats, nats_with_error};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::state::latent_vector::{LatentPoint, LatentVector};
use crate::ui::button::Button;
use crate::ui::glossary;
use crate::ui::image_grid::ImageGrid;
use crate::ui::select::{Select, SelectOption};
use crate::ui::tooltip::Tooltip;
use client::JobError;
use leptos::prelude::*;
use protocol::ImageShape;
use wasm_bindgen_futures::spawn_local;

/// Images along an axis of the map.
const MAP_SIDE: usize = 11;
/// The map shows z₁ and z₂ from −this to this.
const MAP_LIMIT: f32 = 2.5;
/// Dimensions whose KL is shown.
const MOST_DIMENSIONS: usize = 32;

/// One of the two models.
#[derive(Clone, Copy)]
struct Side {
    actions: Actions,
    view: EngineView,
    /// The part of `data-testid` that names it.
    id: &'static str,
}

/// The choice of the second model, and both.
#[component]
pub(super) fn SideBySide() -> impl IntoView {
    let second = expect_context::<SecondModel>();
    let sides = [
        Side {
            actions: expect_context(),
            view: expect_context(),
            id: "first",
        },
        Side {
            actions: second.actions,
            view: second.view,
            id: "second",
        },
    ];
    view! {
        <section aria-label="Side by side">
            <h4>"Side by side"</h4>
            <label class="pad-label">
                "The current model and "
                <SecondChoice />
            </label>
            {move || {
                let problem = second.view.error.get()?;
                Some(view! { <p class="start-error" role="status">{describe(&problem)}</p> })
            }}
            <Show when=move || second.is_ready()>
                <Comparison sides />
            </Show>
        </section>
    }
}

fn describe(error: &client::change::EngineError) -> String {
    match error {
        client::change::EngineError::Model { name, message } => {
            format!("{name} can’t be loaded: {message}")
        }
        client::change::EngineError::NoBackend { message } => {
            format!("The second model has no engine: {message}")
        }
    }
}

#[component]
fn SecondChoice() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let second = expect_context::<SecondModel>();
    move || {
        let current = actions.current_model();
        let catalog = actions.catalog();
        let others = catalog
            .entries()
            .iter()
            .filter(|entry| Some(&entry.name) != current.as_ref());
        let mut options = vec![SelectOption::new(
            String::new(),
            "choose a model".to_owned(),
        )];
        options
            .extend(others.map(|entry| SelectOption::new(entry.name.clone(), entry.name.clone())));
        view! {
            <Select
                test_id="compare-with"
                value=move || second.name.get().unwrap_or_default()
                options=options
                on_change=move |name: String| {
                    second.choose(Some(name).filter(|name| !name.is_empty()));
                }
            />
        }
    }
}

/// Both models, once the second is loaded.
#[component]
fn Comparison(sides: [Side; 2]) -> impl IntoView {
    let shapes = Memo::new(move |_| sides.map(|side| side.view.shape()));
    let same_shape = Memo::new(move |_| {
        let [first, second] = shapes.get();
        first == second
    });
    view! {
        <div class="compare-sides">
            <AtZ side=sides[0] other=sides[1] />
            <AtZ side=sides[1] other=sides[0] />
        </div>
        <Show
            when=move || same_shape.get()
            fallback=move || {
                let text = move || {
                    let [first, second] = shapes.get();
                    format!(
                        "The models have images of different shapes, {first} and {second}, so no image can be encoded by \
                         both."
                    )
                };
                view! { <p class="hint">{text}</p> }
            }
        >
            <OfImage sides />
        </Show>
        <div class="compare-sides">
            <Map side=sides[0] />
            <Map side=sides[1] />
        </div>
    }
}

fn name(side: Side) -> Memo<String> {
    Memo::new(move |_| {
        side.view.model.with(|model| {
            model
                .as_ref()
                .map_or_else(String::new, |model| model.name.clone())
        })
    })
}

fn size(view: EngineView) -> usize {
    view.model
        .with(|model| model.as_ref().map_or(0, |model| model.latent_size))
}

/// A z of this size: further values are 0.
fn resized(z: &[f32], size: usize) -> Vec<f32> {
    let values = z.iter().copied().chain(std::iter::repeat(0.0));
    values.take(size).collect()
}

/// What a model decodes at the z of the sliders.
#[component]
fn AtZ(side: Side, other: Side) -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let label = expect_context::<Label>();
    let is_second = side.id == "second";
    if is_second {
        // The stage decodes for the first.
        Effect::new(move |_| {
            let LatentPoint { z, at, .. } = latent.point();
            label.input();
            let size = size(side.view);
            if size > 0 {
                side.actions.decode(LatentPoint {
                    z: resized(&z, size),
                    at,
                    by_user: false,
                });
            }
        });
    }
    let name = name(side);
    let pixels = move || {
        side.view.frame.with(|frame| {
            frame
                .as_ref()
                .map_or_else(Vec::new, |frame| frame.pixels.clone())
        })
    };
    let shape = move || {
        let of_frame = side
            .view
            .frame
            .with(|frame| frame.as_ref().map(|frame| frame.shape));
        of_frame.unwrap_or(ImageShape::MNIST)
    };
    let note = move || {
        let (own, of_first) = (size(side.view), size(other.view));
        (is_second && own != of_first).then(|| {
            format!(
                "It has {own} latent dimensions instead of {of_first}: the first {} values of z are the same, and further ones \
                 are 0.",
                own.min(of_first)
            )
        })
    };
    view! {
        <figure class="compare-side">
            <figcaption>
                <b data-testid=format!("compare-name-{}", side.id)>{move || name.get()}</b>
                " at " <i>"z"</i>
            </figcaption>
            <div class="compare-image">
                <ImageGrid
                    images=pixels
                    shape=shape
                    columns=1
                    label="The image that this model decodes from z"
                    test_id=if is_second { "compare-z-second" } else { "compare-z-first" }
                />
            </div>
            <p class="hint">{note}</p>
        </figure>
    }
}

type Result2 = [Option<std::result::Result<Figures, String>>; 2];

/// The figures of both models for one image.
#[component]
fn OfImage(sides: [Side; 2]) -> impl IntoView {
    let samples = expect_context::<SampleLoader>();
    let label = expect_context::<Label>();
    let view = sides[0].view;
    // Counts the sample images that were asked for; 0 for the image of the page, if there is one.
    let round = RwSignal::new(0_usize);
    let sample = RwSignal::new(None::<(ImageShape, Vec<u8>)>);
    Effect::new(move |_| {
        let (shape, round) = (view.shape(), round.get());
        let set = SampleSet::for_model(shape, &view.class_names());
        spawn_local(async move {
            let Some(set) = set else {
                sample.try_set(None);
                return;
            };
            if let Ok(loaded) = samples.load(set).await {
                let count = loaded.labels.len().max(1);
                // Neighbours in the file are of many classes.
                let at = round * 7 % count * shape.values();
                let image = loaded.pixels.get(at..at + shape.values());
                sample.try_set(image.map(|image| (shape, image.to_vec())));
            }
        });
    });
    let image = Memo::new(move |_| {
        let shape = view.shape();
        let encoded = view
            .encoded
            .with(|encoded| encoded.as_ref().map(|encoded| encoded.image.pixels.clone()));
        let own = encoded.filter(|pixels| round.get() == 0 && pixels.len() == shape.values());
        own.or_else(|| {
            sample
                .get()
                .filter(|(of, _)| *of == shape)
                .map(|(_, image)| image)
        })
    });
    let results = RwSignal::new(Result2::default());
    let latest = StoredValue::new(0_u32);
    Effect::new(move |_| {
        // Other weights under the same name, another worker, another label.
        sides.iter().for_each(|side| side.view.generation.track());
        label.input();
        let image = image.get();
        latest.update_value(|latest| *latest += 1);
        let number = latest.get_value();
        results.set(Result2::default());
        let Some(image) = image else { return };
        for (at, side) in sides.into_iter().enumerate() {
            let image = image.clone();
            spawn_local(async move {
                let computed = Figures::compute(side.actions, image).await;
                let computed = match computed {
                    Ok(figures) => Ok(figures),
                    // The next generation is computed instead.
                    Err(JobError::Cancelled) => return,
                    Err(JobError::Failed(reason)) => Err(reason),
                };
                if latest.try_get_value() == Some(number) {
                    results.try_update(|results| results[at] = Some(computed));
                }
            });
        }
    });
    let original = move || image.get().unwrap_or_default();
    view! {
        <div class="compare-original">
            <span class="row-label">"The image " <i>"x"</i></span>
            <div class="compare-image">
                <ImageGrid
                    images=original
                    shape=move || view.shape()
                    columns=1
                    label="The image that both models encode"
                    test_id="compare-x"
                />
            </div>
            <Button test_id="compare-another" on_click=move |_| round.update(|round| *round += 1)>
                "Another image"
            </Button>
        </div>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Figures of both models">
            <FigureTable sides results=results.read_only() />
        </div>
        <div class="compare-sides">
            <KlBars side=sides[0] at=0 results=results.read_only() />
            <KlBars side=sides[1] at=1 results=results.read_only() />
        </div>
    }
}

/// A row of the table: its key, its heading, and the text for a model.
type FigureRow = (&'static str, AnyView, fn(&Figures) -> String);

#[component]
fn FigureTable(sides: [Side; 2], results: ReadSignal<Result2>) -> impl IntoView {
    let names = sides.map(name);
    let rows: [FigureRow; 4] = [
        (
            "neg-elbo",
            view! { <Tooltip text=glossary::NEGATIVE_ELBO>"−ELBO"</Tooltip> }.into_any(),
            |figures| {
                let (value, error) = figures.neg_elbo();
                nats_with_error(value, error)
            },
        ),
        (
            "reconstruction",
            view! { <Tooltip text=glossary::RECONSTRUCTION>"reconstruction term"</Tooltip> }
                .into_any(),
            |figures| {
                let (value, error) = figures.reconstruction_term;
                nats_with_error(value, error)
            },
        ),
        (
            "kl",
            view! { <Tooltip text=glossary::KL>"KL(q(z|x) ‖ p(z))"</Tooltip> }.into_any(),
            |figures| nats(figures.kl_sum()),
        ),
        (
            "bound",
            view! { "log p(x), bound of " {SAMPLES} " samples" }.into_any(),
            |figures| match figures.bound {
                Some(bound) => nats_with_error(bound.value, bound.standard_error),
                None => "–".to_owned(),
            },
        ),
    ];
    let cell = move |at: usize, text: fn(&Figures) -> String| {
        move || {
            results.with(|results| match &results[at] {
                None => "…".to_owned(),
                Some(Ok(figures)) => text(figures),
                Some(Err(_)) => "–".to_owned(),
            })
        }
    };
    let rows = rows.map(|(key, heading, text)| {
        view! {
            <tr>
                <th scope="row">{heading}</th>
                <td data-testid=format!("compare-{key}-first")>{cell(0, text)}</td>
                <td data-testid=format!("compare-{key}-second")>{cell(1, text)}</td>
            </tr>
        }
    });
    let reconstruction = move |at: usize| {
        move || {
            results.with(|results| match &results[at] {
                Some(Ok(figures)) => figures.reconstruction.clone(),
                _ => Vec::new(),
            })
        }
    };
    let shape = move || sides[0].view.shape();
    let problems = move || {
        results.with(|results| {
            let of = results.iter().zip(names).filter_map(|(result, name)| {
                let reason = result.as_ref()?.as_ref().err()?;
                Some(format!("{}: {reason}.", name.get()))
            });
            of.collect::<Vec<_>>().join(" ")
        })
    };
    view! {
        <table class="compare-figures">
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{move || names[0].get()}</th>
                    <th scope="col">{move || names[1].get()}</th>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <th scope="row">"reconstructed at " <i>"z"</i> " = " <i>"μ"</i></th>
                    <td>
                        <div class="compare-image">
                            <ImageGrid
                                images=reconstruction(0)
                                shape=shape
                                columns=1
                                label="The reconstruction by the first model"
                                test_id="compare-reconstructed-first"
                            />
                        </div>
                    </td>
                    <td>
                        <div class="compare-image">
                            <ImageGrid
                                images=reconstruction(1)
                                shape=shape
                                columns=1
                                label="The reconstruction by the second model"
                                test_id="compare-reconstructed-second"
                            />
                        </div>
                    </td>
                </tr>
                {rows.into_iter().collect_view()}
            </tbody>
        </table>
        <p class="hint">
            "In nats. Expectations are means over "
            {SAMPLES}
            " samples of q(z|x), with their standard errors. Figures of different likelihoods, or of grey and binarized \
             pixels, cannot be compared."
        </p>
        <p class="start-error" role="status">{problems}</p>
    }
}

/// KL of each dimension of one model, on the scale of the larger of both.
#[component]
fn KlBars(side: Side, at: usize, results: ReadSignal<Result2>) -> impl IntoView {
    let rows = move || {
        results.with(|results| {
            let kl = |result: &Option<std::result::Result<Figures, String>>| match result {
                Some(Ok(figures)) => figures.kl.clone(),
                _ => Vec::new(),
            };
            let all = results.iter().flat_map(kl);
            let largest = all.fold(1e-9, f64::max);
            let own = kl(&results[at]);
            let more = own.len().saturating_sub(MOST_DIMENSIONS);
            let bars = own.into_iter().take(MOST_DIMENSIONS).enumerate();
            let bars = bars.map(|(index, kl)| {
                view! {
                    <div class="kl-row">
                        <span>{latent::symbol(index)}</span>
                        <span class="kl-track">
                            <span class="kl-part" style:width=format!("{:.2}%", 100.0 * kl / largest)></span>
                        </span>
                        <span>{nats(kl)}</span>
                    </div>
                }
            });
            let bars = bars.collect_view();
            let more = (more > 0).then(|| view! { <p class="hint">{format!("and {more} more")}</p> });
            view! { {bars} {more} }.into_any()
        })
    };
    view! {
        <div class="compare-side">
            <p class="row-label">"KL per dimension"</p>
            <div class="kl-rows" data-testid=format!("compare-kl-bars-{}", side.id)>{rows}</div>
        </div>
    }
}

/// The plane of z₁ and z₂, other dimensions 0, from the lower left to the upper right.
fn plane(size: usize) -> Vec<f32> {
    let step = 2.0 * MAP_LIMIT / (MAP_SIDE - 1) as f32;
    let places = (0..MAP_SIDE * MAP_SIDE).map(|at| {
        let (row, column) = (at / MAP_SIDE, at % MAP_SIDE);
        [
            column as f32 * step - MAP_LIMIT,
            MAP_LIMIT - row as f32 * step,
        ]
    });
    places.flat_map(|place| resized(&place, size)).collect()
}

/// A model's map.
#[component]
fn Map(side: Side) -> impl IntoView {
    let label = expect_context::<Label>();
    let images = RwSignal::new(None);
    let latest = StoredValue::new(0_u32);
    Effect::new(move |_| {
        side.view.generation.track();
        label.input();
        let size = size(side.view);
        latest.update_value(|latest| *latest += 1);
        let number = latest.get_value();
        if size == 0 {
            return;
        }
        spawn_local(async move {
            if let Ok(decoded) = side.actions.decode_batch(plane(size)).await
                && latest.try_get_value() == Some(number)
            {
                images.try_set(Some((decoded.shape, decoded.images)));
            }
        });
    });
    view! {
        <div class="compare-side">
            <p class="row-label">
                {latent::symbol(0)} " and " {latent::symbol(1)} " from −2.5 to 2.5, other dimensions 0"
            </p>
            {move || {
                images
                    .get()
                    .map(|(shape, images)| {
                        view! {
                            <div class="compare-map">
                                <ImageGrid
                                    images
                                    shape
                                    columns=MAP_SIDE
                                    label="Images that this model decodes on the plane"
                                    test_id=if side.id == "first" { "compare-map-first" } else { "compare-map-second" }
                                />
                            </div>
                        }
                    })
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plane_goes_from_the_upper_left_to_the_lower_right() {
        let z = plane(3);
        assert_eq!(z.len(), 3 * MAP_SIDE * MAP_SIDE);
        assert_eq!(z[..3], [-MAP_LIMIT, MAP_LIMIT, 0.0]);
        assert_eq!(z[z.len() - 3..], [MAP_LIMIT, -MAP_LIMIT, 0.0]);
        assert_eq!(plane(1)[..2], [-2.5, -2.0]);
    }

    #[test]
    fn resized_keeps_the_first_values() {
        assert_eq!(resized(&[1.0, 2.0], 3), [1.0, 2.0, 0.0]);
        assert_eq!(resized(&[1.0, 2.0], 1), [1.0]);
    }
}
