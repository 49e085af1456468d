//! The state that a link to the page holds, gathered from the signals of features and shell.

use crate::features::explore::pins::Pins;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::state::{Axes, LatentMapState};
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::state::{LearnLink, LearnState};
use crate::features::user_model::import::address::state::AddressImport;
use crate::shell::tabs::tab::{OpenTab, Tab};
use crate::shell::url;
use crate::shell::url::state::UrlState;
use crate::state::actions::Actions;
use crate::state::label::Label;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// The signals that the address is written from.
#[derive(Clone, Copy)]
pub(crate) struct PageState {
    /// Model and backend.
    pub(crate) actions: Actions,
    /// z.
    pub(crate) latent: LatentVector,
    /// The label of a conditional model.
    pub(crate) label: Label,
    /// The latent map.
    pub(crate) map: LatentMapState,
    /// The pins.
    pub(crate) pins: Pins,
    /// The open panel.
    pub(crate) tab: OpenTab,
    /// The Learn panel.
    pub(crate) learn: LearnState,
    /// The model of another address.
    pub(crate) address: AddressImport,
    /// The part of the query that the page does not use, kept as it was.
    pub(crate) unused_query: StoredValue<Vec<(String, String)>>,
}

impl PageState {
    /// The state as the address holds it. Tracks the signals.
    pub(crate) fn url_state(&self) -> UrlState {
        let model = self.actions.current_model();
        let classes = self.actions.classes();
        let address = self.address.in_links(model.as_deref());
        UrlState {
            model: match address.is_some() {
                true => None,
                false => Some(model.unwrap_or_else(|| self.actions.first_model())),
            },
            address,
            address_z: self.address.z().filter(|_| self.address.is_pending()),
            // z is that of another model until the linked one is there.
            z: (!self.address.is_pending()).then(|| self.latent.z()),
            label: (classes > 0).then(|| self.label.in_use(classes)),
            pins: self.pins.all(),
            view: self.viewport(),
            axes: self.axes(),
            scale: self.map.scale.get(),
            backend: self.actions.selected_backend(),
            tab: self.tab.get(),
            learn: match self.tab.get() {
                Some(Tab::Learn) => self.learn.link(),
                _ => LearnLink::default(),
            },
            unknown: self.unused_query.get_value(),
        }
    }

    /// Writes the address and returns it.
    pub(crate) fn link(&self) -> String {
        url::write(&untrack(|| self.url_state()));
        url::href()
    }

    /// The part of the plane in view, unless it is the default one.
    fn viewport(&self) -> Option<Viewport> {
        let view = self.map.viewport.get();
        (view != Viewport::HOME).then_some(view)
    }

    /// The map's axes, as far as the model in use has them.
    fn axes(&self) -> Axes {
        match self.map.axes.get() {
            Axes::Pair(pair) if self.map.slice.with(LatentSlice::pair) != Some(pair) => {
                Axes::LargestKl
            }
            Axes::Principal if self.latent.size() <= 2 => Axes::LargestKl,
            axes => axes,
        }
    }
}
