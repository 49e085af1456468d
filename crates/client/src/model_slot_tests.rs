use super::*;
use protocol::Likelihood;

fn files(name: &str, version: u8) -> ModelFiles {
    ModelFiles {
        name: name.to_owned(),
        card: String::new(),
        weights: vec![version],
    }
}

fn info(name: &str, latent_size: usize) -> ModelInfo {
    ModelInfo {
        name: name.to_owned(),
        latent_size,
        classes: 0,
        image: protocol::ImageShape::MNIST,
        parameters: 1,
        binarized: false,
        likelihood: Likelihood::Bernoulli,
        test_neg_elbo: None,
        kl_per_dimension: vec![],
        class_means: vec![],
    }
}

/// The models that the commands load: name, version and reason.
fn loads(commands: &[Command]) -> Vec<(&str, u8, LoadReason)> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Load(files, reason) => Some((&*files.name, files.weights[0], *reason)),
            _ => None,
        })
        .collect()
}

/// A slot with an active worker and this current model.
fn with_current(name: &str) -> ModelSlot {
    let mut slot = ModelSlot::default();
    slot.handle(Input::WorkerActive(None));
    slot.handle(Input::Select(name.to_owned()));
    let commands = slot.handle(Input::Fetched(files(name, 0)));
    assert_eq!(loads(&commands), [(name, 0, LoadReason::Selected)]);
    assert!(commands.contains(&Command::Pause) && !slot.is_ready());
    let commands = slot.handle(Input::Loaded(info(name, 2)));
    assert_eq!(
        commands,
        [
            Command::Model(info(name, 2)),
            Command::Loading(None),
            Command::Resume
        ]
    );
    slot
}

#[test]
fn model_slot_loads_a_model_once_it_is_fetched_and_a_worker_is_active() {
    let mut slot = ModelSlot::default();
    assert_eq!(
        slot.handle(Input::Select("a".into())),
        [
            Command::Error(None),
            Command::Loading(Some("a".into())),
            Command::Fetch("a".into())
        ]
    );
    assert!(loads(&slot.handle(Input::Fetched(files("a", 0)))).is_empty());
    let commands = slot.handle(Input::WorkerActive(None));
    assert_eq!(loads(&commands), [("a", 0, LoadReason::Selected)]);
}

#[test]
fn model_slot_loads_a_later_selection_after_the_current_one() {
    let mut slot = with_current("a");
    slot.handle(Input::Select("b".into()));
    slot.handle(Input::Fetched(files("b", 0)));
    assert_eq!(
        slot.handle(Input::Select("a".into())),
        [Command::Error(None)],
        "b is loading"
    );
    let commands = slot.handle(Input::Loaded(info("b", 2)));
    assert_eq!(
        loads(&commands),
        [("a", 0, LoadReason::Selected)],
        "not fetched again"
    );
}

#[test]
fn model_slot_ignores_a_fetched_model_that_is_no_longer_selected() {
    let mut slot = with_current("a");
    slot.handle(Input::Select("b".into()));
    slot.handle(Input::Select("a".into()));
    assert_eq!(slot.handle(Input::Fetched(files("b", 0))), []);
    let failed = Input::FetchFailed("b".into(), "offline".into());
    assert_eq!(slot.handle(failed), []);
}

#[test]
fn model_slot_keeps_the_current_model_when_another_does_not_load() {
    let mut slot = with_current("a");
    slot.handle(Input::Select("b".into()));
    slot.handle(Input::Fetched(files("b", 0)));
    let commands = slot.handle(Input::LoadFailed("cut off".into()));
    assert!(matches!(
        &commands[..],
        [
            Command::Loading(None),
            Command::Error(Some(EngineError::Model { name, .. })),
            Command::Resume
        ] if name == "b"
    ));
    assert_eq!(slot.current().map(|files| files.name.as_str()), Some("a"));
    let commands = slot.handle(Input::Select("b".into()));
    assert!(
        commands.contains(&Command::Fetch("b".into())),
        "fetched again"
    );
}

