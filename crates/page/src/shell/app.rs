//! The whole page: its state, the effects that keep it consistent, and its parts.

use crate::dom;
use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::file_importer::FileImporter;
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::decoder::play_button;
use crate::features::decoder::playback::animate_while_playing;
use crate::features::evidence;
use crate::features::evidence::query_sequence::PRIOR_ROUND;
use crate::features::evidence::state::EvidenceState;
use crate::features::explore;
use crate::features::explore::pins::Pins;
use crate::features::explore::state::ExploreState;
use crate::features::latent_map::encode_points::encode_points;
use crate::features::latent_map::plane::PlaneOverlays;
use crate::features::latent_map::state::{LatentMapOptions, LatentMapState};
use crate::features::learn::drive::Driver;
use crate::features::learn::state::LearnState;
use crate::features::train::actions::TrainActions;
use crate::features::train::training_runner::TrainingRunner;
use crate::features::user_model::import::address::state::AddressImport;
use crate::features::user_model::import::importer::ModelImporter;
use crate::features::user_model::import::report::ImportReport;
use crate::platform::browser::Browser;
use crate::platform::first_digit::FirstDigit;
use crate::shell::collapse::Layout;
use crate::shell::embed;
use crate::shell::interruption_notice::announce_interrupted_run;
use crate::shell::notices::NoticeList;
use crate::shell::offline;
use crate::shell::page_state::PageState;
use crate::shell::persistence::start_persistence;
use crate::shell::persistence::writer::PersistenceWriter;
use crate::shell::stage::Stage;
use crate::shell::tabs::panels::Panels;
use crate::shell::tabs::tab::{OpenTab, Tab};
use crate::shell::tabs::{OpenPanel, Tabs, focus_panels};
use crate::shell::top_bar::TopBar;
use crate::shell::tour::TourStrip;
use crate::shell::tour::state::Tour;
use crate::shell::url;
use crate::shell::url::state::UrlState;
use crate::state::actions::{Actions, UserModelChange};
use crate::state::catalog::Catalog;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::state::latent_vector::LatentVector;
use crate::state::notices::Notices;
use crate::state::save_status::SaveStatus;
use crate::state::signals;
use crate::state::training::TrainingView;
use client::EngineClient;
use leptos::{ev, prelude::*};
use protocol::TrainedModel;
use std::{rc::Rc, time::Duration};
use wasm_bindgen::JsCast;

/// The time after the last change before the address is written: browsers limit how often it may change.
const ADDRESS_DELAY: Duration = Duration::from_millis(300);

