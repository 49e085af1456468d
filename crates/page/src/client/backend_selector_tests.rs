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
fn rise(ladder: &mut Ladder, id: WorkerId) -> Vec<Command> {
    assert!(ladder.handle(Input::Hello(id, PROTOCOL_VERSION)).is_empty());
    assert_eq!(
        acts(ladder.handle(Input::Ready(id, None))),
        [Command::Load(id)]
    );
    acts(ladder.handle(Input::Loaded(id)))
}

/// A ladder that draws on flex and has shown a picture; the probe has been asked for.
fn drawing() -> Ladder {
    let mut ladder = Ladder::default();
    assert_eq!(
        ladder.handle(Input::Choose(Choice::Auto)),
        [starts(FLEX, Backend::Flex)]
    );
    assert_eq!(
        rise(&mut ladder, FLEX),
        [Command::Use(FLEX, Backend::Flex)],
        "the GPU is not looked for before the first picture"
    );
    assert_eq!(ladder.handle(Input::FirstPicture), [Command::Probe]);
    ladder
}

/// As [`drawing`], with a WebGPU candidate that passed its check and is being timed.
fn timing() -> Ladder {
    let mut ladder = drawing();
    assert_eq!(
        ladder.handle(Input::Probed(Ok(()))),
        [starts(GPU, Backend::WebGpu)]
    );
    assert_eq!(
        acts(ladder.handle(Input::Ready(GPU, Some("a GPU".into())))),
        [Command::SelfCheck(FLEX), Command::SelfCheck(GPU)]
    );
    assert!(
        ladder
            .handle(Input::Checked(GPU, check(10.000_3)))
            .is_empty()
    );
    assert_eq!(
        ladder.handle(Input::Checked(FLEX, check(10.0))),
        [Command::Load(GPU)]
    );
    assert_eq!(
        ladder.handle(Input::Loaded(GPU)),
        [Command::Time(FLEX), Command::Time(GPU)]
    );
    ladder
}

