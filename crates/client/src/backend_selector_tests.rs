use super::*;

const FLEX: WorkerId = 1;
const GPU: WorkerId = 2;

fn check(value: f32) -> SelfCheck {
    SelfCheck {
        neg_elbo: value,
        decoded: vec![0.5],
        gradients: vec![1.0],
    }
}

/// The commands except `Log`.
fn without_log(commands: Vec<Command>) -> Vec<Command> {
    commands
        .into_iter()
        .filter(|command| !matches!(command, Command::Log(_)))
        .collect()
}

fn outcomes(commands: &[Command]) -> Vec<String> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Log(attempt) => Some(format!("{}: {}", attempt.backend, attempt.outcome)),
            _ => None,
        })
        .collect()
}

fn starts(id: WorkerId, backend: Backend) -> Command {
    Command::Start {
        id,
        backend,
        fresh: false,
    }
}

/// Sends the messages of the starting worker `id` until it is active.
fn start_up(selector: &mut BackendSelector, id: WorkerId) -> Vec<Command> {
    assert!(
        selector
            .handle(Input::Hello(id, PROTOCOL_VERSION))
            .is_empty()
    );
    assert_eq!(
        without_log(selector.handle(Input::Ready(id, None))),
        [Command::Load(id)]
    );
    without_log(selector.handle(Input::Loaded(id)))
}

/// A selector that decodes on flex, has shown an image and requested a probe.
fn decoding() -> BackendSelector {
    let mut selector = BackendSelector::default();
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Auto)),
        [starts(FLEX, Backend::Flex)]
    );
    assert_eq!(
        start_up(&mut selector, FLEX),
        [Command::Use(FLEX, Backend::Flex)],
        "WebGPU is not probed before the first image"
    );
    assert_eq!(selector.handle(Input::FirstImage), [Command::Probe]);
    selector
}

/// As [`decoding`], with a WebGPU candidate that passed its check and is being timed.
fn timing() -> BackendSelector {
    let mut selector = decoding();
    assert_eq!(
        selector.handle(Input::Probed(Ok(()))),
        [starts(GPU, Backend::WebGpu)]
    );
    assert_eq!(
        without_log(selector.handle(Input::Ready(GPU, Some("a GPU".into())))),
        [Command::SelfCheck(FLEX), Command::SelfCheck(GPU)]
    );
    assert!(
        selector
            .handle(Input::Checked(GPU, check(10.000_3)))
            .is_empty()
    );
    assert_eq!(
        selector.handle(Input::Checked(FLEX, check(10.0))),
        [Command::Load(GPU)]
    );
    assert_eq!(
        selector.handle(Input::Loaded(GPU)),
        [Command::Time(FLEX), Command::Time(GPU)]
    );
    selector
}

#[test]
fn backend_selector_auto_moves_to_a_faster_gpu() {
    let mut selector = timing();
    assert!(selector.handle(Input::Timed(FLEX, 2.0)).is_empty());
    let commands = selector.handle(Input::Timed(GPU, 0.5));
    assert_eq!(
        outcomes(&commands),
        ["webgpu: parity 3e-5, decode 0.5 ms against 2.0 ms on flex: moving to webgpu"]
    );
    assert_eq!(
        without_log(commands),
        [Command::Use(GPU, Backend::WebGpu), Command::Stop(FLEX)]
    );
}

#[test]
fn backend_selector_auto_stays_on_the_cpu_when_the_gpu_is_not_clearly_faster() {
    for gpu_ms in [1.9, 50.0, f64::NAN] {
        let mut selector = timing();
        selector.handle(Input::Timed(GPU, gpu_ms));
        let commands = selector.handle(Input::Timed(FLEX, 2.0));
        assert!(outcomes(&commands)[0].ends_with("on flex: staying on flex"));
        assert_eq!(without_log(commands), [Command::Stop(GPU)]);
    }
}

#[test]
fn backend_selector_auto_stays_on_the_cpu_when_the_results_differ() {
    for wrong in [11.0, f32::NAN] {
        let mut selector = decoding();
        selector.handle(Input::Probed(Ok(())));
        selector.handle(Input::Ready(GPU, None));
        selector.handle(Input::Checked(FLEX, check(10.0)));
        let commands = selector.handle(Input::Checked(GPU, check(wrong)));
        assert!(outcomes(&commands)[0].contains("numbers differ"));
        assert_eq!(
            without_log(commands),
            [Command::Stop(GPU)],
            "{wrong}: no notice"
        );
    }
}

#[test]
fn backend_selector_auto_logs_a_missing_gpu_without_a_notice() {
    let mut selector = decoding();
    let commands = selector.handle(Input::Probed(Err("this browser has no WebGPU".into())));
    assert_eq!(
        outcomes(&commands),
        ["webgpu: this browser has no WebGPU: staying on flex"]
    );
    assert_eq!(without_log(commands), []);
    assert_eq!(selector.handle(Input::FirstImage), [], "tried once");
}

#[test]
fn backend_selector_tries_ndarray_when_flex_does_not_start_and_then_gives_up() {
    let mut selector = BackendSelector::default();
    selector.handle(Input::Choose(BackendChoice::Auto));
    assert_eq!(
        without_log(selector.handle(Input::Lost(1, "no file".into()))),
        [Command::Stop(1), starts(2, Backend::NdArray)]
    );
    let commands = without_log(selector.handle(Input::Lost(2, "no file".into())));
    assert_eq!(commands[0], Command::Stop(2));
    assert!(matches!(&commands[1], Command::GiveUp(why) if why.contains("no file")));
}