/// The page.
#[component]
pub(crate) fn App(
    /// The included models.
    catalog: Catalog,
    /// User models of earlier visits that are needed from the start.
    user_models: Vec<TrainedModel>,
    /// What was shown while the page was loading.
    first_digit: FirstDigit,
) -> impl IntoView {
    let known = user_models
        .iter()
        .fold(catalog.clone(), |mut known, model| {
            let info = &model.info;
            known.add_user_model(&info.name, info.latent_size, info.classes);
            known
        });
    let (opened_with, problems) = url::read(&known);
    let size = opened_with
        .model
        .as_deref()
        .and_then(|name| known.find(name))
        .unwrap_or(known.default_entry())
        .latent_size;

    let view = EngineView::new();
    let notices = Notices::new();
    // What a person has moved meanwhile is newer than the address.
    let moved = first_digit.z.filter(|z| z.len() == size);
    let latent = LatentVector::new(size, moved.or(opened_with.z.clone()));
    let label = Label::new(opened_with.label);
    let map = LatentMapState::new(LatentMapOptions::from(&opened_with), latent, view);
    let pins = Pins::new(opened_with.pins.clone());
    let actions = Actions::new(
        EngineClient::new(
            Rc::new(Browser::new(first_digit.decoder)),
            move |classes| label.weights_untracked(classes),
            signals::publish(view, notices),
        ),
        catalog,
        view,
        opened_with.backend,
        opened_with.model.clone(),
    );
    let tab = OpenTab::new(opened_with.tab);
    let learn = LearnState::new(
        &opened_with.learn,
        linked_for_chapters(&opened_with, &known),
    );
    let file_import = FileImportState::new();
    let digits = ImageSet::new();
    let importer = StoredValue::new_local(FileImporter::new(file_import, digits));
    let samples = SampleLoader::new(importer);
    let model_importer = ModelImporter::new(actions, importer, samples);
    let address = AddressImport::new(
        model_importer,
        opened_with.address.clone(),
        opened_with.address_z.clone(),
    );
    let page = PageState {
        actions,
        latent,
        label,
        map,
        pins,
        tab,
        learn,
        address,
        unused_query: StoredValue::new(opened_with.unknown),
    };
    user_models
        .into_iter()
        .for_each(|model| actions.restore_model(model));
    provide_context(file_import);
    provide_context(importer);
    provide_context(model_importer);
    provide_context(address);
    provide_context(samples);
    let training = TrainingView::new();
    let runner = TrainingRunner::new(training, notices, move |model, first| {
        let name = model.info.name.clone();
        actions.add_model(model);
        if first {
            // A new run shows the model that it trains.
            actions.select_model(&name);
        }
    });
    let train_actions = TrainActions::new(runner, actions, view, training, digits);
    for problem in problems {
        notices.show(problem);
    }
    provide_context(view);
    provide_context(notices);
    provide_context(latent);
    provide_context(label);
    provide_context(actions);
    provide_context(tab);
    let panels = Panels::new();
    provide_context(panels);
    panels.fetch_when_idle(view);
    provide_context(learn);
    provide_context(page);
    provide_context(digits);
    provide_context(map);
    provide_context(PlaneOverlays(plane_overlays));
    provide_context(EvidenceState::new(PRIOR_ROUND));
    provide_context(pins);
    provide_context(ExploreState::new(latent, pins, view));
    provide_context(training);
    provide_context(Tour::new());
    provide_context(train_actions);

    let save_status = SaveStatus::new();
    provide_context(save_status);
    let writer = PersistenceWriter::new(notices, save_status);
    let embedded = embed::is_embedded();
    if !embedded || embed::may_store() {
        start_persistence(
            &writer,
            actions,
            digits,
            train_actions,
            training,
            learn.progress,
        );
    }
    if embedded {
        embed::report_height();
    }
    offline::start(view, !embedded);
    provide_context(StoredValue::new_local(writer));
    announce_interrupted_run(tab, training, notices);
    encode_points(actions, view, map, digits, samples);
    resize_with_model(view, latent, pins);
    rename_with_model(actions, latent);
    set_linked_z(address, view, latent);
    // After the effect above, so that z has the model's size when a chapter's z is set.
    provide_context(Driver::new(actions, view, latent, notices, learn));
    write_address_on_change(page);
    animate_while_playing(latent);
    stop_playback_when_training(training, latent);
    actions.decode_on_change(latent, label);
    actions.start();

    // Using any control of z stops its playback at once.
    let stop_playback = move |event: &web_sys::Event| {
        if is_control(event) {
            latent.set_playing(false);
        }
    };
    let stop_playback_by_key = move |event: ev::KeyboardEvent| {
        let ignored = ["Tab", "Shift", "Control", "Alt", "Meta", "Escape"];
        if !ignored.contains(&event.key().as_str()) {
            stop_playback(&event);
        }
    };
    let layout = Layout::new();
    let is_reported = move || {
        let has_error = model_importer.error.with(Option::is_some);
        has_error || model_importer.imported.with(Option::is_some)
    };
    layout.follow(tab, panels, move || address.is_pending(), is_reported);
    let skip = move |event: ev::MouseEvent| {
        event.prevent_default();
        focus_panels();
    };
    view! {
        <div
            class="page"
            class:embedded=embedded
            class:presenting=learn.presenting
            on:pointerdown=move |event| stop_playback(&event)
            on:change=move |event| stop_playback(&event)
            on:keydown=stop_playback_by_key
        >
            <a class="skip-link" href="#tabs" on:click=skip>
                "Skip to the panels"
            </a>
            <TopBar />
            <TourStrip />
            <ImportReport />
            <main
                node_ref=layout.main
                class:with-panel=move || tab.get().is_some()
                data-panel=move || tab.get().map(Tab::name)
            >
                <div class="stage-box" node_ref=layout.stage>
                    <Stage />
                    <Tabs node_ref=layout.tabs />
                </div>
                <OpenPanel />
            </main>
            <NoticeList />
        </div>
    }
}

