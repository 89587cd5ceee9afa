//! What was answered shows, in the end, on all nodes that should have it: for every kind of write.
//!
//! Several people write at once, and a command whose machine went down may or may not have come
//! to something. So what may show is a set: what a person's last answered command of its kind
//! said, and what those after it said that were never answered. Where several people set the same
//! field any of the values that were ever set may show, and no other.

use std::collections::{BTreeMap, BTreeSet};

use api::{
    Answer, CampaignFields, CampaignRow, Command, FeedRow, InviteRow, MemberRow, NeedFields,
    NeedRow, Rows,
};
use ledger::{DeviceId, JournalId};

/// What a person said to their node, and what it answered, if it did.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) node: usize,
    pub(crate) space: String,
    pub(crate) command: Command,
    pub(crate) answer: Option<Answer>,
    /// The content log in which it stands, and its place there; none if it wrote no content.
    pub(crate) place: Option<((JournalId, DeviceId), u64)>,
    /// The need of a claim that it takes back.
    pub(crate) need: Option<String>,
}

/// What one node shows of one space.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) node: usize,
    pub(crate) space: String,
    pub(crate) feed: Rows<FeedRow>,
    pub(crate) campaigns: Rows<CampaignRow>,
    pub(crate) needs: Rows<NeedRow>,
    pub(crate) members: Rows<MemberRow>,
    pub(crate) invites: Rows<InviteRow>,
}

/// Whose node has which member, of one space.
pub(crate) type Members = BTreeMap<usize, String>;

/// What may show of one thing of one kind, by what its authors said of it in order.
#[derive(Debug, Default)]
pub(crate) struct Values {
    /// Who made it, and with what: whoever changes it has that before them.
    first: Option<(usize, String)>,
    /// By author: the last answered value, and those after it that were never answered.
    by: BTreeMap<usize, Vec<String>>,
    ever: BTreeSet<String>,
    /// Whether anything of it was answered, and whether a change was.
    pub(crate) answered: bool,
    changed: bool,
}

impl Values {
    fn say(&mut self, node: usize, one: &Expectation, answered: bool) {
        self.answered |= answered;
        if one.is_first {
            self.first = Some((node, one.value.clone()));
            return;
        }
        let values = self.by.entry(node).or_default();
        if answered {
            values.clear();
        }
        values.push(one.value.clone());
        self.changed |= answered;
        self.ever.insert(one.value.clone());
    }

    /// Whether a value of this kind may show.
    pub(crate) fn allows(&self, kind: &str, value: &str) -> bool {
        let is_first = self.first.as_ref().is_some_and(|(_, first)| first == value);
        if is_first && !self.changed {
            return true;
        }
        match self.by.len() {
            0 => false,
            1 => self.by.values().flatten().any(|one| one == value),
            _ if kind == "goal" => self.is_merged(value),
            _ => self.ever.contains(value),
        }
    }

    /// A text that several people edit at once is made of what they wrote.
    fn is_merged(&self, value: &str) -> bool {
        let written = |c: char| self.ever.iter().any(|one| one.contains(c));
        !value.is_empty() && value.chars().all(written)
    }

    /// Whether somebody is among those who said something of it.
    pub(crate) fn is_of(&self, node: usize) -> bool {
        let made = self.first.as_ref().is_some_and(|(maker, _)| *maker == node);
        made || self.by.contains_key(&node)
    }
}

