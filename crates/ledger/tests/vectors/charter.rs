//! `charter_bodies.json`: every item of the charter, every act, and what differs within them.

use ledger::{ItemRef, Signature, Unknown, charter_items::*, encode};

use crate::{
    charter_invalid,
    file::{Made, check, valid},
    fixed::*,
    read_body,
};

const KIND: &str = "charter-body";

#[test]
fn charter_bodies_hold() {
    let mut made = vec![valid(KIND, "no-items", vec![0x80])];
    made.extend(items().into_iter().map(|(name, item)| body(name, vec![item])));
    made.extend(acts().into_iter().map(|(name, act)| {
        let propose = Propose { act, reason: None };
        body(&format!("act-{name}"), vec![CharterItem::Propose(propose)])
    }));
    made.push(body("several", vec![propose_with_reason(), approve_here(), card_item()]));
    made.extend(charter_invalid::made(KIND));
    check("charter_bodies.json", made, true, |_, _, bytes| {
        read_body::<CharterBody>(bytes, |body| body.iter().map(CharterItem::kind).collect())
    });
}

fn body(name: &str, items: Vec<CharterItem>) -> Made {
    valid(KIND, name, encode::<CharterBody>(&list(items)))
}

fn propose_with_reason() -> CharterItem {
    let act = Act::Admit(Admit { knock: entry(7) });
    CharterItem::Propose(Propose { act, reason: Some(sealed()) })
}

fn approve_here() -> CharterItem {
    CharterItem::Approve(Approve { acts: list(vec![ItemRef::Here(0), reference(9)]) })
}

fn card_item() -> CharterItem {
    CharterItem::Card(card(3))
}

fn fraction(numerator: u8, denominator: u8) -> Fraction {
    Fraction { numerator, denominator }
}

fn thresholds() -> Thresholds {
    Thresholds { grave: fraction(2, 3), other: fraction(1, 2) }
}

fn genesis() -> Genesis {
    let (device, zone) = (key(1).id(), text("Europe/Berlin"));
    Genesis { version: 1, thresholds: thresholds(), zone, device, refounds: None }
}

fn items() -> Vec<(&'static str, CharterItem)> {
    let mut items = getting_in();
    items.extend(deciding());
    items.extend(keys());
    items
}

fn getting_in() -> Vec<(&'static str, CharterItem)> {
    let mut knock = Knock {
        invite: item(4),
        known: entry(5),
        name: sealed(),
        ticket_signature: Signature::from_bytes([0; 64]),
    };
    knock.sign(&key(2), &space(8), &key(3).id());
    let signature = Signature::from_bytes([0; 64]);
    let mut device_add = DeviceAdd { device: key(4).id(), signature };
    device_add.sign(&key(4), &space(8), &key(3).id());
    let revoke = DeviceRevoke {
        device: device(3),
        ends: list(vec![end(3), end_of_none(4)]),
        keep: list(vec![device(5)]),
    };
    let invite = Invite { ticket: key(2).id(), expires: time(72), knocks_max: 1 };
    vec![
        ("genesis", CharterItem::Genesis(genesis())),
        ("genesis-that-refounds", CharterItem::Genesis(refounding())),
        ("card", card_item()),
        ("invite", CharterItem::Invite(invite)),
        ("withdraw", CharterItem::Withdraw(Withdraw { invite: reference(3) })),
        ("knock", CharterItem::Knock(knock)),
        ("leave", CharterItem::Leave(Leave { ends: list(vec![end(3), end_of_none(4)]) })),
        ("return", CharterItem::Return(Return {})),
        ("device-add", CharterItem::DeviceAdd(device_add)),
        ("device-revoke", CharterItem::DeviceRevoke(revoke)),
    ]
}

fn refounding() -> Genesis {
    Genesis { refounds: Some(space(9)), ..genesis() }
}

