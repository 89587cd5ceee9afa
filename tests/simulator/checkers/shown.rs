//! What was answered shows, in the end, on all nodes that should have it: for every kind of write.
//!
//! Several people write at once, and a command whose machine went down may or may not have come
//! to something. So what may show is a set: what a person's last answered command of its kind
//! said, and what those after it said that were never answered. Where several people set the same
//! field any of the values that were ever set may show, and no other.

use std::collections::{BTreeMap, BTreeSet};

use api::{Answer, CampaignRow, Command, FeedRow, InviteRow, MemberRow, NeedRow};
use ledger::{DeviceId, JournalId};

/// What a person said to their node, and what it answered, if it did.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) node: usize,
    pub(crate) space: String,
    pub(crate) command: Command,
    pub(crate) answer: Option<Answer>,
    /// The content log in which a post stands.
    pub(crate) log: Option<(JournalId, DeviceId)>,
}

/// What one node shows of one space.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) node: usize,
    pub(crate) space: String,
    pub(crate) feed: Vec<FeedRow>,
    pub(crate) campaigns: Vec<CampaignRow>,
    pub(crate) needs: Vec<NeedRow>,
    pub(crate) members: Vec<MemberRow>,
    pub(crate) invites: Vec<InviteRow>,
}

impl Said {
    /// A post that was answered: its id, and where it stands.
    pub(crate) fn post(&self) -> Option<(&str, (JournalId, DeviceId), u64)> {
        match (&self.answer, self.log) {
            (Some(Answer::Posted(posted)), Some(log)) => Some((&posted.id, log, posted.seq)),
            _ => None,
        }
    }
}

/// What may show of one thing of one kind, by what its authors said of it in order.
#[derive(Debug, Default)]
struct Values {
    /// By author: the last answered value, and those after it that were never answered.
    by: BTreeMap<usize, Vec<String>>,
    ever: BTreeSet<String>,
    /// Whether anything of it was answered.
    answered: bool,
}

impl Values {
    fn say(&mut self, node: usize, value: &str, answered: bool) {
        let values = self.by.entry(node).or_default();
        if answered {
            values.clear();
        }
        values.push(value.to_owned());
        self.answered |= answered;
        self.ever.insert(value.to_owned());
    }

    fn allows(&self, value: &str) -> bool {
        match self.by.len() {
            1 => self.by.values().flatten().any(|one| one == value),
            _ => self.ever.contains(value),
        }
    }
}

/// All that may show of the things of one space, by kind and thing.
#[derive(Debug, Default)]
struct Expected(BTreeMap<(&'static str, String), Values>);

impl Expected {
    fn of(said: &[Said], me: &BTreeMap<usize, String>, space: &str) -> Self {
        let mut expected = Self::default();
        for one in said.iter().filter(|one| one.space == space) {
            for (kind, thing, value) in expectations(one, me) {
                let values = expected.0.entry((kind, thing)).or_default();
                values.say(one.node, &value, one.answer.is_some());
            }
        }
        expected
    }
}

/// What a command makes to be shown: (kind, thing, value).
fn expectations(said: &Said, me: &BTreeMap<usize, String>) -> Vec<(&'static str, String, String)> {
    let text = |text: &Option<String>| text.clone();
    let one = |kind, thing: &String, value: Option<String>| {
        value.map(|value| (kind, thing.clone(), value)).into_iter().collect::<Vec<_>>()
    };
    match (&said.command, &said.answer) {
        (Command::Post { text, .. }, Some(Answer::Posted(posted))) => {
            one("post", &posted.id, Some(text.clone()))
        }
        (Command::Undo { thing }, _) => one("post", thing, Some(String::new())),
        (Command::CampaignNew(fields), Some(Answer::Written(written))) => {
            one("campaign", &written.id, text(&fields.title))
        }
        (Command::CampaignEdit { campaign, fields }, _) => {
            one("campaign", campaign, text(&fields.title))
        }
        (Command::NeedAdd(fields), Some(Answer::Written(written))) => {
            one("need", &written.id, text(&fields.text))
        }
        (Command::NeedEdit { need, fields }, _) => one("need", need, text(&fields.text)),
        (Command::NeedClaim { need }, _) => {
            one("claim", &claimed(need, said, me), said_as("offered"))
        }
        (Command::NeedRelease { need }, _) => {
            one("claim", &claimed(need, said, me), said_as("released"))
        }
        (Command::Profile { name }, _) => {
            one("name", &me.get(&said.node).cloned().unwrap_or_default(), Some(name.clone()))
        }
        (Command::Invite { .. }, Some(Answer::Invited(invited))) => {
            one("invite", &invited.invite, said_as("open"))
        }
        (Command::Withdraw { invite }, _) => one("invite", invite, said_as("withdrawn")),
        (Command::Vouch { .. }, Some(Answer::Vouched(vouched))) => {
            one("vouched", &vouched.member, said_as("in"))
        }
        _ => Vec::new(),
    }
}

fn said_as(state: &str) -> Option<String> {
    Some(state.to_owned())
}

fn claimed(need: &str, said: &Said, me: &BTreeMap<usize, String>) -> String {
    format!("{need} {}", me.get(&said.node).cloned().unwrap_or_default())
}

impl Seen {
    /// What is shown of a thing; none where it is not there.
    fn value(&self, kind: &str, thing: &str) -> Option<String> {
        match kind {
            "post" => self.feed.iter().find(|row| row.id == thing).map(|row| row.text.clone()),
            "campaign" => {
                self.campaigns.iter().find(|row| row.id == thing).map(|row| row.title.clone())
            }
            "need" => self.needs.iter().find(|row| row.id == thing).map(|row| row.text.clone()),
            "claim" => {
                let (need, member) = thing.split_once(' ')?;
                let need = self.needs.iter().find(|row| row.id == need)?;
                need.claims.iter().find(|row| row.by.member == member).map(|row| row.state.clone())
            }
            "invite" => {
                let row = self.invites.iter().find(|row| row.invite == thing)?;
                // Used up or ended, it is still not withdrawn.
                let open = row.state != "withdrawn";
                Some(if open { "open".to_owned() } else { row.state.clone() })
            }
            "name" => {
                self.members.iter().find(|row| row.member == thing).map(|row| row.name.clone())
            }
            _ => self.members.iter().find(|row| row.member == thing).map(|row| row.state.clone()),
        }
    }

    /// The member whose node this is.
    pub(crate) fn me(&self) -> Option<String> {
        self.members.iter().find(|row| row.me).map(|row| row.member.clone())
    }
}

/// Fails where a node that should have it does not show what was answered. Of whose home was copied
/// or went back only that counts behind the fork on which others built, so nothing is asked.
pub(crate) fn everywhere(
    said: &[Said],
    seen: &[Seen],
    copied: Option<usize>,
) -> Result<(), String> {
    for one in seen {
        let of_space = seen.iter().filter(|other| other.space == one.space);
        let me = of_space.filter_map(|other| Some((other.node, other.me()?))).collect();
        for ((kind, thing), values) in Expected::of(said, &me, &one.space).0 {
            // Of a thing of which nothing was answered there may be nothing at all.
            let found = one.value(kind, &thing);
            let is_theirs = copied.is_some_and(|node| values.by.contains_key(&node));
            let is_right = is_theirs
                || !values.answered
                || found.as_ref().is_some_and(|value| values.allows(value));
            if !is_right {
                return Err(format!(
                    "node {} shows {found:?} for {kind} {thing}, and was told {values:?}",
                    one.node
                ));
            }
        }
    }
    Ok(())
}