#[test]
fn auto_moves_to_a_faster_gpu() {
    let mut ladder = timing();
    assert!(ladder.handle(Input::Timed(FLEX, 2.0)).is_empty());
    let commands = ladder.handle(Input::Timed(GPU, 0.5));
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
fn auto_stays_on_the_cpu_when_the_gpu_is_not_clearly_faster() {
    for gpu_ms in [1.9, 50.0, f64::NAN] {
        let mut ladder = timing();
        ladder.handle(Input::Timed(GPU, gpu_ms));
        let commands = ladder.handle(Input::Timed(FLEX, 2.0));
        assert!(outcomes(&commands)[0].ends_with("on flex: staying on flex"));
        assert_eq!(acts(commands), [Command::Stop(GPU)]);
    }
}

#[test]
fn auto_stays_on_the_cpu_when_the_gpu_computes_something_else() {
    for wrong in [11.0, f32::NAN] {
        let mut ladder = drawing();
        ladder.handle(Input::Probed(Ok(())));
        ladder.handle(Input::Ready(GPU, None));
        ladder.handle(Input::Checked(FLEX, check(10.0)));
        let commands = ladder.handle(Input::Checked(GPU, check(wrong)));
        assert!(outcomes(&commands)[0].contains("numbers differ"));
        assert_eq!(acts(commands), [Command::Stop(GPU)], "{wrong}: no notice");
    }
}

#[test]
fn auto_without_a_gpu_says_nothing_but_notes_it() {
    let mut ladder = drawing();
    let commands = ladder.handle(Input::Probed(Err("this browser has no WebGPU".into())));
    assert_eq!(
        outcomes(&commands),
        ["webgpu: this browser has no WebGPU: staying on flex"]
    );
    assert_eq!(acts(commands), []);
    assert_eq!(ladder.handle(Input::FirstPicture), [], "tried once");
}

#[test]
fn flex_that_does_not_start_falls_to_ndarray_and_then_gives_up() {
    let mut ladder = Ladder::default();
    ladder.handle(Input::Choose(Choice::Auto));
    assert_eq!(
        acts(ladder.handle(Input::Lost(1, "no file".into()))),
        [Command::Stop(1), starts(2, Backend::NdArray)]
    );
    let commands = acts(ladder.handle(Input::Lost(2, "no file".into())));
    assert_eq!(commands[0], Command::Stop(2));
    assert!(matches!(&commands[1], Command::GiveUp(why) if why.contains("no file")));
}

#[test]
fn a_stale_worker_is_fetched_anew_once() {
    let mut ladder = Ladder::default();
    ladder.handle(Input::Choose(Choice::Auto));
    assert_eq!(
        acts(ladder.handle(Input::Hello(1, PROTOCOL_VERSION + 1))),
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
        acts(ladder.handle(Input::Hello(2, PROTOCOL_VERSION + 1))),
        [Command::Stop(2), starts(3, Backend::NdArray)]
    );
}

#[test]
fn a_crash_restarts_then_changes_backend_then_gives_up() {
    let mut ladder = drawing();
    ladder.handle(Input::Probed(Err("none".into())));
    let crash = |ladder: &mut Ladder, id| acts(ladder.handle(Input::Lost(id, "crash".into())));

    let commands = crash(&mut ladder, FLEX);
    assert_eq!(commands[0], Command::Stop(FLEX));
    assert!(matches!(&commands[1], Command::Notice(text) if text.contains("started again")));
    assert_eq!(commands[2], starts(2, Backend::Flex));
    assert_eq!(rise(&mut ladder, 2), [Command::Use(2, Backend::Flex)]);

    let commands = crash(&mut ladder, 2);
    assert!(matches!(&commands[1], Command::Notice(text) if text.contains("ndarray")));
    assert_eq!(commands[2], starts(3, Backend::NdArray));
    rise(&mut ladder, 3);

    assert_eq!(crash(&mut ladder, 3)[2], starts(4, Backend::NdArray));
    rise(&mut ladder, 4);
    assert!(matches!(
        &crash(&mut ladder, 4)[..],
        [Command::Stop(4), Command::GiveUp(_)]
    ));
}

#[test]
fn a_lost_gpu_falls_to_flex_with_a_notice_and_is_left_alone() {
    let mut ladder = timing();
    ladder.handle(Input::Timed(FLEX, 2.0));
    ladder.handle(Input::Timed(GPU, 0.5));
    let commands = acts(ladder.handle(Input::Lost(GPU, "the device was lost".into())));
    assert_eq!(commands[0], Command::Stop(GPU));
    assert!(matches!(&commands[1], Command::Notice(text) if text.contains("device was lost")));
    assert_eq!(commands[2], starts(3, Backend::Flex));
    assert_eq!(
        rise(&mut ladder, 3),
        [Command::Use(3, Backend::Flex)],
        "no second try of the GPU"
    );
}

#[test]
fn a_crash_of_the_cpu_drops_the_candidate() {
    let mut ladder = timing();
    let commands = acts(ladder.handle(Input::Lost(FLEX, "crash".into())));
    assert_eq!(commands[..2], [Command::Stop(FLEX), Command::Stop(GPU)]);
    assert_eq!(commands[3], starts(3, Backend::Flex));
    assert_eq!(ladder.handle(Input::Timed(GPU, 0.1)), [], "late answer");
    assert_eq!(
        rise(&mut ladder, 3),
        [Command::Use(3, Backend::Flex), Command::Probe],
        "the GPU did nothing wrong, so it gets its chance"
    );
}

#[test]
fn a_forced_backend_takes_over_only_when_it_can_draw() {
    let mut ladder = drawing();
    ladder.handle(Input::Probed(Err("none".into())));
    assert_eq!(
        ladder.handle(Input::Choose(Choice::Forced(Backend::NdArray))),
        [starts(2, Backend::NdArray)],
        "flex goes on drawing"
    );
    assert_eq!(
        rise(&mut ladder, 2),
        [Command::Use(2, Backend::NdArray), Command::Stop(FLEX)]
    );
    assert_eq!(
        ladder.handle(Input::Choose(Choice::Forced(Backend::NdArray))),
        []
    );
}

#[test]
fn a_forced_gpu_that_is_not_there_is_told_and_changes_nothing() {
    let mut ladder = drawing();
    ladder.handle(Input::Probed(Err("none".into())));
    assert_eq!(
        ladder.handle(Input::Choose(Choice::Forced(Backend::WebGpu))),
        [Command::Probe]
    );
    let commands = acts(ladder.handle(Input::Probed(Err("no adapter".into()))));
    assert_eq!(
        commands,
        [Command::Notice(
            "WebGPU can’t be used: no adapter. The picture still comes from flex.".into()
        )]
    );
}

#[test]
fn a_forced_gpu_from_the_address_falls_to_flex() {
    let mut ladder = Ladder::default();
    assert_eq!(
        ladder.handle(Input::Choose(Choice::Forced(Backend::WebGpu))),
        [Command::Probe]
    );
    assert_eq!(
        acts(ladder.handle(Input::Probed(Err("no adapter".into())))),
        [
            Command::Notice(
                "WebGPU can’t be used: no adapter. The picture comes from flex instead.".into()
            ),
            starts(1, Backend::Flex)
        ]
    );
    assert_eq!(rise(&mut ladder, 1), [Command::Use(1, Backend::Flex)]);
    assert_eq!(ladder.handle(Input::FirstPicture), [], "not auto: no trial");
}

#[test]
fn choosing_again_stops_what_was_rising_and_ignores_its_answers() {
    let mut ladder = drawing();
    ladder.handle(Input::Probed(Ok(())));
    assert_eq!(
        ladder.handle(Input::Choose(Choice::Forced(Backend::Flex))),
        [Command::Stop(GPU)]
    );
    assert_eq!(ladder.handle(Input::Ready(GPU, None)), []);
    assert_eq!(ladder.handle(Input::Lost(GPU, "late".into())), []);
}

#[test]
fn auto_after_a_forced_backend_starts_over() {
    let mut ladder = drawing();
    ladder.handle(Input::Choose(Choice::Forced(Backend::NdArray)));
    rise(&mut ladder, 2);
    assert_eq!(
        ladder.handle(Input::Choose(Choice::Auto)),
        [starts(3, Backend::Flex)]
    );
    assert_eq!(
        rise(&mut ladder, 3),
        [
            Command::Use(3, Backend::Flex),
            Command::Stop(2),
            Command::Probe
        ]
    );
}
