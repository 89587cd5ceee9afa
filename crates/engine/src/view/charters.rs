//! What a charter says, and all that it is made of.

mod export;

use std::collections::BTreeMap;

use api::{
    Answer, CharterExported, CharterShown, CharterWords, ErrorCode, Failure, Shown, ShownThing,
};
use ledger::{Entry, EntryId, HeaderKind, ItemId, Journal, charter_items::CharterBody};
use serde_json::{Value, json};
use store::{Store, StoreError};

pub(super) use export::state as export_state;

use super::{Result, View};
use crate::{failures::disk_failure, space::Seated, wording};

impl<S: Store> View<'_, S> {
    /// Five words to read aloud.
    pub(crate) fn words_of(&self, space: Seated<'_>) -> Vec<String> {
        let replica = &space.replica;
        let words = charter::charter_words(replica.frontier(Journal::Charter), replica.held());
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    pub(crate) fn charter_words(&self, said: Option<&str>) -> Result<Answer> {
        let space = self.space_read(said)?;
        Ok(Answer::CharterWords(CharterWords {
            space: wording::space_id(&space.id),
            name: self.space_name(space),
            words: self.words_of(space),
        }))
    }

    pub(crate) fn charter_show(&self, said: Option<&str>) -> Result<Answer> {
        let space = self.space_read(said)?;
        let roll = space.replica.roll();
        let electorate = roll.electorate().len() as u64;
        Ok(Answer::CharterShown(CharterShown {
            space: wording::space_id(&space.id),
            name: self.space_name(space),
            version: roll.version,
            zone: roll.zone.to_string(),
            entries: space.replica.charter_entries() as u64,
            electorate,
            grave: charter::needed(roll.thresholds.grave, electorate as usize) as u64,
            other: charter::needed(roll.thresholds.other, electorate as usize) as u64,
            words: self.words_of(space),
            members: self.member_rows(space)?,
        }))
    }

    pub(crate) fn charter_export(&self, said: Option<&str>) -> Result<Answer> {
        let space = self.space_read(said)?;
        let mut taken = Vec::new();
        for n in 0..space.replica.charter_entries() {
            taken.extend(space.replica.charter_entry(self.store, n).map_err(disk_failure)?);
        }
        let branches = branches(&taken);
        let export = |entry: &Entry| export_entry(entry, branches.get(&entry.id));
        let entries = taken.iter().map(export).collect::<Result<_>>()?;
        let state = export_state(space.replica.roll());
        Ok(Answer::CharterExported(CharterExported {
            space: wording::space_id(&space.id),
            entries,
            state,
        }))
    }

    /// An act: its electorate, which approvals count and which do not, and what is missing.
    pub(crate) fn show_act(&self, space: Seated<'_>, act: ItemId) -> Result<Answer> {
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
        let act = json!({
            "act": wording::act_id(&act),
            "kind": explained.kind,
            "state": explained.state.name(),
            "electorate": explained.electorate.iter().map(wording::member_id).collect::<Vec<_>>(),
            "threshold": explained.threshold,
            "n": explained.n,
            "counted": counted.collect::<Vec<_>>(),
            "not_counted": not_counted.collect::<Vec<_>>(),
            "missing": explained.missing,
        });
        Ok(Answer::Shown(ShownThing { thing: Shown::Act(act), unread: 0 }))
    }
}

/// On which branch of a log that forks each entry stands, by the entry that the branch begins with:
/// the last before it beside which there is another one. The same on every node, whichever came
/// first. None is here of what stands before its log's stem.
fn branches(entries: &[Entry]) -> BTreeMap<EntryId, EntryId> {
    let place = |entry: &Entry| (entry.device(), entry.header.backlink);
    let mut beside = BTreeMap::<_, usize>::new();
    entries.iter().for_each(|entry| *beside.entry(place(entry)).or_default() += 1);
    let mut branches = BTreeMap::new();
    // In order of arrival each stands after what it follows.
    for entry in entries {
        let is_root = beside.get(&place(entry)).is_some_and(|beside| *beside > 1);
        let before = entry.header.backlink.and_then(|before| branches.get(&before).copied());
        if let Some(root) = if is_root { Some(entry.id) } else { before } {
            branches.insert(entry.id, root);
        }
    }
    branches
}

fn export_entry(entry: &Entry, branch: Option<&EntryId>) -> Result<Value> {
    let heads = match &entry.header.kind {
        HeaderKind::Charter(heads) => heads.iter().map(wording::entry_id).collect(),
        HeaderKind::Content(_) => Vec::new(),
    };
    let body = entry.body.as_deref().unwrap_or_default();
    let items: CharterBody = ledger::decode(body).map_err(|_| {
        let what = format!("the items of {}", wording::entry_id(&entry.id));
        disk_failure(StoreError::Damaged { what })
    })?;
    Ok(json!({
        "entry": wording::entry_id(&entry.id),
        "device": wording::device_id(&entry.device()),
        "branch": branch.map(wording::entry_id),
        "seq": entry.seq(),
        "prev": entry.header.backlink.as_ref().map(wording::entry_id),
        "heads": heads,
        "stamp": entry.header.stamp.as_ms(),
        "items": items.iter().enumerate().map(|(n, item)| export::item(&entry.id, n as u16, item))
            .collect::<Vec<_>>(),
    }))
}
