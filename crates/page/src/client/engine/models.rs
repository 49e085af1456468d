//! Models: which one is wanted, on its way, in use, and newer than the one in use.

use crate::client::engine::{EngineError, Inner, Owed, Wanted, WorkerId};
use crate::client::model_files;
use crate::client::model_files::ModelFiles;
use crate::state::latent_vector::LatentPoint;
use leptos::{
    logging,
    prelude::{GetUntracked as _, Set as _, WithUntracked as _},
};
use protocol::{ModelInfo, Request};
use std::rc::Rc;

impl Inner {
    pub(crate) fn want(&mut self, name: &str) {
        self.view.error.set(None);
        if matches!(self.wanted, Some(Wanted::Loading(_))) {
            self.picked_since = Some(name.to_owned());
            return;
        }
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.name == name)
        {
            // Back to the one in use, before the other one arrived.
            self.set_wanted(None);
            return;
        }
        let at_hand = self.fetched.iter().find(|files| files.name == name);
        if let Some(files) = self.find_own(name).or_else(|| at_hand.cloned()) {
            self.set_wanted(Some(Wanted::Arrived(files)));
            self.load_wanted();
            return;
        }
        self.set_wanted(Some(Wanted::Fetching(name.to_owned())));
        let me = self.me.clone();
        let name = name.to_owned();
        wasm_bindgen_futures::spawn_local(async move {
            let result = model_files::fetch_model(&name).await;
            let Some(inner) = me.upgrade() else { return };
            let mut inner = inner.borrow_mut();
            match result {
                Ok(files) => inner.arrived(files),
                // Somebody may have picked another one meanwhile.
                Err(error) if inner.fetches(&name) => {
                    inner.wanted_failed(name, error.to_string());
                }
                Err(_) => {}
            }
        });
    }

    pub(crate) fn fetches(&self, name: &str) -> bool {
        matches!(&self.wanted, Some(Wanted::Fetching(wanted)) if wanted == name)
    }

    pub(crate) fn arrived(&mut self, files: ModelFiles) {
        let files = Rc::new(files);
        self.fetched.retain(|other| other.name != files.name);
        self.fetched.push(files.clone());
        if self.fetches(&files.name) {
            self.set_wanted(Some(Wanted::Arrived(files)));
            self.load_wanted();
        }
    }

    /// Hands the wanted model to the worker that draws, once both are there.
    pub(crate) fn load_wanted(&mut self) {
        let (Some(id), Some(Wanted::Arrived(files))) = (self.active, &self.wanted) else {
            return;
        };
        let files = files.clone();
        // From here on the worker may decode with either model, so nothing is asked of it.
        self.hold();
        self.wanted = Some(Wanted::Loading(files.clone()));
        self.send_model(id, files, Owed::Wanted);
    }

    pub(crate) fn send_model(&mut self, id: WorkerId, files: Rc<ModelFiles>, owed: Owed) {
        let (card, weights) = (files.card.clone(), files.weights.clone());
        if let Some(seat) = self.workers.get_mut(&id) {
            seat.model = Some(files);
        }
        self.send(id, owed, Request::LoadModel { card, weights });
    }

    pub(crate) fn wanted_loaded(&mut self, model: protocol::ModelInfo) {
        let Some(Wanted::Loading(files)) = &self.wanted else {
            return;
        };
        if files.name != model.name {
            logging::warn!("{} calls itself {}", files.name, model.name);
        }
        self.current = Some(files.clone());
        let model = protocol::ModelInfo {
            name: files.name.clone(),
            ..model
        };
        self.view.model.set(Some(model));
        self.set_wanted(None);
        // It may have been overtaken while it was loaded.
        self.newer = self
            .current
            .as_ref()
            .and_then(|current| self.newer_than(current));
        self.resume();
        self.want_next();
        self.send_newer();
    }

    /// The wanted model is not to be had; the one in use stays.
    pub(crate) fn wanted_failed(&mut self, name: String, message: String) {
        // What was fetched may have been broken on the way.
        self.fetched.retain(|files| files.name != name);
        if let (Some(id), Some(current)) = (self.active, self.current.clone())
            && let Some(seat) = self.workers.get_mut(&id)
        {
            seat.model = Some(current);
        }
        self.set_wanted(None);
        self.view
            .error
            .set(Some(EngineError::Model { name, message }));
        self.want_next();
    }

    pub(crate) fn find_own(&self, name: &str) -> Option<Rc<ModelFiles>> {
        self.own.iter().find(|files| files.name == name).cloned()
    }

    pub(crate) fn newer_than(&self, files: &Rc<ModelFiles>) -> Option<Rc<ModelFiles>> {
        self.find_own(&files.name)
            .filter(|own| !Rc::ptr_eq(own, files))
    }

    pub(crate) fn adopt(&mut self, files: ModelFiles, info: &ModelInfo) {
        let files = Rc::new(files);
        self.own.retain(|own| own.name != files.name);
        self.own.push(files.clone());
        let in_use = self
            .view
            .model
            .get_untracked()
            .filter(|model| model.name == files.name);
        match in_use {
            Some(model)
                if (model.latent_size, model.classes) == (info.latent_size, info.classes) =>
            {
                self.newer = Some(files);
                self.send_newer();
            }
            Some(_) if !matches!(self.wanted, Some(Wanted::Loading(_))) => {
                // Another model under the same name: z changes with it, so pictures must wait.
                self.newer = None;
                self.set_wanted(Some(Wanted::Arrived(files)));
                self.load_wanted();
            }
            // Another model's turn; this one is at hand when it is picked.
            _ => {}
        }
    }

    /// Sends the newest state of the model in use to the worker that draws, one at a time. Pictures
    /// flow on: each is decoded with the state that was there when its z arrived.
    pub(crate) fn send_newer(&mut self) {
        if self.adopting.is_some() || matches!(self.wanted, Some(Wanted::Loading(_))) {
            return;
        }
        let Some(id) = self.active else { return };
        if let Some(files) = self.newer.take() {
            self.adopting = Some(files.clone());
            self.send_model(id, files, Owed::Adopted);
        }
    }

    pub(crate) fn adopted(&mut self, id: WorkerId, model: protocol::ModelInfo) {
        let Some(files) = self.adopting.take() else {
            return;
        };
        let still_in_use = self
            .current
            .as_ref()
            .is_some_and(|current| current.name == files.name);
        if self.active == Some(id) && still_in_use {
            self.current = Some(files);
            if self
                .view
                .model
                .with_untracked(|before| before.as_ref() != Some(&model))
            {
                self.view.model.set(Some(model));
            }
            if let Some(point) = self.last_point.clone() {
                self.latest.put_if_empty(LatentPoint {
                    by_user: false,
                    ..point
                });
            }
            self.drop_errands();
            self.pump();
            self.encode_again();
        }
        self.send_newer();
    }

    /// Turns to what was picked meanwhile.
    pub(crate) fn want_next(&mut self) {
        if let Some(name) = self.picked_since.take() {
            self.want(&name);
        }
    }

    pub(crate) fn set_wanted(&mut self, wanted: Option<Wanted>) {
        self.view
            .loading
            .set(wanted.as_ref().map(|wanted| wanted.name().to_owned()));
        self.wanted = wanted;
    }
}
