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

/// Commands without the log, which has tests of its own.
fn acts(commands: Vec<Command>) -> Vec<Command> {
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

/// Starts what was commanded as worker `id`, until it draws.
fn start_up(selector: &mut BackendSelector, id: WorkerId) -> Vec<Command> {
    assert!(
        selector
            .handle(Input::Hello(id, PROTOCOL_VERSION))
            .is_empty()
    );
    assert_eq!(
        acts(selector.handle(Input::Ready(id, None))),
        [Command::Load(id)]
    );
    acts(selector.handle(Input::Loaded(id)))
}

/// A selector that draws on flex and has shown a picture; the probe has been asked for.
fn decoding() -> BackendSelector {
    let mut selector = BackendSelector::default();
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Auto)),
        [starts(FLEX, Backend::Flex)]
    );
    assert_eq!(
        start_up(&mut selector, FLEX),
        [Command::Use(FLEX, Backend::Flex)],
        "the GPU is not looked for before the first picture"
    );
    assert_eq!(selector.handle(Input::FirstImage), [Command::Probe]);
    selector
}

/// As [`drawing`], with a WebGPU candidate that passed its check and is being timed.
fn timing() -> BackendSelector {
    let mut selector = decoding();
    assert_eq!(
        selector.handle(Input::Probed(Ok(()))),
        [starts(GPU, Backend::WebGpu)]
    );
    assert_eq!(
        acts(selector.handle(Input::Ready(GPU, Some("a GPU".into())))),
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
        acts(commands),
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
        assert_eq!(acts(commands), [Command::Stop(GPU)]);
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
        assert_eq!(acts(commands), [Command::Stop(GPU)], "{wrong}: no notice");
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
    assert_eq!(acts(commands), []);
    assert_eq!(selector.handle(Input::FirstImage), [], "tried once");
}

#[test]
fn backend_selector_flex_that_does_not_start_falls_to_ndarray_and_then_gives_up() {
    let mut selector = BackendSelector::default();
    selector.handle(Input::Choose(BackendChoice::Auto));
    assert_eq!(
        acts(selector.handle(Input::Lost(1, "no file".into()))),
        [Command::Stop(1), starts(2, Backend::NdArray)]
    );
    let commands = acts(selector.handle(Input::Lost(2, "no file".into())));
    assert_eq!(commands[0], Command::Stop(2));
    assert!(matches!(&commands[1], Command::GiveUp(why) if why.contains("no file")));
}

#[test]
fn backend_selector_a_stale_worker_is_fetched_anew_once() {
    let mut selector = BackendSelector::default();
    selector.handle(Input::Choose(BackendChoice::Auto));
    assert_eq!(
        acts(selector.handle(Input::Hello(1, PROTOCOL_VERSION + 1))),
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
        acts(selector.handle(Input::Hello(2, PROTOCOL_VERSION + 1))),
        [Command::Stop(2), starts(3, Backend::NdArray)]
    );
}

#[test]
fn backend_selector_a_crash_restarts_then_changes_backend_then_gives_up() {
    let mut selector = decoding();
    selector.handle(Input::Probed(Err("none".into())));
    let crash =
        |selector: &mut BackendSelector, id| acts(selector.handle(Input::Lost(id, "crash".into())));

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
fn backend_selector_a_lost_gpu_falls_to_flex_with_a_notice_and_is_left_alone() {
    let mut selector = timing();
    selector.handle(Input::Timed(FLEX, 2.0));
    selector.handle(Input::Timed(GPU, 0.5));
    let commands = acts(selector.handle(Input::Lost(GPU, "the device was lost".into())));
    assert_eq!(commands[0], Command::Stop(GPU));
    assert!(matches!(&commands[1], Command::Notice(text) if text.contains("device was lost")));
    assert_eq!(commands[2], starts(3, Backend::Flex));
    assert_eq!(
        start_up(&mut selector, 3),
        [Command::Use(3, Backend::Flex)],
        "no second try of the GPU"
    );
}

#[test]
fn backend_selector_a_crash_of_the_cpu_drops_the_candidate() {
    let mut selector = timing();
    let commands = acts(selector.handle(Input::Lost(FLEX, "crash".into())));
    assert_eq!(commands[..2], [Command::Stop(FLEX), Command::Stop(GPU)]);
    assert_eq!(commands[3], starts(3, Backend::Flex));
    assert_eq!(selector.handle(Input::Timed(GPU, 0.1)), [], "late answer");
    assert_eq!(
        start_up(&mut selector, 3),
        [Command::Use(3, Backend::Flex), Command::Probe],
        "the GPU did nothing wrong, so it gets its chance"
    );
}

#[test]
fn backend_selector_a_forced_backend_takes_over_only_when_it_can_draw() {
    let mut selector = decoding();
    selector.handle(Input::Probed(Err("none".into())));
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::NdArray))),
        [starts(2, Backend::NdArray)],
        "flex goes on drawing"
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
fn backend_selector_a_forced_gpu_that_is_not_there_is_told_and_changes_nothing() {
    let mut selector = decoding();
    selector.handle(Input::Probed(Err("none".into())));
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::WebGpu))),
        [Command::Probe]
    );
    let commands = acts(selector.handle(Input::Probed(Err("no adapter".into()))));
    assert_eq!(
        commands,
        [Command::Notice(
            "WebGPU can’t be used: no adapter. The picture still comes from flex.".into()
        )]
    );
}

#[test]
fn backend_selector_a_forced_gpu_from_the_address_falls_to_flex() {
    let mut selector = BackendSelector::default();
    assert_eq!(
        selector.handle(Input::Choose(BackendChoice::Forced(Backend::WebGpu))),
        [Command::Probe]
    );
    assert_eq!(
        acts(selector.handle(Input::Probed(Err("no adapter".into())))),
        [
            Command::Notice(
                "WebGPU can’t be used: no adapter. The picture comes from flex instead.".into()
            ),
            starts(1, Backend::Flex)
        ]
    );
    assert_eq!(start_up(&mut selector, 1), [Command::Use(1, Backend::Flex)]);
    assert_eq!(selector.handle(Input::FirstImage), [], "not auto: no trial");
}

#[test]
fn backend_selector_choosing_again_stops_what_was_rising_and_ignores_its_answers() {
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
fn backend_selector_auto_after_a_forced_backend_starts_over() {
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
