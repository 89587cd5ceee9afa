//! `frames.json`: the frames of `/groundwork/sync/1` and `/groundwork/knock/1`.

use ledger::{
    DeviceKey, ForkProof, HeaderKind, Journal, NewerRun, Timestamp, Tip, Unsigned,
    charter_items::SealedSecret,
};
use serde_json::{Value, json};
use sync::{
    Fork, Frame, Frontiers, Heads, Hello, HelloAnswer, KnockAnswer, KnockFrame, Later, Peers,
    Receipt, SpaceNewer, SpaceRun, VersionRange, Wanted,
};

use crate::{
    file::{Made, check, hex, json_of, unhex, valid},
    fixed::*,
    frames_invalid, knocks, refusal,
};

#[test]
fn frames_hold() {
    let frame = |(name, frame): (&str, Frame)| valid("frame", name, frame.encode());
    let mut made: Vec<Made> = frames().into_iter().map(frame).collect();
    made.extend(unknown_frames());
    made.extend(answers());
    made.extend(knocks::made());
    made.extend(knocks::newer_ones());
    made.extend(frames_invalid::made());
    check("frames.json", made, true, |kind, _, bytes| match kind {
        "frame" => read_frame(bytes),
        "knock-frame" => read_knock(bytes),
        _ => read_answer(bytes),
    });
}

fn frames() -> Vec<(&'static str, Frame)> {
    let (versions, features) = (VersionRange { min: 1, max: 3 }, 1 << 40);
    let charter = || digest(&[(3, 1), (4, 300)]);
    let known =
        Frontiers { space: space(8), charter: charter(), content: Some(digest(&[])), guests: None };
    let untold = Frontiers { space: space(9), charter: charter(), content: None, guests: Some(77) };
    let spaces = || list(vec![known.clone(), untold.clone()]);
    let answer = HelloAnswer { version: 1, spaces: spaces(), entries_to_come: 70_000 };
    let receipt = |journal, logs| Receipt {
        space: space(8),
        journal,
        logs: list(logs),
        frontier: (journal == Journal::Charter).then(|| ledger::Hash::of(b"all")),
    };
    let heads = |journal, logs| Heads {
        space: space(8),
        journal,
        logs: list(logs),
        stems: list(vec![(device(3), 9)]),
        answers: journal == Journal::Charter,
    };
    let tip = Tip { length: 64, head: entry(5) };
    let items = list(vec![item(6), item(7)]);
    let wanted = Wanted { space: space(8), items, device: device(3), places: list(vec![tip]) };
    vec![
        ("hello", Frame::Hello(Hello { versions, features, spaces: spaces() })),
        (
            "hello-without-spaces",
            Frame::Hello(Hello { versions, features: 0, spaces: list(vec![]) }),
        ),
        ("answer", Frame::Answer(answer)),
        ("run", Frame::Run(Box::new(SpaceRun { space: space(8), run: run() }))),
        ("run-of-a-newer-version", Frame::Newer(Box::new(newer_run()))),
        ("receipt-of-the-charter", Frame::Receipt(receipt(Journal::Charter, vec![(device(3), 1)]))),
        (
            "receipt-of-content",
            Frame::Receipt(receipt(Journal::Content, vec![(device(3), 1), (device(4), 0)])),
        ),
        ("peers", Frame::Peers(Peers { space: space(8), peers: nodes() })),
        ("peers-none", Frame::Peers(Peers { space: space(8), peers: list(vec![]) })),
        ("heads-of-the-charter", Frame::Heads(heads(Journal::Charter, vec![(device(3), tip)]))),
        ("heads-of-content", Frame::Heads(heads(Journal::Content, vec![]))),
        ("fork", Frame::Fork(Box::new(fork()))),
        ("later-of-the-charter", Frame::Later(later(Journal::Charter))),
        ("later-of-content", Frame::Later(later(Journal::Content))),
        ("wanted", Frame::Wanted(Box::new(wanted))),
    ]
}

fn later(journal: Journal) -> Later {
    Later { space: space(8), journal, device: device(3) }
}