/// The layers of the panels on the latent plane, from bottom to top.
fn plane_overlays() -> AnyView {
    view! {
        {evidence::plane_layers::plane_layers()}
        {explore::plane_layers::plane_layers()}
    }
    .into_any()
}

/// Whether the event is on a control of z other than the playback button. The panels don't change z by themselves.
fn is_control(event: &web_sys::Event) -> bool {
    const CONTROLS: &str = "input, select, button:not(.term), .plane-area";
    const PANELS: &str = ".tabs, .panel";
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .filter(|element| !matches!(element.closest(PANELS), Ok(Some(_))))
        .and_then(|element| element.closest(CONTROLS).ok().flatten())
        .is_some_and(|control| control.id() != play_button::ID)
}

/// Whether the address names a model, and whether it names a z, that chapters keep. They are about digits, so they replace
/// a model of other images.
fn linked_for_chapters(opened_with: &UrlState, known: &Catalog) -> [bool; 2] {
    let entry = opened_with
        .model
        .as_deref()
        .and_then(|name| known.find(name));
    let digits = SampleSet::Digits.name();
    let is_of_others =
        entry.is_some_and(|entry| entry.data.as_deref().is_some_and(|data| data != digits));
    [
        entry.is_some() && !is_of_others,
        opened_with.z.is_some() && !is_of_others,
    ]
}

/// Gives z the size of the current model, and removes pins of another size.
fn resize_with_model(view: EngineView, latent: LatentVector, pins: Pins) {
    Effect::new(move |before: Option<Option<(String, usize)>>| {
        let now = view.model_key();
        if let Some((name, size)) = &now {
            let before = before.flatten().map(|(name, _)| name).unwrap_or_default();
            latent.change_model(&before, name, *size);
            pins.retain_size(*size);
        }
        now
    });
}

/// Sets the z of the page's address once the model that the address names is there.
fn set_linked_z(address: AddressImport, view: EngineView, latent: LatentVector) {
    Effect::new(move |_| {
        let Some(model) = view.model.get() else {
            return;
        };
        if let Some(text) = address.take_z(&model.name)
            && let Some(z) = url::parse::latent_vector(&text, model.latent_size)
        {
            latent.set(z, dom::now());
        }
    });
}

/// Keeps the z of a user model when it gets another name.
fn rename_with_model(actions: Actions, latent: LatentVector) {
    Effect::new(move |_| {
        if let Some(UserModelChange::Renamed { from, model }) = actions.user_model_changes().get() {
            latent.rename_model(&from, &model.info.name);
        }
    });
}

/// Stops playback when a run begins: decoding sixty images per second takes a third of the training speed on a
/// small machine. It can be started again.
fn stop_playback_when_training(training: TrainingView, latent: LatentVector) {
    let live = Memo::new(move |_| training.status.get().is_live());
    Effect::new(move |_| {
        if live.get() {
            latent.set_playing(false);
        }
    });
}

/// Writes the state to the address when it changes, except for z during playback.
fn write_address_on_change(page: PageState) {
    let timeout = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |before: Option<UrlState>| {
        let mut state = page.url_state();
        if page.latent.playing() {
            // The z before playback, if it belongs to the same model.
            state.z = before
                .as_ref()
                .filter(|before| before.model == state.model)
                .and_then(|before| before.z.clone());
        }
        if before.is_some_and(|before| before != state) {
            if let Some(handle) = timeout.try_update_value(Option::take).flatten() {
                handle.clear();
            }
            let state = state.clone();
            let write = move || url::write(&state);
            timeout.set_value(set_timeout_with_handle(write, ADDRESS_DELAY).ok());
        }
        state
    });
}
