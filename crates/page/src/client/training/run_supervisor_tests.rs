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
fn running(backend: Backend) -> Course {
    let mut course = Course::default();
    assert_eq!(
        course.handle(Input::Begin(backend)),
        [Command::Status(Status::Running), start(FIRST, backend)]
    );
    assert_eq!(course.handle(Input::Prepared), []);
    assert_eq!(course.handle(Input::Hello(FIRST, PROTOCOL_VERSION)), []);
    assert_eq!(
        course.handle(Input::Ready(FIRST)),
        [Command::Train(FIRST, StartPoint::Beginning)]
    );
    course
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
fn a_warm_worker_takes_the_run_at_once_and_the_next_one_too() {
    let mut course = Course::default();
    assert_eq!(
        course.handle(Input::Warm(Backend::Flex)),
        [start(FIRST, Backend::Flex)]
    );
    assert!(course.is_waiting(), "for it to be ready");
    assert_eq!(course.handle(Input::Ready(FIRST)), [Command::WarmUp(FIRST)]);
    assert!(!course.is_waiting());
    for _ in 0..2 {
        course.handle(Input::Begin(Backend::Flex));
        assert_eq!(
            course.handle(Input::Prepared),
            [Command::Train(FIRST, StartPoint::Beginning)]
        );
        assert!(course.is_waiting());
        assert_eq!(
            course.handle(Input::Stands(FIRST, TrainingPhase::Done)),
            [Command::Status(Status::Done)]
        );
        assert!(!course.is_waiting());
    }
    assert_eq!(course.handle(Input::Cool), [Command::Stop(FIRST)]);
}

#[test]
fn a_run_keeps_its_worker_when_the_panel_is_left() {
    let mut course = running(Backend::Flex);
    assert_eq!(course.handle(Input::Warm(Backend::NdArray)), []);
    assert_eq!(course.handle(Input::Cool), []);
    assert_eq!(
        course.handle(Input::Stands(FIRST, TrainingPhase::Done)),
        [Command::Status(Status::Done), Command::Stop(FIRST)],
        "nobody waits for another run"
    );
}

#[test]
fn controls_reach_the_worker_and_it_says_how_the_run_stands() {
    let mut course = running(Backend::Flex);
    assert_eq!(
        course.handle(Input::Control(TrainingControl::Pause)),
        [Command::Control(FIRST, TrainingControl::Pause)]
    );
    assert!(!course.is_waiting(), "a held run may be silent");
    assert_eq!(
        course.handle(Input::Stands(FIRST, TrainingPhase::Paused)),
        [Command::Status(Status::Paused)]
    );
    course.handle(Input::Control(TrainingControl::Resume));
    assert!(course.is_waiting());
}

#[test]
fn what_is_asked_before_a_worker_has_the_run_is_not_lost() {
    let mut course = Course::default();
    course.handle(Input::Begin(Backend::Flex));
    course.handle(Input::Prepared);
    assert_eq!(
        course.handle(Input::Control(TrainingControl::Pause)),
        [Command::Status(Status::Paused)]
    );
    let slow = TrainingControl::LimitSpeed {
        steps_per_second: Some(2.0),
    };
    assert_eq!(course.handle(Input::Control(slow)), []);
    assert_eq!(
        course.handle(Input::Ready(FIRST)),
        [
            Command::Train(FIRST, StartPoint::Beginning),
            Command::Control(FIRST, slow),
            Command::Control(FIRST, TrainingControl::Pause),
        ]
    );

    let mut course = Course::default();
    course.handle(Input::Begin(Backend::Flex));
    assert_eq!(
        course.handle(Input::Control(TrainingControl::Stop)),
        [Command::Status(Status::Idle)]
    );
    assert_eq!(course.handle(Input::Ready(FIRST)), []);
}

#[test]
fn a_lost_worker_is_followed_by_one_that_goes_on_from_the_checkpoint() {
    let mut course = running(Backend::Flex);
    course.handle(Input::Checkpoint(FIRST));
    let out = course.handle(Input::Lost(FIRST, "it was silent".into()));
    assert_eq!(out[0], Command::Stop(FIRST));
    assert_eq!(out[2], start(SECOND, Backend::Flex));
    assert!(notices(&out)[0].contains("last checkpoint on flex"));
    assert_eq!(
        course.handle(Input::Ready(SECOND)),
        [Command::Train(SECOND, StartPoint::Checkpoint)]
    );
    assert_eq!(
        course.handle(Input::Stands(FIRST, TrainingPhase::Done)),
        [],
        "the dead don't speak"
    );
}

#[test]
fn a_lost_gpu_is_followed_by_a_cpu_for_good() {
    let mut course = running(Backend::WebGpu);
    let out = course.handle(Input::Lost(FIRST, "device lost".into()));
    assert_eq!(out[2], start(SECOND, Backend::Flex));
    assert!(notices(&out)[0].contains("starts over on flex"));
    course.handle(Input::Ready(SECOND));
    course.handle(Input::Warm(Backend::WebGpu));
    course.handle(Input::Stands(SECOND, TrainingPhase::Done));
    assert_eq!(
        course.handle(Input::Begin(Backend::WebGpu)),
        [Command::Status(Status::Running)],
        "on the worker that is there"
    );
}

#[test]
fn a_run_that_takes_every_worker_down_is_given_up() {
    let mut course = running(Backend::Flex);
    course.handle(Input::Checkpoint(FIRST));
    for id in 1..=2 {
        let out = course.handle(Input::Lost(id, "it crashed".into()));
        assert_eq!(notices(&out).len(), 1);
        course.handle(Input::Ready(id + 1));
    }
    let out = course.handle(Input::Lost(3, "it crashed".into()));
    assert_eq!(out.last(), Some(&Command::Status(Status::Failed)));
    assert!(notices(&out)[0].contains("3 times in a row"));
}

#[test]
fn a_stale_worker_is_fetched_anew_once() {
    let mut course = Course::default();
    course.handle(Input::Begin(Backend::Flex));
    let out = course.handle(Input::Hello(FIRST, PROTOCOL_VERSION + 1));
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
    let out = course.handle(Input::Hello(SECOND, PROTOCOL_VERSION + 1));
    assert_eq!(out.last(), Some(&Command::Status(Status::Failed)));
}

#[test]
fn a_refusal_fails_the_run_and_keeps_the_worker() {
    let mut course = running(Backend::Flex);
    assert_eq!(
        course.handle(Input::Refused("the batch is 0".into())),
        [
            Command::Fail("the batch is 0".into()),
            Command::Status(Status::Failed)
        ]
    );
    assert_eq!(
        course.handle(Input::Begin(Backend::Flex)),
        [Command::Status(Status::Running)]
    );
}

#[test]
fn a_run_of_an_earlier_visit_goes_on_from_its_checkpoint() {
    let mut course = Course::default();
    assert_eq!(
        course.handle(Input::GoOn(Backend::Flex)),
        [
            Command::Status(Status::Running),
            start(FIRST, Backend::Flex)
        ]
    );
    assert_eq!(
        course.handle(Input::Ready(FIRST)),
        [Command::Train(FIRST, StartPoint::Checkpoint)]
    );
    let commands = course.handle(Input::Lost(FIRST, "it crashed".into()));
    assert!(notices(&commands)[0].contains("from its last checkpoint"));
}