fn deciding() -> Vec<(&'static str, CharterItem)> {
    let ballot = |answer| Ballot { mandate: item(1), question: item(2), answer };
    let unknown = Unknown { kind: 17, payload: vec![0xa1, 0x00, 0x82, 0x20, 0xf5] };
    vec![
        ("propose-with-reason", propose_with_reason()),
        ("approve", approve_here()),
        ("approve-nothing", CharterItem::Approve(Approve { acts: list(vec![]) })),
        ("ballot-for", CharterItem::Ballot(ballot(Choice::For))),
        ("ballot-against", CharterItem::Ballot(ballot(Choice::Against))),
        ("ballot-abstain", CharterItem::Ballot(ballot(Choice::Abstain))),
        ("witness", CharterItem::Witness(Witness { ballots: list(vec![reference(3)]) })),
        ("report", CharterItem::Report(Report { mandate: item(1), text: sealed() })),
        ("unknown-kind", CharterItem::Unknown(unknown)),
    ]
}

fn keys() -> Vec<(&'static str, CharterItem)> {
    let succeeds = list(vec![Succeeded { key: epoch(2), secret: blob(72) }]);
    let seals = || list(vec![sealed_secret(3), sealed_secret(4)]);
    let branch = |n| ForkedHeader { header: blob(n), signature: Signature::from_bytes([n; 64]) };
    let proof =
        ForkProofItem { first: branch(90), second: branch(91), ends: list(vec![end_of_none(3)]) };
    vec![
        ("rekey", CharterItem::Rekey(Rekey { key: epoch(1), seals: seals(), succeeds })),
        ("seal", CharterItem::Seal(Seal { key: epoch(1), seals: seals() })),
        ("fork-proof", CharterItem::ForkProof(proof)),
    ]
}

fn acts() -> Vec<(&'static str, Act)> {
    let removal = |n| Removal { member: member(n), ends: list(vec![end(n)]) };
    let judge = |counts| Act::Judge(Judge { acts: list(vec![item(1), item(2)]), counts });
    let mirror = Mirror { peer: peer(5), quota_bytes: 1 << 33, end: time(8760) };
    vec![
        ("admit", Act::Admit(Admit { knock: entry(7) })),
        ("remove", Act::Remove(Remove { members: list(vec![removal(3), removal(4)]) })),
        ("readmit", Act::Readmit(Readmit { member: member(3), knock: entry(7) })),
        ("rest", Act::Rest(Rest { members: list(vec![member(3), member(4)]) })),
        ("thresholds", Act::Thresholds(thresholds())),
        ("judge-in", judge(true)),
        ("judge-out", judge(false)),
        ("mandate", Act::Mandate(Box::new(mandate()))),
        ("mandate-with-all", Act::Mandate(Box::new(full_mandate()))),
        ("recall", Act::Recall(Recall { mandate: item(3) })),
        ("federate", Act::Federate(Federate { federation: space(6) })),
        ("unfederate", Act::Unfederate(Unfederate { federation: space(6) })),
        ("refer", Act::Refer(Refer { act: item(3), collectives: None })),
        ("refer-to-five", Act::Refer(Refer { act: item(3), collectives: Some(5) })),
        ("ratify", Act::Ratify(Ratify { federation: space(6), act: item(3) })),
        ("mirror", Act::Mirror(mirror)),
        ("forget-document", Act::ForgetDocument(ForgetDocument { document: item(3) })),
        ("version", Act::Version(VersionAct { version: 2 })),
        ("unknown-kind", Act::Unknown(Unknown { kind: 400, payload: vec![0x61, 0x61] })),
    ]
}

fn mandate() -> Mandate {
    Mandate {
        holder: member(3),
        scope: sealed(),
        instructions: list(vec![]),
        start: time(0),
        end: time(100),
        report_due: time(110),
        federation: None,
        recall: None,
    }
}

fn full_mandate() -> Mandate {
    use Guidance::{Abstain, Against, For, FreeWithin, ReferBack};
    let all = [For, Against, Abstain, FreeWithin, ReferBack].into_iter().zip(1..);
    let instruction = |(guidance, n)| Instruction { question: item(n), guidance };
    Mandate {
        instructions: list(all.map(instruction).collect()),
        federation: Some(space(6)),
        recall: Some(fraction(1, 3)),
        ..mandate()
    }
}
