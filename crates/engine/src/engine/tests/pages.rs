//! Lists in pages: all pages are the whole list, whatever comes in between.

use api::{CampaignFields, NeedFields, Next, Page, Query};

use super::*;

/// The ids of the rows of a list, and behind which the next page begins.
fn page(
    node: &mut Node,
    query: &Query,
    page: Page,
) -> Result<(Vec<String>, Option<Next>), ErrorCode> {
    let ask = Ask { page, ..Ask::new(query.clone()) };
    Ok(match node.ask_as(ask)? {
        Answer::Campaigns(rows) => (rows.rows.into_iter().map(|row| row.id).collect(), rows.next),
        Answer::Needs(rows) => (rows.rows.into_iter().map(|row| row.id).collect(), rows.next),
        Answer::Members(rows) => {
            (rows.rows.into_iter().map(|row| row.who.member).collect(), rows.next)
        }
        Answer::Invites(rows) => (rows.rows.into_iter().map(|row| row.invite).collect(), rows.next),
        other => panic!("{other:?}"),
    })
}

fn make(node: &mut Node, n: usize) {
    // Some of one time.
    if n.is_multiple_of(3) {
        node.now = node.now.plus_ms(7);
    }
    let title = Some(format!("Campaign {n}"));
    node.ask(Command::CampaignNew(CampaignFields { title, ..CampaignFields::default() })).unwrap();
    let text = Some(format!("Need {n}"));
    node.ask(Command::NeedAdd(NeedFields { text, ..NeedFields::default() })).unwrap();
    node.invite(1, 1);
}

#[test]
fn all_pages_are_the_whole_list() {
    let mut node = Node::founded();
    (0..9).for_each(|n| make(&mut node, n));
    let lists =
        [(Query::Campaigns, 9), (Query::Needs, 9), (Query::Invites, 9), (Query::Members, 1)];
    for (query, count) in lists {
        let (whole, next) = page(&mut node, &query, Page::default()).unwrap();
        assert_eq!((whole.len(), next), (count, None), "{query:?}");
        for limit in 1..11 {
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let (rows, next) = page(&mut node, &query, Page { after, limit }).unwrap();
                assert!(!rows.is_empty() && rows.len() as u64 <= limit, "{query:?}: {rows:?}");
                all.extend(rows);
                let Some(Next::Row(last)) = next else { break };
                assert_eq!(Some(&last), all.last());
                after = Some(last.to_uppercase());
            }
            assert_eq!(all, whole, "{query:?} in pages of {limit}");
        }
    }
}

#[test]
fn what_is_no_row_of_a_list_is_no_place_to_go_on_from() {
    let mut node = Node::founded();
    make(&mut node, 0);
    let (campaigns, _) = page(&mut node, &Query::Campaigns, Page::default()).unwrap();
    for after in [campaigns[0].clone(), "do_nothing".to_owned(), String::new(), "é".repeat(99)] {
        let wanted = Page { after: Some(after), limit: 1 };
        assert_eq!(page(&mut node, &Query::Needs, wanted), Err(ErrorCode::NotFound));
    }
    // Behind the last there is nothing, which is no fault.
    let behind = Page { after: Some(campaigns[0].clone()), limit: 1 };
    assert_eq!(page(&mut node, &Query::Campaigns, behind), Ok((vec![], None)));
}
