//! What a charter says, and all that it is made of.

mod export;

use api::{Answer, CharterExported, CharterShown, CharterWords, ErrorCode, Failure};
use ledger::{Journal, SpaceId};
use serde_json::{Value, json};
use store::Store;

use super::{Result, disk_failure, wording};
pub(super) use export::state as export_state;

use crate::engine::Engine;

impl<S: Store> Engine<S> {
    /// Five words to read aloud.
    pub(super) fn words_of(&self, id: SpaceId) -> Result<Vec<String>> {
        let space = self.spaces.get(&id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))?;
        let words =
            charter::charter_words(space.replica.frontier(Journal::Charter), space.replica.held());
        Ok(words.iter().map(|word| (*word).to_owned()).collect())
    }

    pub(super) fn charter_words(&self, said: Option<&str>) -> Result<Answer> {
        let id = self.which_space(said)?;
        let name = self.space_name(&self.spaces[&id]);
        let words = self.words_of(id)?;
        Ok(Answer::CharterWords(CharterWords { space: wording::space_id(&id), name, words }))
    }

    pub(super) fn charter_show(&self, said: Option<&str>) -> Result<Answer> {
        let id = self.which_space(said)?;
        let space = &self.spaces[&id];
        let roll = space.replica.roll();
        let electorate = roll.electorate().len() as u64;
        Ok(Answer::CharterShown(CharterShown {
            space: wording::space_id(&id),
            name: self.space_name(space),
            version: roll.version,
            zone: roll.zone.to_string(),
            entries: space.replica.charter_entries() as u64,
            electorate,
            grave: charter::needed(roll.thresholds.grave, electorate as usize) as u64,
            other: charter::needed(roll.thresholds.other, electorate as usize) as u64,
            words: self.words_of(id)?,
            members: self.member_rows(space)?,
        }))
    }

    pub(super) fn charter_export(&self, said: Option<&str>) -> Result<Answer> {
        let id = self.which_space(said)?;
        let space = &self.spaces[&id];
        let mut entries = Vec::new();
        for n in 0..space.replica.charter_entries() {
            let Some((device, seq)) = space.replica.charter_arrival(n) else { continue };
            let found = space.replica.charter_log(&self.store, device, seq, 1);
            for entry in found.map_err(disk_failure)? {
                entries.push(export_entry(&entry));
            }
        }
        let state = export_state(space.replica.roll());
        Ok(Answer::CharterExported(CharterExported {
            space: wording::space_id(&id),
            entries,
            state,
        }))
    }
}

fn export_entry(entry: &ledger::Entry) -> Value {
    let heads = match &entry.header.kind {
        ledger::HeaderKind::Charter(heads) => heads.iter().map(wording::entry_id).collect(),
        ledger::HeaderKind::Content(_) => Vec::new(),
    };
    let body = entry.body.as_deref().unwrap_or_default();
    let items: ledger::charter_items::CharterBody = ledger::decode(body).unwrap_or_default();
    json!({
        "entry": wording::entry_id(&entry.id),
        "device": wording::device_id(&entry.device()),
        "branch": null,
        "seq": entry.seq(),
        "prev": entry.header.backlink.as_ref().map(wording::entry_id),
        "heads": heads,
        "stamp": entry.header.stamp.as_ms(),
        "items": items.iter().enumerate().map(|(n, item)| export::item(&entry.id, n as u16, item))
            .collect::<Vec<_>>(),
    })
}

impl<S: Store> Engine<S> {
    /// An act: its electorate, which approvals count and which do not, and what is missing.
    pub(super) fn show_act(&mut self, id: SpaceId, act: ledger::ItemId) -> Result<Answer> {
        let space = self.spaces.get_mut(&id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))?;
        let explained = space.replica.charter().explain(act);
        let explained = explained.ok_or_else(|| Failure::of(ErrorCode::NotFound))?;
        let counted = explained.counted.iter().map(|(member, entry)| {
            json!({ "member": wording::member_id(member), "entry": wording::entry_id(entry) })
        });
        let not_counted = explained.not_counted.iter().map(|(member, entry, rule)| {
            json!({
                "member": wording::member_id(member), "entry": wording::entry_id(entry),
                "rule": rule.to_string(),
            })
        });
        Ok(Answer::Shown(api::Shown::Act(json!({
            "act": wording::act_id(&act),
            "kind": explained.kind,
            "state": explained.state.name(),
            "electorate": explained.electorate.iter().map(wording::member_id).collect::<Vec<_>>(),
            "threshold": explained.threshold,
            "n": explained.n,
            "counted": counted.collect::<Vec<_>>(),
            "not_counted": not_counted.collect::<Vec<_>>(),
            "missing": explained.missing,
        }))))
    }
}
