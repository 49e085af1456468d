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

/// A supervisor whose first worker, on this backend, has a run.
fn running(backend: Backend) -> RunSupervisor {
    let mut supervisor = RunSupervisor::default();
    assert_eq!(
        supervisor.handle(Input::StartRun(backend)),
        [Command::Status(RunStatus::Running), start(FIRST, backend)]
    );
    assert_eq!(supervisor.handle(Input::InitialWeightsReady), []);
    assert_eq!(supervisor.handle(Input::Hello(FIRST, PROTOCOL_VERSION)), []);
    assert_eq!(
        supervisor.handle(Input::Ready(FIRST)),
        [Command::Train(FIRST, StartPoint::InitialWeights)]
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
fn run_supervisor_reuses_a_prepared_worker() {
    let mut supervisor = RunSupervisor::default();
    assert_eq!(
        supervisor.handle(Input::PrepareWorker(Backend::Flex)),
        [start(FIRST, Backend::Flex)]
    );
    assert!(supervisor.is_waiting(), "until it is ready");
    assert_eq!(
        supervisor.handle(Input::Ready(FIRST)),
        [Command::WarmUp(FIRST)]
    );
    assert!(!supervisor.is_waiting());
    for _ in 0..2 {
        supervisor.handle(Input::StartRun(Backend::Flex));
        assert_eq!(
            supervisor.handle(Input::InitialWeightsReady),
            [Command::Train(FIRST, StartPoint::InitialWeights)]
        );
        assert!(supervisor.is_waiting());
        assert_eq!(
            supervisor.handle(Input::Phase(FIRST, TrainingPhase::Done)),
            [Command::Status(RunStatus::Done)]
        );
        assert!(!supervisor.is_waiting());
    }
    assert_eq!(
        supervisor.handle(Input::ReleaseWorker),
        [Command::Stop(FIRST)]
    );
}

#[test]
fn run_supervisor_keeps_the_worker_of_a_run_when_the_panel_closes() {
    let mut supervisor = running(Backend::Flex);
    assert_eq!(
        supervisor.handle(Input::PrepareWorker(Backend::NdArray)),
        []
    );
    assert_eq!(supervisor.handle(Input::ReleaseWorker), []);
    assert_eq!(
        supervisor.handle(Input::Phase(FIRST, TrainingPhase::Done)),
        [Command::Status(RunStatus::Done), Command::Stop(FIRST)],
        "the worker is stopped, since no run is expected"
    );
}

#[test]
fn run_supervisor_forwards_controls_and_publishes_the_phase() {
    let mut supervisor = running(Backend::Flex);
    assert_eq!(
        supervisor.handle(Input::Control(TrainingControl::Pause)),
        [Command::Control(FIRST, TrainingControl::Pause)]
    );
    assert!(!supervisor.is_waiting(), "a paused run need not respond");
    assert_eq!(
        supervisor.handle(Input::Phase(FIRST, TrainingPhase::Paused)),
        [Command::Status(RunStatus::Paused)]
    );
    supervisor.handle(Input::Control(TrainingControl::Resume));
    assert!(supervisor.is_waiting());
}

#[test]
fn run_supervisor_sends_earlier_controls_with_the_run() {
    let mut supervisor = RunSupervisor::default();
    supervisor.handle(Input::StartRun(Backend::Flex));
    supervisor.handle(Input::InitialWeightsReady);
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
            Command::Train(FIRST, StartPoint::InitialWeights),
            Command::Control(FIRST, slow),
            Command::Control(FIRST, TrainingControl::Pause),
        ]
    );

    let mut supervisor = RunSupervisor::default();
    supervisor.handle(Input::StartRun(Backend::Flex));
    assert_eq!(
        supervisor.handle(Input::Control(TrainingControl::Stop)),
        [Command::Status(RunStatus::Idle)]
    );
    assert_eq!(supervisor.handle(Input::Ready(FIRST)), []);
}

#[test]
fn run_supervisor_resumes_from_the_checkpoint_on_a_new_worker() {
    let mut supervisor = running(Backend::Flex);
    supervisor.handle(Input::Checkpoint(FIRST));
    let out = supervisor.handle(Input::Lost(FIRST, "it did not respond".into()));
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
        "messages of a stopped worker are ignored"
    );
}

#[test]
fn run_supervisor_does_not_retry_webgpu_after_a_loss() {
    let mut supervisor = running(Backend::WebGpu);
    let out = supervisor.handle(Input::Lost(FIRST, "device lost".into()));
    assert_eq!(out[2], start(SECOND, Backend::Flex));
    assert!(notices(&out)[0].contains("starts over on flex"));
    supervisor.handle(Input::Ready(SECOND));
    supervisor.handle(Input::PrepareWorker(Backend::WebGpu));
    supervisor.handle(Input::Phase(SECOND, TrainingPhase::Done));
    assert_eq!(
        supervisor.handle(Input::StartRun(Backend::WebGpu)),
        [Command::Status(RunStatus::Running)],
        "the existing worker is used"
    );
}

#[test]
fn run_supervisor_abandons_a_run_after_three_lost_workers() {
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
fn run_supervisor_fetches_an_outdated_worker_again_once() {
    let mut supervisor = RunSupervisor::default();
    supervisor.handle(Input::StartRun(Backend::Flex));
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
fn run_supervisor_fails_a_rejected_run_and_keeps_the_worker() {
    let mut supervisor = running(Backend::Flex);
    assert_eq!(
        supervisor.handle(Input::Rejected("the batch is 0".into())),
        [
            Command::Fail("the batch is 0".into()),
            Command::Status(RunStatus::Failed)
        ]
    );
    assert_eq!(
        supervisor.handle(Input::StartRun(Backend::Flex)),
        [Command::Status(RunStatus::Running)]
    );
}

#[test]
fn run_supervisor_resumes_a_run_of_an_earlier_visit_from_its_checkpoint() {
    let mut supervisor = RunSupervisor::default();
    assert_eq!(
        supervisor.handle(Input::ResumeRun(Backend::Flex)),
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
