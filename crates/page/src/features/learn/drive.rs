//! Chapters set model, z and image, and the reader's own state comes back when they leave.

use crate::dom;
use crate::features::learn::state::{LearnState, ReaderImage};
use crate::state::actions::Actions;
use crate::state::engine_view::{EngineView, Image};
use crate::state::latent_vector::LatentVector;
use crate::state::notices::Notices;
use course::Action;
use leptos::prelude::*;

/// What a chapter changes.
#[derive(Debug, Clone, PartialEq)]
struct Snapshot {
    model: String,
    z: Vec<f32>,
    playing: bool,
    image: Option<Image>,
}

/// A z that waits for its model.
#[derive(Debug, Clone, PartialEq)]
struct Pending {
    model: String,
    z: Vec<f32>,
    playing: bool,
}

/// Sets the page's state for chapters. It lives as long as the page, because a model may arrive after the panel was
/// closed.
#[derive(Clone, Copy)]
pub(crate) struct Driver {
    actions: Actions,
    view: EngineView,
    latent: LatentVector,
    notices: Notices,
    learn: LearnState,
    snapshot: StoredValue<Option<Snapshot>>,
    pending: RwSignal<Option<Pending>>,
}

impl Driver {
    /// A driver of these signals.
    pub(crate) fn new(
        actions: Actions,
        view: EngineView,
        latent: LatentVector,
        notices: Notices,
        learn: LearnState,
    ) -> Self {
        let driver = Self {
            actions,
            view,
            latent,
            notices,
            learn,
            snapshot: StoredValue::new(None),
            pending: RwSignal::new(None),
        };
        Effect::new(move |_| driver.settle());
        driver
    }

    /// Remembers the reader's state, unless it is remembered already.
    pub(crate) fn remember(self) {
        if self.snapshot.with_value(Option::is_some) {
            return;
        }
        let snapshot = untrack(|| Snapshot {
            model: self.actions.model(),
            z: self.latent.z(),
            playing: self.latent.playing(),
            image: self
                .view
                .encoded
                .with(|encoded| encoded.as_ref().map(|encoded| Image::clone(&encoded.image))),
        });
        self.snapshot.set_value(Some(snapshot));
    }

    /// Restores the reader's state.
    pub(crate) fn restore(self) {
        let Some(snapshot) = self.snapshot.try_update_value(Option::take).flatten() else {
            return;
        };
        self.actions.encode(snapshot.image);
        if untrack(|| self.actions.model()) != snapshot.model {
            self.actions.select_model(&snapshot.model);
        }
        self.pending.set(Some(Pending {
            model: snapshot.model,
            z: snapshot.z,
            playing: snapshot.playing,
        }));
    }

    /// Runs the actions of a hook. `keep` is whether to leave model and z as they are.
    pub(crate) fn run(self, hook: &[Action], keep: [bool; 2]) {
        let [keep_model, keep_z] = keep;
        let mut model = untrack(|| self.actions.model());
        for action in hook {
            match action {
                Action::Model(_) if keep_model => {}
                Action::Model(name) => {
                    if model != *name {
                        self.actions.select_model(name);
                        model.clone_from(name);
                    }
                }
                Action::Z(_) if keep_z => {}
                Action::Z(z) => self.pending.set(Some(Pending {
                    model: model.clone(),
                    z: z.clone(),
                    playing: false,
                })),
                Action::Digit(class, index) => {
                    if self.learn.image.with_untracked(Option::is_none) {
                        let digit = ReaderImage::Digit((*class, *index));
                        self.learn.image.set(Some(digit));
                    }
                }
                Action::Play => self.latent.set_playing(true),
                Action::Stop => self.latent.set_playing(false),
                // The chapter's view does it for as long as it is open.
                Action::Follow => {}
                Action::Say(text) => self.notices.show_briefly(text.clone()),
            }
        }
    }

    /// Sets the waiting z once its model is there.
    fn settle(self) {
        let current = self.actions.current_model();
        let loading = self.view.loading.get();
        let size = self.latent.size();
        let Some(pending) = self.pending.get() else {
            return;
        };
        if loading.is_some() || current.as_ref() != Some(&pending.model) || size != pending.z.len()
        {
            return;
        }
        self.pending.set(None);
        self.latent.set(pending.z, dom::now());
        if pending.playing {
            self.latent.set_playing(true);
        }
    }
}
