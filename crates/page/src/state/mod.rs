//! What the page knows, as signals. Components read them; the methods here are the only ways to
//! write them.

mod digit_list;
mod digit_set;
mod engine_view;
mod evidence_view;
mod glide;
mod label;
mod latent;
mod map_view;
mod notices;
mod pins;
mod theme;
mod training_view;

pub(crate) use digit_list::{DigitList, PIXELS};
pub(crate) use digit_set::DigitSet;
pub(crate) use engine_view::{Encoded, EngineView, Frame, Image, Trouble};
pub(crate) use evidence_view::EvidenceView;
pub(crate) use glide::glide_while_asked;
pub(crate) use label::{Label, Told};
pub(crate) use latent::{Latent, Point};
pub(crate) use map_view::{Axes, MapOpened, MapView, PointSource};
pub(crate) use notices::{Notice, Notices};
pub(crate) use pins::{MAX_PINS, Pins};
pub(crate) use theme::Theme;
pub(crate) use training_view::{Checkpoint, Divergence, RunFacts, TrainingView};