#[test]
fn model_slot_sends_updates_one_at_a_time_and_only_the_newest() {
    let mut slot = with_current("mine");
    let adopt = |version| Input::AddUserModel(files("mine", version), info("mine", 2));
    assert_eq!(
        loads(&slot.handle(adopt(1))),
        [("mine", 1, LoadReason::Update)]
    );
    assert!(slot.handle(adopt(2)).is_empty() && slot.handle(adopt(3)).is_empty());
    assert_eq!(slot.newest().map(|files| files.weights[0]), Some(3));
    let commands = slot.handle(Input::Updated(info("mine", 2)));
    assert_eq!(commands[0], Command::Refresh);
    assert_eq!(loads(&commands), [("mine", 3, LoadReason::Update)]);
    assert_eq!(
        slot.handle(Input::UpdateFailed),
        [],
        "the previous version stays"
    );
    assert_eq!(slot.current().map(|files| files.weights[0]), Some(1));
}

#[test]
fn model_slot_reloads_a_user_model_whose_architecture_changed() {
    let mut slot = with_current("mine");
    let commands = slot.handle(Input::AddUserModel(files("mine", 1), info("mine", 8)));
    assert_eq!(loads(&commands), [("mine", 1, LoadReason::Selected)]);
    assert!(commands.contains(&Command::Pause));
}

#[test]
fn model_slot_gives_the_next_worker_the_current_model_only() {
    let mut slot = with_current("a");
    slot.handle(Input::Select("b".into()));
    slot.handle(Input::Fetched(files("b", 0)));
    let commands = slot.handle(Input::WorkerStopped);
    assert!(
        commands
            .iter()
            .any(|command| matches!(command, Command::Error(Some(_)))),
        "b may have crashed the worker"
    );
    let commands = slot.handle(Input::WorkerActive(None));
    assert_eq!(loads(&commands), [("a", 0, LoadReason::Current)]);
    assert!(commands.contains(&Command::Resume));
    let held = slot.current().cloned();
    assert!(loads(&slot.handle(Input::WorkerActive(held))).is_empty());
}

#[test]
fn model_slot_renames_the_current_user_model_without_loading_it_again() {
    let mut slot = with_current("mine");
    slot.handle(Input::AddUserModel(files("mine", 1), info("mine", 2)));
    let rename = |from: &str, to| Input::RenameUserModel(from.to_owned(), files(to, 1));
    // While its newest version is on the way to the worker.
    let commands = slot.handle(rename("mine", "bars"));
    assert_eq!(commands, [Command::Model(info("bars", 2))]);
    // The worker's copy of the card has the old name.
    let commands = slot.handle(Input::Updated(info("mine", 2)));
    assert_eq!(commands, [Command::Refresh]);
    assert_eq!(slot.info(), Some(&info("bars", 2)));
    let newest = slot.newest().expect("a model");
    assert_eq!((newest.name.as_str(), newest.weights[0]), ("bars", 1));
    assert!(slot.newest_of("mine").is_none());
    let held = slot.current().cloned();
    assert!(loads(&slot.handle(Input::WorkerActive(held))).is_empty());
}

#[test]
fn model_slot_renames_a_user_model_that_is_loading() {
    let mut slot = with_current("a");
    slot.handle(Input::AddUserModel(files("mine", 1), info("mine", 8)));
    slot.handle(Input::Select("mine".into()));
    let rename = Input::RenameUserModel("mine".to_owned(), files("bars", 1));
    assert_eq!(
        slot.handle(rename),
        [Command::Loading(Some("bars".to_owned()))]
    );
    let commands = slot.handle(Input::Loaded(info("mine", 8)));
    assert_eq!(commands[0], Command::Model(info("bars", 8)));
    let unknown = Input::RenameUserModel("mine".to_owned(), files("stripes", 1));
    assert_eq!(slot.handle(unknown), []);
}