/// Two signed headers at one place.
fn fork() -> Fork {
    let signed = |stamp| {
        let (journal, kind) = (space(8).charter_journal(), HeaderKind::Charter(list(vec![])));
        let stamp = Timestamp::from_ms(stamp);
        let (backlink, body) = (Some(entry(5)), vec![0x80]);
        let unsigned = Unsigned { journal, seq: 2, stamp, backlink, kind, body };
        unsigned.sign(&DeviceKey::from_seed(&[1; 32])).unwrap()
    };
    let proof = ForkProof::of(&signed(1), &signed(2)).unwrap();
    Fork { space: space(8), headers: proof.headers().clone() }
}

fn newer_run() -> SpaceNewer {
    let kind = HeaderKind::Content(epoch(4));
    let (journal, stamp) = (space(8).content_journal(), Timestamp::from_ms(7));
    let unsigned = Unsigned { journal, seq: 0, stamp, backlink: None, kind, body: vec![7; 9] };
    let run = NewerRun::by_hand(&[], unsigned, &DeviceKey::from_seed(&[1; 32])).unwrap();
    SpaceNewer { space: space(8), run }
}

/// Frames of kinds that this version does not know: passed over, whatever they hold.
fn unknown_frames() -> [Made; 3] {
    [
        valid("frame", "unknown-9", unhex("82 09 a1 00 40")),
        valid("frame", "unknown-65535", unhex("82 19 ffff f6")),
        valid("frame", "unknown-with-a-float", unhex("82 18 63 f9 3c00")),
    ]
}

fn answers() -> Vec<Made> {
    let sealed = (0..80).collect::<Vec<u8>>().try_into().unwrap();
    let secret = SealedSecret { device: device(3), sealed };
    let boxes = list(vec![(epoch(4), secret)]);
    let answer = |name, answer: KnockAnswer| valid("knock-answer", name, ledger::encode(&answer));
    let received = |contacts| KnockAnswer::Received { vouches: 1, needed: 2, contacts };
    vec![
        answer("knock-received", received(nodes())),
        answer("knock-received-alone", received(list(vec![]))),
        answer("knock-in", KnockAnswer::In { boxes, contacts: nodes() }),
        answer("knock-ended", KnockAnswer::Ended),
        answer("knock-unknown", KnockAnswer::Unknown),
    ]
}

fn read_frame(bytes: &[u8]) -> Result<Value, String> {
    let frame = Frame::decode(bytes).map_err(refusal)?;
    let kind = match &frame {
        Frame::Hello(_) => "hello",
        Frame::Answer(_) => "answer",
        Frame::Run(_) | Frame::Newer(_) => "run",
        Frame::Receipt(_) => "receipt",
        Frame::Peers(_) => "peers",
        Frame::Heads(_) => "heads",
        Frame::Fork(_) => "fork",
        Frame::Later(_) => "later",
        Frame::Wanted(_) => "wanted",
        Frame::Unknown(kind) => return Ok(json!({ "unknown": kind })),
    };
    let again = frame.encode();
    assert!(again == bytes || again.len() < bytes.len(), "only additions are passed over");
    assert_eq!(Frame::decode(&again).unwrap(), frame);
    Ok(json!({ "frame": kind, "value": json_of(bytes) }))
}

fn read_knock(bytes: &[u8]) -> Result<Value, String> {
    let frame = KnockFrame::decode(bytes).map_err(refusal)?;
    is_all_but_additions(bytes, &frame);
    let knocking = frame.open().map_err(|error| error.to_string())?;
    Ok(json!({
        "knock": hex(knocking.id.as_bytes()),
        "device": hex(knocking.device.as_bytes()),
        "peer": hex(knocking.card.peer.as_bytes()),
    }))
}

fn read_answer(bytes: &[u8]) -> Result<Value, String> {
    let answer = KnockAnswer::decode(bytes).map_err(refusal)?;
    let kind = minicbor::Decoder::new(&bytes[1..]).u16().unwrap();
    if kind > 3 {
        assert_eq!(answer, KnockAnswer::Unknown);
        return Ok(json!({ "unknown": kind }));
    }
    is_all_but_additions(bytes, &answer);
    Ok(json!({ "value": json_of(bytes) }))
}

fn is_all_but_additions(bytes: &[u8], value: &impl minicbor::Encode<()>) {
    let again = ledger::encode(value);
    assert!(again == bytes || again.len() < bytes.len(), "only additions are passed over");
}
