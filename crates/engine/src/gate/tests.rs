use super::*;

const STREAM: StreamId = StreamId(1);

fn frame(n: u8) -> Promise {
    Promise::Frame(STREAM, vec![n])
}

fn sends(n: u8) -> Effect {
    Effect::Send { stream: STREAM, frame: vec![n] }
}

fn answer() -> Answer {
    Answer::Peers(Vec::new().into())
}

fn effects(gate: &mut Gate) -> Vec<Effect> {
    std::iter::from_fn(|| gate.next()).collect()
}

#[test]
fn frames_leave_in_order_and_not_before_their_write() {
    let mut gate = Gate::default();
    gate.wrote(WriteId(1));
    gate.promise(WriteId::default(), frame(0));
    gate.promise(WriteId(1), frame(1));
    gate.promise(WriteId::default(), frame(2));
    gate.promise(WriteId::default(), Promise::Close(STREAM));
    assert_eq!(effects(&mut gate), [Effect::Flush(WriteId(1)), sends(0)]);
    gate.flushed(WriteId(1), Ok(()));
    assert_eq!(effects(&mut gate), [sends(1), sends(2), Effect::Close { stream: STREAM }]);
    assert!(!gate.is_held(STREAM));
}

#[test]
fn later_writes_ride_the_next_flush() {
    let mut gate = Gate::default();
    for n in 1..=3 {
        gate.wrote(WriteId(n));
    }
    assert_eq!(effects(&mut gate), [Effect::Flush(WriteId(1))]);
    gate.flushed(WriteId(1), Ok(()));
    assert_eq!(effects(&mut gate), [Effect::Flush(WriteId(3))]);
}

#[test]
fn a_failed_flush_drops_frames_and_still_ends_streams() {
    let mut gate = Gate::default();
    gate.wrote(WriteId(1));
    gate.promise(WriteId(1), frame(1));
    gate.promise(WriteId::default(), frame(2));
    gate.promise(WriteId(1), Promise::Close(STREAM));
    gate.promise(WriteId(1), Promise::Frame(StreamId(2), vec![3]));
    effects(&mut gate);
    gate.flushed(WriteId(1), Err("no space left".to_owned()));
    assert_eq!(effects(&mut gate), [Effect::Close { stream: STREAM }]);
    assert!(!gate.is_held(StreamId(2)));
}

#[test]
fn after_a_failed_flush_nothing_is_promised() {
    let mut gate = Gate::default();
    gate.wrote(WriteId(1));
    gate.flushed(WriteId(1), Err("no space left".to_owned()));
    effects(&mut gate);
    gate.wrote(WriteId(2));
    gate.promise(WriteId(2), frame(1));
    gate.plain(Plain::Open(PeerId::from_bytes(vec![1]).unwrap(), Protocol::Sync));
    gate.promise(WriteId(2), Promise::Answer(AskId(1), Ok(answer())));
    gate.promise(WriteId(2), Promise::Close(STREAM));
    let [Effect::Answer { ask: AskId(1), answer: Err(failure) }, close] = &effects(&mut gate)[..]
    else {
        panic!("something else was promised")
    };
    assert_eq!(failure.code, ErrorCode::ReadOnly);
    assert_eq!(*close, Effect::Close { stream: STREAM });
    assert!(!gate.is_held(STREAM));
}
