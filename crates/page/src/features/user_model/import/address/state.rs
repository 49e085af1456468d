//! The model that the page's address names, from the question to its import.

use super::fetch::{FetchError, Progress, fetch};
use super::location::Location;
use crate::features::user_model::import::importer::ModelImporter;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::NamedFile;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The user is asked, unless the file is served with the page: then it is fetched at once.
    Asked(Location),
    /// The file is fetched.
    Fetching(Location),
    /// The file could not be fetched, and why.
    Failed(Location, String),
}

/// The model of the page's address; clones are the same.
#[derive(Clone, Copy)]
pub(crate) struct AddressImport {
    importer: ModelImporter,
    /// `None` if the address names no file, or if it is fetched or declined.
    pub(crate) stage: RwSignal<Option<Stage>>,
    /// How much of the file has arrived; `None` before the host's answer.
    pub(crate) progress: RwSignal<Option<Progress>>,
    /// The address as it was given, and the name of the model that it became: links to the page keep it as long as the
    /// model is current.
    linked: RwSignal<Option<(String, Option<String>)>>,
    /// The latent vector of the page's address, until it is set.
    z: RwSignal<Option<String>>,
    stop: StoredValue<Option<AbortController>, LocalStorage>,
}

impl AddressImport {
    /// The model of this address. Nothing is requested yet: that is left to the view, which is in a chunk.
    pub(crate) fn new(importer: ModelImporter, address: Option<String>, z: Option<String>) -> Self {
        let state = Self {
            importer,
            stage: RwSignal::new(None),
            progress: RwSignal::new(None),
            linked: RwSignal::new(None),
            z: RwSignal::new(z),
            stop: StoredValue::new_local(None),
        };
        let Some(address) = address else {
            return state;
        };
        match Location::parse(&address, &origin()) {
            Ok(location) => {
                state.linked.set(Some((address, None)));
                state.stage.set(Some(Stage::Asked(location)));
            }
            Err(reason) => importer.error.set(Some(format!(
                "The model of the address, {address}, is not fetched: {reason}."
            ))),
        }
        state
    }

    /// Whether the file is not there yet, and not declined.
    pub(crate) fn is_pending(&self) -> bool {
        self.linked
            .with(|linked| linked.as_ref().is_some_and(|(_, name)| name.is_none()))
    }

    /// The latent vector of the page's address, as long as the model is not there.
    pub(crate) fn z(&self) -> Option<String> {
        self.z.get()
    }

    /// The same once, when this model is current.
    pub(crate) fn take_z(&self, current: &str) -> Option<String> {
        let is_current = self.linked.with(|linked| {
            let name = linked.as_ref().and_then(|(_, name)| name.as_deref());
            name == Some(current)
        });
        let z = self.z.get_untracked().filter(|_| is_current)?;
        self.z.set(None);
        Some(z)
    }

    /// The address in place of the name of the current model, in links to the page: until the file is there, and while the
    /// model that it became is current.
    pub(crate) fn in_links(&self, current: Option<&str>) -> Option<String> {
        self.linked.with(|linked| {
            let (address, name) = linked.as_ref()?;
            let applies = match name {
                Some(name) => current == Some(name),
                None => true,
            };
            applies.then(|| address.clone())
        })
    }

    /// Fetches the file and imports it. It is not stored until the user keeps it.
    pub(crate) fn fetch(self, location: Location) {
        let Ok(stop) = AbortController::new() else {
            return;
        };
        self.stop.set_value(Some(stop.clone()));
        self.progress.set(None);
        self.stage.set(Some(Stage::Fetching(location.clone())));
        spawn_local(async move {
            let report = |progress| self.progress.set(Some(progress));
            let weights = match fetch(&location.address, &stop, report).await {
                Ok(bytes) => NamedFile {
                    name: location.file.clone(),
                    bytes,
                },
                Err(FetchError::Stopped) => return self.decline(),
                Err(error) => {
                    return self
                        .stage
                        .set(Some(Stage::Failed(location, error.to_string())));
                }
            };
            let mut files = vec![weights];
            // A card beside the weights is welcome, but not necessary.
            if let Some(card) = location.card()
                && let Ok(bytes) = fetch(&card, &stop, |_| {}).await
                && bytes.trim_ascii_start().starts_with(b"{")
            {
                let name = format!("{}.json", location.file);
                files.push(NamedFile { name, bytes });
            }
            self.stage.set(None);
            self.importer.add(files, false).await;
            let imported = self.importer.imported.get_untracked();
            match imported {
                Some(imported) => self.linked.update(|linked| {
                    if let Some((_, name)) = linked {
                        *name = Some(imported.name);
                    }
                }),
                None => self.decline(),
            }
        });
    }

    /// Stops the fetch, which then ends as if it had been declined.
    pub(crate) fn stop(self) {
        self.stop.with_value(|stop| {
            if let Some(stop) = stop {
                stop.abort();
            }
        });
    }

    /// Leaves the model where it is.
    pub(crate) fn decline(self) {
        self.stage.set(None);
        self.linked.set(None);
        self.z.set(None);
    }
}

/// The page's origin.
fn origin() -> String {
    web_sys::window()
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default()
}
