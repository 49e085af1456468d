use super::*;

const FIRST: WorkerId = 1;
const SECOND: WorkerId = 2;

fn start(id: WorkerId, backend: Backend) -> Command {
    Command::Start {
        id,
        backend,
        fresh: false,
    }
}

/// A run that the first worker, on this backend, is making.
fn running(backend: Backend) -> RunSupervisor {
    let mut supervisor = RunSupervisor::default();
    assert_eq!(
        supervisor.handle(Input::Begin(backend)),
        [Command::Status(RunStatus::Running), start(FIRST, backend)]
    );
    assert_eq!(supervisor.handle(Input::StartReady), []);
    assert_eq!(supervisor.handle(Input::Hello(FIRST, PROTOCOL_VERSION)), []);
    assert_eq!(
        supervisor.handle(Input::Ready(FIRST)),
        [Command::Train(FIRST, StartPoint::Beginning)]
    );
    supervisor
}

fn notices(commands: &[Command]) -> Vec<&str> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Notice(text) | Command::Fail(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn run_supervisor_a_warm_worker_takes_the_run_at_once_and_the_next_one_too() {
    let mut supervisor = RunSupervisor::default();
    assert_eq!(
        supervisor.handle(Input::Warm(Backend::Flex)),
        [start(FIRST, Backend::Flex)]
    );
    assert!(supervisor.is_waiting(), "for it to be ready");
    assert_eq!(
        supervisor.handle(Input::Ready(FIRST)),
        [Command::WarmUp(FIRST)]
    );
    assert!(!supervisor.is_waiting());
    for _ in 0..2 {
        supervisor.handle(Input::Begin(Backend::Flex));
        assert_eq!(
            supervisor.handle(Input::StartReady),
            [Command::Train(FIRST, StartPoint::Beginning)]
        );
        assert!(supervisor.is_waiting());
        assert_eq!(
            supervisor.handle(Input::Phase(FIRST, TrainingPhase::Done)),
            [Command::Status(RunStatus::Done)]
        );
        assert!(!supervisor.is_waiting());
    }
    assert_eq!(supervisor.handle(Input::Cool), [Command::Stop(FIRST)]);
}

#[test]
fn run_supervisor_a_run_keeps_its_worker_when_the_panel_is_left() {
    let mut supervisor = running(Backend::Flex);
    assert_eq!(supervisor.handle(Input::Warm(Backend::NdArray)), []);
    assert_eq!(supervisor.handle(Input::Cool), []);
    assert_eq!(
        supervisor.handle(Input::Phase(FIRST, TrainingPhase::Done)),
        [Command::Status(RunStatus::Done), Command::Stop(FIRST)],
        "nobody waits for another run"
    );
}

#[test]
fn run_supervisor_controls_reach_the_worker_and_it_says_how_the_run_stands() {
    let mut supervisor = running(Backend::Flex);
    assert_eq!(
        supervisor.handle(Input::Control(TrainingControl::Pause)),
        [Command::Control(FIRST, TrainingControl::Pause)]
    );
    assert!(!supervisor.is_waiting(), "a paused run may be silent");
    assert_eq!(
        supervisor.handle(Input::Phase(FIRST, TrainingPhase::Paused)),
        [Command::Status(RunStatus::Paused)]
    );
    supervisor.handle(Input::Control(TrainingControl::Resume));
    assert!(supervisor.is_waiting());
}

#[test]
fn run_supervisor_what_is_asked_before_a_worker_has_the_run_is_not_lost() {
    let mut supervisor = RunSupervisor::default();
    supervisor.handle(Input::Begin(Backend::Flex));
    supervisor.handle(Input::StartReady);
    assert_eq!(
        supervisor.handle(Input::Control(TrainingControl::Pause)),
        [Command::Status(RunStatus::Paused)]
    );
    let slow = TrainingControl::LimitSpeed {
        steps_per_second: Some(2.0),
    };
    assert_eq!(supervisor.handle(Input::Control(slow)), []);
    assert_eq!(
        supervisor.handle(Input::Ready(FIRST)),
        [
            Command::Train(FIRST, StartPoint::Beginning),
            Command::Control(FIRST, slow),
            Command::Control(FIRST, TrainingControl::Pause),
        ]
    );

    let mut supervisor = RunSupervisor::default();
    supervisor.handle(Input::Begin(Backend::Flex));
    assert_eq!(
        supervisor.handle(Input::Control(TrainingControl::Stop)),
        [Command::Status(RunStatus::Idle)]
    );
    assert_eq!(supervisor.handle(Input::Ready(FIRST)), []);
}

#[test]
fn run_supervisor_a_lost_worker_is_followed_by_one_that_goes_on_from_the_checkpoint() {
    let mut supervisor = running(Backend::Flex);
    supervisor.handle(Input::Checkpoint(FIRST));
    let out = supervisor.handle(Input::Lost(FIRST, "it was silent".into()));
    assert_eq!(out[0], Command::Stop(FIRST));
    assert_eq!(out[2], start(SECOND, Backend::Flex));
    assert!(notices(&out)[0].contains("last checkpoint on flex"));
    assert_eq!(
        supervisor.handle(Input::Ready(SECOND)),
        [Command::Train(SECOND, StartPoint::Checkpoint)]
    );
    assert_eq!(
        supervisor.handle(Input::Phase(FIRST, TrainingPhase::Done)),
        [],
        "the dead don't speak"
    );
}

#[test]
fn run_supervisor_a_lost_gpu_is_followed_by_a_cpu_for_good() {
    let mut supervisor = running(Backend::WebGpu);
    let out = supervisor.handle(Input::Lost(FIRST, "device lost".into()));
    assert_eq!(out[2], start(SECOND, Backend::Flex));
    assert!(notices(&out)[0].contains("starts over on flex"));
    supervisor.handle(Input::Ready(SECOND));
    supervisor.handle(Input::Warm(Backend::WebGpu));
    supervisor.handle(Input::Phase(SECOND, TrainingPhase::Done));
    assert_eq!(
        supervisor.handle(Input::Begin(Backend::WebGpu)),
        [Command::Status(RunStatus::Running)],
        "on the worker that is there"
    );
}

#[test]
fn run_supervisor_a_run_that_takes_every_worker_down_is_given_up() {
    let mut supervisor = running(Backend::Flex);
    supervisor.handle(Input::Checkpoint(FIRST));
    for id in 1..=2 {
        let out = supervisor.handle(Input::Lost(id, "it crashed".into()));
        assert_eq!(notices(&out).len(), 1);
        supervisor.handle(Input::Ready(id + 1));
    }
    let out = supervisor.handle(Input::Lost(3, "it crashed".into()));
    assert_eq!(out.last(), Some(&Command::Status(RunStatus::Failed)));
    assert!(notices(&out)[0].contains("3 times in a row"));
}

#[test]
fn run_supervisor_a_stale_worker_is_fetched_anew_once() {
    let mut supervisor = RunSupervisor::default();
    supervisor.handle(Input::Begin(Backend::Flex));
    let out = supervisor.handle(Input::Hello(FIRST, PROTOCOL_VERSION + 1));
    assert_eq!(
        out,
        [
            Command::Stop(FIRST),
            Command::Start {
                id: SECOND,
                backend: Backend::Flex,
                fresh: true
            }
        ]
    );
    let out = supervisor.handle(Input::Hello(SECOND, PROTOCOL_VERSION + 1));
    assert_eq!(out.last(), Some(&Command::Status(RunStatus::Failed)));
}

#[test]
fn run_supervisor_a_refusal_fails_the_run_and_keeps_the_worker() {
    let mut supervisor = running(Backend::Flex);
    assert_eq!(
        supervisor.handle(Input::Rejected("the batch is 0".into())),
        [
            Command::Fail("the batch is 0".into()),
            Command::Status(RunStatus::Failed)
        ]
    );
    assert_eq!(
        supervisor.handle(Input::Begin(Backend::Flex)),
        [Command::Status(RunStatus::Running)]
    );
}

#[test]
fn run_supervisor_a_run_of_an_earlier_visit_goes_on_from_its_checkpoint() {
    let mut supervisor = RunSupervisor::default();
    assert_eq!(
        supervisor.handle(Input::Resume(Backend::Flex)),
        [
            Command::Status(RunStatus::Running),
            start(FIRST, Backend::Flex)
        ]
    );
    assert_eq!(
        supervisor.handle(Input::Ready(FIRST)),
        [Command::Train(FIRST, StartPoint::Checkpoint)]
    );
    let commands = supervisor.handle(Input::Lost(FIRST, "it crashed".into()));
    assert!(notices(&commands)[0].contains("from its last checkpoint"));
}
