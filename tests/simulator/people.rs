//! What people do: they ask their own node, and act on what it tells them.

use api::{Answer, CampaignFields, Command, NeedFields, NeedRow, Query};
use ledger::{
    ItemId,
    id_text::{self, IdQuery},
};
use rand_chacha::ChaCha20Rng;

use super::draw::{chance, pick, range};

/// What a person sees of a space before they act.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) space: String,
    pub(crate) campaigns: Vec<String>,
    pub(crate) needs: Vec<String>,
    pub(crate) posts: Vec<String>,
    pub(crate) invites: Vec<String>,
    /// Claims of needs, with what they claim; and those of them that are this person's.
    pub(crate) claims: Vec<(String, String)>,
    pub(crate) own_claims: Vec<String>,
}

/// What the person at a node does next, by what their node shows; `n` is new each time.
pub(crate) fn next(rng: &mut ChaCha20Rng, person: usize, n: u64, view: &View) -> Command {
    match range(rng, 0, 19) {
        0..2 => campaign_new(rng, n),
        2..4 if !view.campaigns.is_empty() => Command::CampaignEdit {
            campaign: pick(rng, &view.campaigns).cloned().unwrap_or_default(),
            fields: CampaignFields {
                title: chance(rng, 500).then(|| format!("Campaign {n}, changed")),
                goal: Some(format!("Goal {n}")),
                status: chance(rng, 300).then(|| "paused".to_owned()),
                ..CampaignFields::default()
            },
        },
        4..6 => Command::NeedAdd(NeedFields {
            text: Some(format!("Need {n}")),
            ..NeedFields::default()
        }),
        6..9 if !view.own_claims.is_empty() && chance(rng, 200) => {
            Command::Undo { thing: pick(rng, &view.own_claims).cloned().unwrap_or_default() }
        }
        6..9 if !view.needs.is_empty() => {
            let need = pick(rng, &view.needs).cloned().unwrap_or_default();
            with_need(rng, n, need)
        }
        9..11 if !view.posts.is_empty() => {
            let thing = pick(rng, &view.posts).cloned().unwrap_or_default();
            if chance(rng, 300) {
                Command::Undo { thing }
            } else {
                post(format!("Reply {n}"), None, Some(thing))
            }
        }
        11 => Command::Profile { name: format!("{}, the {n}th", called(person)) },
        12 if chance(rng, 300) => Command::Invite { days: 7, knocks: 1 },
        13 if !view.invites.is_empty() => {
            Command::Withdraw { invite: pick(rng, &view.invites).cloned().unwrap_or_default() }
        }
        14 if chance(rng, 200) => Command::Use { space: view.space.clone() },
        _ => {
            let campaign = pick(rng, &view.campaigns).filter(|_| n.is_multiple_of(2)).cloned();
            post(format!("Post {n}"), campaign, None)
        }
    }
}

fn campaign_new(rng: &mut ChaCha20Rng, n: u64) -> Command {
    Command::CampaignNew(CampaignFields {
        title: Some(format!("Campaign {n}")),
        goal: chance(rng, 500).then(|| "Heat by winter".to_owned()),
        ..CampaignFields::default()
    })
}

fn with_need(rng: &mut ChaCha20Rng, n: u64, need: String) -> Command {
    match range(rng, 0, 9) {
        0..3 => Command::NeedRelease { need },
        3..5 => {
            let text = chance(rng, 500).then(|| format!("Need {n}, changed"));
            let area = Some(format!("Area {n}"));
            Command::NeedEdit { need, fields: NeedFields { text, area, ..NeedFields::default() } }
        }
        _ => Command::NeedClaim { need },
    }
}

/// A post in a space's own feed, in a campaign, or under another.
pub(crate) fn post(text: String, campaign: Option<String>, reply_to: Option<String>) -> Command {
    Command::Post { text, campaign, reply_to, text_lang: None }
}

/// The item that a text names, as answers write it.
pub(crate) fn item_id(text: &str) -> Option<ItemId> {
    match id_text::parse(text) {
        Ok(IdQuery::Full(_, bytes)) => Some(ItemId::from_bytes(bytes)),
        _ => None,
    }
}

/// What a person is called when they knock.
pub(crate) fn called(person: usize) -> String {
    format!("Person {person}")
}

/// What nobody vouches for is called.
pub(crate) const STRANGER: &str = "Nobody";

/// What a person looks at before they act.
pub(crate) fn looks() -> [Query; 5] {
    [
        Query::Profile,
        Query::Campaigns,
        Query::Needs,
        Query::Feed { after: None, limit: 20, campaign: None },
        Query::Invites,
    ]
}

impl View {
    /// What these answers show of a space.
    pub(crate) fn of(space: &str, answers: impl IntoIterator<Item = Option<Answer>>) -> Self {
        let (mut view, mut me) = (Self::default(), String::new());
        view.space = space.to_owned();
        for answer in answers.into_iter().flatten() {
            match answer {
                Answer::Profiled(profiled) => me = profiled.member,
                Answer::Campaigns(rows) => {
                    view.campaigns = rows.rows.into_iter().map(|row| row.id).collect();
                }
                Answer::Needs(rows) => {
                    view.see_claims(&rows.rows, &me);
                    view.needs = rows.rows.into_iter().map(|row| row.id).collect();
                }
                Answer::Feed(rows) => {
                    view.posts = rows.rows.into_iter().map(|row| row.id).collect();
                }
                // Those with several knocks are how everybody comes in.
                Answer::Invites(rows) => {
                    let single = rows.rows.into_iter().filter(|row| row.knocks_max == 1);
                    view.invites = single.map(|row| row.invite).collect();
                }
                _ => {}
            }
        }
        view
    }

    fn see_claims(&mut self, needs: &[NeedRow], me: &str) {
        for need in needs {
            for claim in &need.claims {
                self.claims.push((claim.id.clone(), need.id.clone()));
                if claim.by.member == me {
                    self.own_claims.push(claim.id.clone());
                }
            }
        }
    }
}
