//! What people do: they ask their own node, and act on what it tells them.

use api::{Answer, CampaignFields, Command, NeedFields, Query};
use rand_chacha::ChaCha20Rng;

use super::draw::{chance, pick, range};

/// What the person at a node does next, by what their node shows.
pub(crate) fn next(
    rng: &mut ChaCha20Rng,
    n: u64,
    campaigns: &[String],
    needs: &[String],
    posts: &[String],
) -> Command {
    match range(rng, 0, 9) {
        0 => Command::CampaignNew(CampaignFields {
            title: Some(format!("Campaign {n}")),
            goal: chance(rng, 500).then(|| "Heat by winter".to_owned()),
            ..CampaignFields::default()
        }),
        1 if !campaigns.is_empty() => Command::CampaignEdit {
            campaign: pick(rng, campaigns).cloned().unwrap_or_default(),
            fields: CampaignFields {
                title: chance(rng, 500).then(|| format!("Campaign {n}, changed")),
                goal: Some(format!("Goal {n}")),
                status: chance(rng, 300).then(|| "paused".to_owned()),
                ..CampaignFields::default()
            },
        },
        2 => Command::NeedAdd(NeedFields {
            text: Some(format!("Need {n}")),
            ..NeedFields::default()
        }),
        3 | 4 if !needs.is_empty() => {
            let need = pick(rng, needs).cloned().unwrap_or_default();
            if chance(rng, 300) {
                Command::NeedRelease { need }
            } else {
                Command::NeedClaim { need }
            }
        }
        5 if !posts.is_empty() => {
            let thing = pick(rng, posts).cloned().unwrap_or_default();
            if chance(rng, 300) {
                Command::Undo { thing }
            } else {
                Command::Post {
                    text: format!("Reply {n}"),
                    campaign: None,
                    reply_to: Some(thing),
                    text_lang: None,
                }
            }
        }
        _ => Command::Post {
            text: format!("Post {n}"),
            campaign: pick(rng, campaigns).filter(|_| n.is_multiple_of(2)).cloned(),
            reply_to: None,
            text_lang: None,
        },
    }
}

/// What a person looks at before they act.
pub(crate) fn looks() -> [Query; 4] {
    [
        Query::Todo,
        Query::Campaigns,
        Query::Needs,
        Query::Feed { after: None, limit: 20, campaign: None },
    ]
}

/// Ids in a list.
pub(crate) fn ids(answer: Option<&Answer>) -> Vec<String> {
    match answer {
        Some(Answer::Campaigns(rows)) => rows.rows.iter().map(|row| row.id.clone()).collect(),
        Some(Answer::Needs(rows)) => rows.rows.iter().map(|row| row.id.clone()).collect(),
        Some(Answer::Feed(rows)) => rows.rows.iter().map(|row| row.id.clone()).collect(),
        _ => Vec::new(),
    }
}
