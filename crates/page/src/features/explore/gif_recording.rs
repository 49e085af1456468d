//! Saves an interpolation as an animated GIF.

use crate::dom;
use crate::features::dataset::file_importer::FileImporter;
use crate::latent::interpolation::InterpolationPath;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::alert::Alert;
use crate::ui::button::Button;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::ImageShape;
use wasm_bindgen_futures::spawn_local;

/// Shortest frame delay in hundredths of a second, the unit of GIF.
const MIN_DELAY: u16 = 4;
/// Largest number of frames; longer paths get a lower frame rate.
const MAX_FRAMES: usize = 250;
/// Lowest frame rate in frames per second.
const MIN_FRAME_RATE: f64 = 8.0;
/// About the length of the GIF's longer side in pixels; each pixel of an image becomes a square of whole pixels.
const SIDE: usize = 224;
/// Images per decoded batch.
const BATCH: usize = 25;

/// The number of frames and their delay in hundredths of a second.
///
/// # Errors
/// If the path is too long for [`MAX_FRAMES`] at [`MIN_FRAME_RATE`].
fn timing(seconds: f64) -> Result<(usize, u16), String> {
    let count = (seconds * 100.0 / f64::from(MIN_DELAY)).round().max(1.0);
    if count <= MAX_FRAMES as f64 {
        return Ok((count as usize, MIN_DELAY));
    }
    let delay = (seconds * 100.0 / MAX_FRAMES as f64).ceil();
    if delay > 100.0 / MIN_FRAME_RATE {
        let longest = MAX_FRAMES as f64 / MIN_FRAME_RATE;
        return Err(format!(
            "This path takes {seconds:.0} s, but a GIF can have at most {longest:.0} s. Make the segments \
             shorter, or remove some pins."
        ));
    }
    Ok(((seconds * 100.0 / delay).round() as usize, delay as u16))
}

/// Pixels of the GIF per pixel of an image, in each direction.
fn scale(shape: ImageShape) -> usize {
    (SIDE / shape.width.max(shape.height)).max(1)
}

/// The button that saves a path, or one round of a loop.
#[component]
pub(crate) fn GifRecording(
    /// The path through the pins; `None` if there are too few pins.
    path: Signal<Option<InterpolationPath>>,
) -> impl IntoView {
    let recorder = Recorder {
        actions: expect_context(),
        view: expect_context(),
        importer: expect_context(),
        progress: RwSignal::new(None),
        problem: RwSignal::new(None),
    };
    let status = move || match recorder.progress.get() {
        Some((done, all)) if done < all => format!("Decoding {done} of {all}…"),
        Some(_) => "Encoding the GIF…".to_owned(),
        None => String::new(),
    };
    let start = move |_| {
        if let Some(path) = path.get_untracked() {
            recorder.start(&path);
        }
    };
    view! {
        <Button
            test_id="walk-gif"
            disabled=move || path.with(Option::is_none) || recorder.progress.with(Option::is_some)
            on_click=start
        >
            "Save as GIF"
        </Button>
        <span class="map-status" role="status" data-testid="walk-gif-status">
            {status}
        </span>
        <Alert message=recorder.problem />
    }
}

#[derive(Clone, Copy)]
struct Recorder {
    actions: Actions,
    view: EngineView,
    importer: StoredValue<FileImporter, LocalStorage>,
    /// Decoded frames and all frames, while recording.
    progress: RwSignal<Option<(usize, usize)>>,
    problem: RwSignal<Option<String>>,
}

impl Recorder {
    fn start(self, path: &InterpolationPath) {
        self.problem.set(None);
        let (count, delay) = match timing(path.seconds()) {
            Ok(timing) => timing,
            Err(error) => return self.problem.set(Some(error)),
        };
        let seconds = path.seconds();
        let z: Vec<Vec<f32>> = (0..count)
            .filter_map(|frame| path.at(seconds * frame as f64 / count as f64))
            .collect();
        self.progress.set(Some((0, z.len())));
        spawn_local(self.record(z, delay));
    }

    /// Decodes all frames in batches, then saves the GIF.
    async fn record(self, z: Vec<Vec<f32>>, delay: u16) {
        let mut pixels = Vec::new();
        let mut shape = None;
        for batch in z.chunks(BATCH) {
            match self.actions.decode_batch(batch.concat()).await {
                Ok(more) if shape.is_none_or(|shape| shape == more.shape) => {
                    shape = Some(more.shape);
                    pixels.extend(more.images);
                }
                _ => {
                    return self.end(Some(
                        "The model changed during the recording. Save the GIF again.".to_owned(),
                    ));
                }
            }
            let done = pixels.len() / shape.map_or(1, |shape| shape.values());
            // The panel was closed.
            if self.progress.try_set(Some((done, z.len()))).is_some() {
                return;
            }
        }
        if let Some(shape) = shape {
            self.save(pixels, shape, delay);
        }
    }

    fn save(self, pixels: Vec<u8>, shape: ImageShape, delay: u16) {
        let model = self
            .view
            .model
            .with_untracked(|model| model.as_ref().map(|model| model.name.clone()));
        let name = format!("{}-walk.gif", model.unwrap_or_default());
        self.importer.with_value(|importer| {
            importer.encode_gif(pixels, shape, (scale(shape), delay), move |gif| {
                let saved = gif.and_then(|gif| {
                    dom::download(&name, &gif).map_err(|error| dom::describe(&error))
                });
                self.end(
                    saved
                        .err()
                        .map(|error| format!("{name} can’t be saved: {error}.")),
                );
            });
        });
    }

    fn end(self, problem: Option<String>) {
        self.progress.try_set(None);
        self.problem.try_set(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_gives_gifs_of_about_the_same_size() {
        assert_eq!(scale(ImageShape::MNIST), 8);
        assert_eq!(scale(ImageShape::color(32, 32)), 7);
        assert_eq!(scale(ImageShape::grey(8, 64)), 3);
    }

    #[test]
    fn timing_gives_25_frames_per_second_to_short_paths() {
        assert_eq!(timing(2.0), Ok((50, 4)));
        assert_eq!(timing(10.0), Ok((250, 4)));
    }

    #[test]
    fn timing_lowers_the_frame_rate_of_long_paths_and_keeps_their_duration() {
        for seconds in [11.0, 24.0, 30.0] {
            let (count, delay) = timing(seconds).unwrap();
            assert!(count <= MAX_FRAMES && delay > MIN_DELAY);
            let duration = count as f64 * f64::from(delay) / 100.0;
            assert!((duration - seconds).abs() < 0.2, "{seconds}: {duration}");
        }
        assert!(timing(48.0).unwrap_err().contains("48 s"));
    }
}