/// All that may show of the things of one space, by kind and thing.
#[derive(Debug, Default)]
pub(crate) struct Expected(pub(crate) BTreeMap<(&'static str, String), Values>);

impl Expected {
    /// Of what was said: `counts` tells what has to show, and the rest may.
    pub(crate) fn of(
        said: &[Said],
        me: &Members,
        space: &str,
        counts: impl Fn(&Said) -> bool,
    ) -> Self {
        let mut expected = Self::default();
        for one in said.iter().filter(|one| one.space == space) {
            for expectation in expectations(one, me) {
                let thing = (expectation.kind, expectation.thing.clone());
                let values = expected.0.entry(thing).or_default();
                values.say(one.node, &expectation, one.answer.is_some() && counts(one));
            }
        }
        expected
    }
}

/// One value that a command makes to be shown of a thing.
struct Expectation {
    kind: &'static str,
    thing: String,
    value: String,
    /// Whether the command made the thing.
    is_first: bool,
}

fn expect(kind: &'static str, thing: &str, value: &str) -> Expectation {
    Expectation { kind, thing: thing.to_owned(), value: value.to_owned(), is_first: false }
}

/// What a command makes to be shown.
fn expectations(said: &Said, me: &Members) -> Vec<Expectation> {
    match (&said.command, &said.answer) {
        (Command::Profile { name }, _) => {
            me.get(&said.node).map(|me| expect("name", me, name)).into_iter().collect()
        }
        (Command::Invite { .. }, Some(Answer::Invited(invited))) => {
            made(vec![expect("invite", &invited.invite, "open")])
        }
        (Command::Withdraw { invite }, _) => vec![expect("invite", invite, "withdrawn")],
        (Command::Vouch { .. }, Some(Answer::Vouched(vouched))) => {
            vec![expect("vouched", &vouched.member, "in")]
        }
        _ => [of_posts(said), of_documents(said), of_claims(said, me)]
            .into_iter()
            .flatten()
            .collect(),
    }
}

fn made(mut all: Vec<Expectation>) -> Vec<Expectation> {
    all.iter_mut().for_each(|one| one.is_first = true);
    all
}

fn of_posts(said: &Said) -> Vec<Expectation> {
    match (&said.command, &said.answer) {
        (Command::Post { text, campaign, reply_to, .. }, Some(Answer::Posted(posted))) => {
            made(vec![
                expect("post", &posted.id, text),
                expect("post's campaign", &posted.id, campaign.as_deref().unwrap_or_default()),
                expect("post's subject", &posted.id, reply_to.as_deref().unwrap_or_default()),
            ])
        }
        // It stays where it stands, and belongs to nothing.
        (Command::Undo { thing }, _) if said.need.is_none() => {
            vec![expect("post", thing, ""), expect("post's campaign", thing, "")]
        }
        _ => Vec::new(),
    }
}

/// A new document has all its fields, one that is changed those that are said.
fn of_documents(said: &Said) -> Vec<Expectation> {
    let campaign = |fields: &CampaignFields| {
        [
            ("title", fields.title.clone()),
            ("goal", fields.goal.clone()),
            ("status", fields.status.clone()),
        ]
    };
    let need = |fields: &NeedFields| [("need", fields.text.clone()), ("area", fields.area.clone())];
    let all = |thing: &str, fields: &[(&'static str, Option<String>)]| {
        let one = |(kind, value): &(&'static str, Option<String>)| {
            Some(expect(kind, thing, value.as_ref()?))
        };
        fields.iter().filter_map(one).collect::<Vec<_>>()
    };
    match (&said.command, &said.answer) {
        (Command::CampaignNew(fields), Some(Answer::Written(written))) => {
            let goal = Some(fields.goal.clone().unwrap_or_default());
            let status = Some("active".to_owned());
            let whole = CampaignFields { goal, status, ..fields.clone() };
            made(all(&written.id, &campaign(&whole)))
        }
        (Command::CampaignEdit { campaign: thing, fields }, _) => all(thing, &campaign(fields)),
        (Command::NeedAdd(fields), Some(Answer::Written(written))) => {
            let area = Some(fields.area.clone().unwrap_or_default());
            made(all(&written.id, &need(&NeedFields { area, ..fields.clone() })))
        }
        (Command::NeedEdit { need: thing, fields }, _) => all(thing, &need(fields)),
        _ => Vec::new(),
    }
}

/// A claim is known by its need and its claimant, whose member has to be known.
fn of_claims(said: &Said, me: &Members) -> Vec<Expectation> {
    let (need, state) = match (&said.command, &said.need) {
        (Command::NeedClaim { need }, _) => (need, "offered"),
        (Command::NeedRelease { need }, _) => (need, "released"),
        (Command::Undo { .. }, Some(need)) => (need, NO_CLAIM),
        _ => return Vec::new(),
    };
    let claim = |me: &String| expect("claim", &format!("{need} {me}"), state);
    me.get(&said.node).map(claim).into_iter().collect()
}

/// What shows where nobody claims, or took it back.
pub(crate) const NO_CLAIM: &str = "no claim";

impl Seen {
    /// What is shown of a thing; none where it is not there.
    pub(crate) fn value(&self, kind: &str, thing: &str) -> Option<String> {
        let post = || self.feed.rows.iter().find(|row| row.id == thing).cloned();
        let campaign = || self.campaigns.rows.iter().find(|row| row.id == thing).cloned();
        let need = |id: &str| self.needs.rows.iter().find(|row| row.id == id);
        let member = || self.members.rows.iter().find(|row| row.who.member == thing);
        match kind {
            "post" => post().map(|row| row.text),
            "post's campaign" => post().map(|row| row.campaign.unwrap_or_default()),
            "post's subject" => post().map(|row| row.reply_to.unwrap_or_default()),
            "title" => campaign().map(|row| row.title),
            "goal" => campaign().map(|row| row.goal),
            "status" => campaign().map(|row| row.status),
            "need" => need(thing).map(|row| row.text.clone()),
            "area" => need(thing).map(|row| row.area.clone()),
            "claim" => {
                let (thing, member) = thing.split_once(' ')?;
                let claim = need(thing)?.claims.iter().find(|row| row.by.member == member);
                Some(claim.map_or(NO_CLAIM, |row| row.state.as_str()).to_owned())
            }
            "invite" => {
                let row = self.invites.rows.iter().find(|row| row.invite == thing)?;
                // Used up or ended, it is still not withdrawn.
                let open = row.state != "withdrawn";
                Some(if open { "open".to_owned() } else { row.state.clone() })
            }
            "name" => member().map(|row| row.who.name.clone()),
            _ => member().map(|row| row.state.clone()),
        }
    }

    /// The list that has a thing of this kind, by what it is known, and how much that says is
    /// unread.
    pub(crate) fn list(&self, kind: &str) -> Option<(&'static str, u64)> {
        match kind {
            "post" => Some(("feed", self.feed.unread)),
            "title" => Some(("campaigns", self.campaigns.unread)),
            "need" | "claim" => Some(("needs", self.needs.unread)),
            "name" => Some(("members", self.members.unread)),
            _ => None,
        }
    }

    /// The member whose node this is.
    pub(crate) fn me(&self) -> Option<String> {
        self.members.rows.iter().find(|row| row.me).map(|row| row.who.member.clone())
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
        for ((kind, thing), values) in Expected::of(said, &me, &one.space, |_| true).0 {
            // Of a thing of which nothing was answered there may be nothing at all.
            let found = one.value(kind, &thing);
            let is_theirs = copied.is_some_and(|node| values.is_of(node));
            let is_right = is_theirs
                || !values.answered
                || found.as_ref().is_some_and(|value| values.allows(kind, value));
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
