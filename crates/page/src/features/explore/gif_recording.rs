//! A walk as an animated GIF.

use crate::client::files::IntakeClient;
use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::latent::interpolation::Walk;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::alert::Alert;
use leptos::{prelude::*, reactive::owner::LocalStorage};

/// Hundredths of a second for a picture; what a GIF counts in.
const DELAY: u16 = 4;
/// The most pictures: of a longer walk, fewer a second are taken.
const MOST: usize = 250;
/// As many as that a second at least, or it is no motion any more.
const LEAST_A_SECOND: f64 = 8.0;
/// Pixels for each of the decoder's.
const TIMES: usize = 8;
/// Pictures decoded at a time.
const BATCH: usize = 25;

/// When pictures are taken: how many, and the hundredths of a second that each stands for.
///
/// # Errors
/// For a walk that is too long.
fn timing(seconds: f64) -> Result<(usize, u16), String> {
    let count = (seconds * 100.0 / f64::from(DELAY)).round().max(1.0);
    if count <= MOST as f64 {
        return Ok((count as usize, DELAY));
    }
    let delay = (seconds * 100.0 / MOST as f64).ceil();
    if delay > 100.0 / LEAST_A_SECOND {
        let most = MOST as f64 / LEAST_A_SECOND;
        return Err(format!(
            "One round of this walk takes {seconds:.0} s, and a GIF at most {most:.0} s. Make the legs \
             shorter, or remove some pins."
        ));
    }
    Ok(((seconds * 100.0 / delay).round() as usize, delay as u16))
}

/// The button that saves one round of a walk.
#[component]
pub(crate) fn Record(
    /// The walk that would be gone now; none where there are too few pins.
    walk: Signal<Option<Walk>>,
) -> impl IntoView {
    let recorder = Recorder {
        actions: expect_context(),
        view: expect_context(),
        intake: expect_context(),
        done: RwSignal::new(None),
        problem: RwSignal::new(None),
    };
    let says = move || match recorder.done.get() {
        Some((done, all)) if done < all => format!("Drawing {done} of {all}…"),
        Some(_) => "Writing…".to_owned(),
        None => String::new(),
    };
    let start = move |_| {
        if let Some(walk) = walk.get_untracked() {
            recorder.start(&walk);
        }
    };
    view! {
        <button
            type="button"
            data-testid="walk-gif"
            disabled=move || walk.with(Option::is_none) || recorder.done.with(Option::is_some)
            on:click=start
        >
            "Save as GIF"
        </button>
        <span class="map-status" role="status" data-testid="walk-gif-status">
            {says}
        </span>
        <Alert message=recorder.problem />
    }
}

#[derive(Clone, Copy)]
struct Recorder {
    actions: Actions,
    view: EngineView,
    intake: StoredValue<IntakeClient, LocalStorage>,
    /// How many pictures there are, and of how many, while it is at work.
    done: RwSignal<Option<(usize, usize)>>,
    problem: RwSignal<Option<String>>,
}

impl Recorder {
    fn start(self, walk: &Walk) {
        self.problem.set(None);
        let (count, delay) = match timing(walk.seconds()) {
            Ok(timing) => timing,
            Err(why) => return self.problem.set(Some(why)),
        };
        let seconds = walk.seconds();
        let z: Vec<Vec<f32>> = (0..count)
            .filter_map(|at| walk.at(seconds * at as f64 / count as f64))
            .collect();
        self.done.set(Some((0, z.len())));
        self.go_on(z, Vec::new(), delay);
    }

    /// Decodes the next pictures, and writes them all when they are there.
    fn go_on(self, z: Vec<Vec<f32>>, pixels: Vec<u8>, delay: u16) {
        let done = pixels.len() / PIXELS;
        // Gone with its panel.
        if self.done.try_set(Some((done, z.len()))).is_some() {
            return;
        }
        if done == z.len() {
            return self.write(pixels, delay);
        }
        let batch: Vec<f32> = z.iter().skip(done).take(BATCH).flatten().copied().collect();
        self.actions.decode_batch(batch, move |more| match more {
            Some(more) if !more.is_empty() && more.len().is_multiple_of(PIXELS) => {
                self.go_on(z, [pixels, more].concat(), delay);
            }
            _ => self.end(Some(
                "The model changed while the walk was drawn; save it once more.".to_owned(),
            )),
        });
    }

    fn write(self, pixels: Vec<u8>, delay: u16) {
        let model = self
            .view
            .model
            .with_untracked(|model| model.as_ref().map(|model| model.name.clone()));
        let name = format!("{}-walk.gif", model.unwrap_or_default());
        self.intake.with_value(|intake| {
            intake.animate(pixels, 28, (TIMES, delay), move |gif| {
                let saved = gif
                    .and_then(|gif| dom::download(&name, &gif).map_err(|why| dom::describe(&why)));
                self.end(
                    saved
                        .err()
                        .map(|why| format!("{name} can’t be saved: {why}.")),
                );
            });
        });
    }

    fn end(self, problem: Option<String>) {
        self.done.try_set(None);
        self.problem.try_set(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_walks_have_twenty_five_pictures_a_second() {
        assert_eq!(timing(2.0), Ok((50, 4)));
        assert_eq!(timing(10.0), Ok((250, 4)));
    }

    #[test]
    fn longer_ones_have_fewer_and_keep_their_time() {
        for seconds in [11.0, 24.0, 30.0] {
            let (count, delay) = timing(seconds).unwrap();
            assert!(count <= MOST && delay > DELAY);
            let lasts = count as f64 * f64::from(delay) / 100.0;
            assert!((lasts - seconds).abs() < 0.2, "{seconds}: {lasts}");
        }
        assert!(timing(48.0).unwrap_err().contains("48 s"));
    }
}