#[test]
fn backend_selector_fetches_an_outdated_worker_again_once() {
    let mut selector = BackendSelector::default();
    selector.handle(Input::Choose(BackendChoice::Auto));
    assert_eq!(
        without_log(selector.handle(Input::Hello(1, PROTOCOL_VERSION + 1))),
        [
            Command::Stop(1),
            Command::Start {
                id: 2,
                backend: Backend::Flex,
                fresh: true
            }
        ]
    );
    assert_eq!(
        without_log(selector.handle(Input::Hello(2, PROTOCOL_VERSION + 1))),
        [Command::Stop(2), starts(3, Backend::NdArray)]
    );
}

#[test]
fn backend_selector_restarts_a_crashed_backend_then_changes_it_then_gives_up() {
    let mut selector = decoding();
    selector.handle(Input::Probed(Err("none".into())));
    let crash = |selector: &mut BackendSelector, id| {
        without_log(selector.handle(Input::Lost(id, "crash".into())))
    };

    let commands = crash(&mut selector, FLEX);
    assert_eq!(commands[0], Command::Stop(FLEX));
    assert!(matches!(&commands[1], Command::Notice(text) if text.contains("started again")));
    assert_eq!(commands[2], starts(2, Backend::Flex));
    assert_eq!(start_up(&mut selector, 2), [Command::Use(2, Backend::Flex)]);

    let commands = crash(&mut selector, 2);
    assert!(matches!(&commands[1], Command::Notice(text) if text.contains("ndarray")));
    assert_eq!(commands[2], starts(3, Backend::NdArray));
    start_up(&mut selector, 3);

    assert_eq!(crash(&mut selector, 3)[2], starts(4, Backend::NdArray));
    start_up(&mut selector, 4);
    assert!(matches!(
        &crash(&mut selector, 4)[..],
        [Command::Stop(4), Command::GiveUp(_)]
    ));
}

#[test]
fn backend_selector_replaces_a_lost_gpu_by_flex_and_does_not_retry_it() {
    let mut selector = timing();
    selector.handle(Input::Timed(FLEX, 2.0));
    selector.handle(Input::Timed(GPU, 0.5));
    let commands = without_log(selector.handle(Input::Lost(GPU, "the device was lost".into())));
    assert_eq!(commands[0], Command::Stop(GPU));
    assert!(matches!(&commands[1], Command::Notice(text) if text.contains("device was lost")));
    assert_eq!(commands[2], starts(3, Backend::Flex));
    assert_eq!(
        start_up(&mut selector, 3),
        [Command::Use(3, Backend::Flex)],
        "WebGPU is not retried"
    );
}

#[test]
fn backend_selector_stops_the_candidate_when_the_active_worker_crashes() {
    let mut selector = timing();
    let commands = without_log(selector.handle(Input::Lost(FLEX, "crash".into())));
    assert_eq!(commands[..2], [Command::Stop(FLEX), Command::Stop(GPU)]);
    assert_eq!(commands[3], starts(3, Backend::Flex));
    assert_eq!(selector.handle(Input::Timed(GPU, 0.1)), [], "late response");
    assert_eq!(
        start_up(&mut selector, 3),
        [Command::Use(3, Backend::Flex), Command::Probe],
        "WebGPU has not failed, so it is probed again"
    );
}

#[test]
fn backend_selector_uses_a_forced_backend_once_it_has_loaded_the_model() {
    let mut selector = decoding();
    selector.handle(Input::Probed(Err("none".into())));
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::NdArray))),
        [starts(2, Backend::NdArray)],
        "flex stays active"
    );
    assert_eq!(
        start_up(&mut selector, 2),
        [Command::Use(2, Backend::NdArray), Command::Stop(FLEX)]
    );
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::NdArray))),
        []
    );
}

#[test]
fn backend_selector_reports_a_missing_forced_gpu_and_keeps_the_backend() {
    let mut selector = decoding();
    selector.handle(Input::Probed(Err("none".into())));
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::WebGpu))),
        [Command::Probe]
    );
    let commands = without_log(selector.handle(Input::Probed(Err("no adapter".into()))));
    assert_eq!(
        commands,
        [Command::Notice(
            "WebGPU can’t be used: no adapter. The flex worker still decodes the image.".into()
        )]
    );
}

#[test]
fn backend_selector_replaces_a_missing_gpu_from_the_address_by_flex() {
    let mut selector = BackendSelector::default();
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::WebGpu))),
        [Command::Probe]
    );
    assert_eq!(
        without_log(selector.handle(Input::Probed(Err("no adapter".into())))),
        [
            Command::Notice(
                "WebGPU can’t be used: no adapter. The flex worker decodes the image instead."
                    .into()
            ),
            starts(1, Backend::Flex)
        ]
    );
    assert_eq!(start_up(&mut selector, 1), [Command::Use(1, Backend::Flex)]);
    assert_eq!(
        selector.handle(Input::FirstImage),
        [],
        "not auto: WebGPU is not probed"
    );
}

#[test]
fn backend_selector_choose_stops_the_starting_worker_and_ignores_its_messages() {
    let mut selector = decoding();
    selector.handle(Input::Probed(Ok(())));
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::Flex))),
        [Command::Stop(GPU)]
    );
    assert_eq!(selector.handle(Input::Ready(GPU, None)), []);
    assert_eq!(selector.handle(Input::Lost(GPU, "late".into())), []);
}

#[test]
fn backend_selector_auto_after_a_forced_backend_starts_with_flex() {
    let mut selector = decoding();
    selector.handle(Input::Choose(BackendChoice::Forced(Backend::NdArray)));
    start_up(&mut selector, 2);
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Auto)),
        [starts(3, Backend::Flex)]
    );
    assert_eq!(
        start_up(&mut selector, 3),
        [
            Command::Use(3, Backend::Flex),
            Command::Stop(2),
            Command::Probe
        ]
    );
}
