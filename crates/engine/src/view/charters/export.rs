//! A charter as JSON, for programs that check it by themselves.

use charter::{ActState, Roll};
use ledger::{
    EntryId, ItemRef, PeerId,
    charter_items::{Act, Card, CharterItem, End, Fraction, Thresholds},
};
use serde_json::{Value, json};

use crate::wording::{act_id, device_id, entry_id, invite_id, member_id, peer_id, space_id};

/// One item: its kind and its fields.
pub(super) fn item(entry: &EntryId, index: u16, item: &CharterItem) -> Value {
    let named = |reference: &ItemRef| act_id(&reference.resolve(entry));
    let id = ledger::ItemId::of(entry, index);
    match item {
        CharterItem::Genesis(genesis) => json!({
            "kind": "genesis", "version": genesis.version, "zone": &*genesis.zone,
            "thresholds": thresholds(&genesis.thresholds), "device": device_id(&genesis.device),
            "refounds": genesis.refounds.as_ref().map(space_id),
        }),
        CharterItem::Card(item) => json!({
            "kind": "card", "peer": peer(&item.peer), "seal_key": hex(item.seal_key.as_bytes()),
            "signature": hex(item.signature.as_bytes()),
        }),
        CharterItem::Invite(invite) => json!({
            "kind": "invite", "id": invite_id(&id), "ticket": device_id(&invite.ticket),
            "expires": invite.expires.as_ms(), "knocks_max": invite.knocks_max,
        }),
        CharterItem::Withdraw(withdraw) => json!({
            "kind": "withdraw", "invite": invite_id(&withdraw.invite.resolve(entry)),
        }),
        CharterItem::Knock(knock) => json!({
            "kind": "knock", "invite": invite_id(&knock.invite), "known": entry_id(&knock.known),
            "name_bytes": knock.name.len(),
        }),
        CharterItem::Propose(propose) => json!({
            "kind": "propose", "id": act_id(&id), "act": act(&propose.act),
        }),
        CharterItem::Approve(approve) => json!({
            "kind": "approve", "acts": approve.acts.iter().map(named).collect::<Vec<_>>(),
        }),
        CharterItem::Leave(leave) => json!({ "kind": "leave", "ends": ends(&leave.ends) }),
        CharterItem::Return(_) => json!({ "kind": "return" }),
        CharterItem::DeviceAdd(add) => json!({
            "kind": "device-add", "device": device_id(&add.device),
        }),
        CharterItem::DeviceRevoke(revoke) => json!({
            "kind": "device-revoke", "device": device_id(&revoke.device),
            "ends": ends(&revoke.ends),
            "keep": revoke.keep.iter().map(device_id).collect::<Vec<_>>(),
        }),
        CharterItem::Rekey(rekey) => json!({
            "kind": "rekey", "key": rekey_id(&rekey.key),
            "seals": rekey.seals.iter().map(|seal| device_id(&seal.device)).collect::<Vec<_>>(),
            "succeeds": rekey.succeeds.iter().map(|one| rekey_id(&one.key)).collect::<Vec<_>>(),
        }),
        CharterItem::Seal(seal) => json!({
            "kind": "seal", "key": rekey_id(&seal.key),
            "seals": seal.seals.iter().map(|seal| device_id(&seal.device)).collect::<Vec<_>>(),
        }),
        other => json!({ "kind": other.kind() }),
    }
}

fn with(object: Value, kind: &str) -> Value {
    let mut whole = json!({ "kind": kind });
    if let (Value::Object(whole), Value::Object(fields)) = (&mut whole, object) {
        whole.extend(fields);
    }
    whole
}

fn rekey_id(key: &ledger::KeyId) -> String {
    ledger::id_text::format(ledger::IdKind::Key, key.as_bytes())
}

fn card(card: &Card) -> Value {
    json!({ "peer": peer(&card.peer), "seal_key": hex(card.seal_key.as_bytes()) })
}

fn peer(peer: &PeerId) -> String {
    peer_id(peer)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn fraction(fraction: &Fraction) -> String {
    format!("{}/{}", fraction.numerator, fraction.denominator)
}

fn thresholds(thresholds: &Thresholds) -> Value {
    json!({ "grave": fraction(&thresholds.grave), "other": fraction(&thresholds.other) })
}

fn ends(ends: &[End]) -> Value {
    ends.iter()
        .map(|end| {
            json!({
                "device": device_id(&end.device), "length": end.length,
                "last": end.last.as_ref().map(entry_id),
            })
        })
        .collect()
}

fn act(act: &Act) -> Value {
    match act {
        Act::Admit(admit) => json!({ "kind": "admit", "knock": entry_id(&admit.knock) }),
        Act::Remove(remove) => json!({
            "kind": "remove",
            "members": remove.members.iter().map(|removal| json!({
                "member": member_id(&removal.member), "ends": ends(&removal.ends),
            })).collect::<Vec<_>>(),
        }),
        Act::Readmit(readmit) => json!({
            "kind": "readmit", "member": member_id(&readmit.member),
            "knock": entry_id(&readmit.knock),
        }),
        Act::Rest(rest) => json!({
            "kind": "rest", "members": rest.members.iter().map(member_id).collect::<Vec<_>>(),
        }),
        Act::Thresholds(set) => with(thresholds(set), "thresholds"),
        other => json!({ "kind": other.kind() }),
    }
}

/// What a roll says: the same on every node with the same entries.
pub(in crate::view) fn state(roll: &Roll) -> Value {
    let members = roll.members.iter().map(|(id, member)| {
        json!({ "member": member_id(id), "state": member.state(), "say": roll.has_say(id) })
    });
    let devices = roll.devices.iter().map(|(id, device)| {
        json!({
            "device": device_id(id), "member": member_id(&device.member),
            "in": roll.is_in(id), "card": device.card.as_ref().map(card),
        })
    });
    let all: Vec<_> =
        roll.ends.iter().map(|(device, end)| End { device: *device, ..*end }).collect();
    let held = roll.acts.iter().filter(|(_, state)| **state == ActState::Held);
    let held = held.map(|(id, _)| act_id(id));
    let acts =
        roll.acts.iter().map(|(id, state)| json!({ "act": act_id(id), "state": state.name() }));
    json!({
        "members": members.collect::<Vec<_>>(),
        "devices": devices.collect::<Vec<_>>(),
        "ends": ends(&all),
        "thresholds": thresholds(&roll.thresholds),
        "mandates": roll.mandates.keys().map(act_id).collect::<Vec<_>>(),
        "ballots": [],
        "rekeys": roll.rekeys.keys().map(rekey_id).collect::<Vec<_>>(),
        "acts": acts.collect::<Vec<_>>(),
        "held": held.collect::<Vec<_>>(),
    })
}
