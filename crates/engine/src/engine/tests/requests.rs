//! A request id counts for one asker and one command.

use api::{Asker, Query};

use super::*;

fn post(text: &str) -> Command {
    Command::Post { text: text.to_owned(), campaign: None, reply_to: None, text_lang: None }
}

impl Node {
    pub(super) fn ask_as(&mut self, ask: Ask) -> Result<Answer, ErrorCode> {
        self.input(Input::Ask { ask: AskId(0), what: ask });
        self.answers.pop().unwrap()
    }
}

fn named(what: impl Into<What>) -> Ask {
    Ask { request_id: Some("one".to_owned()), ..Ask::new(what) }
}

#[test]
fn a_command_that_is_put_again_is_answered_alike_and_done_once() {
    let mut node = Node::founded();
    let first = node.ask_as(named(post("Hello"))).unwrap();
    assert_eq!(node.ask_as(named(post("Hello"))).unwrap(), first);
    // How long one waits for others is no part of what is asked.
    let patient = Ask { timeout_ms: 1, wait: 0, ..named(post("Hello")) };
    assert_eq!(node.ask_as(patient).unwrap(), first);
}

#[test]
fn another_command_under_the_same_id_is_an_error() {
    let mut node = Node::founded();
    node.ask_as(named(post("Hello"))).unwrap();
    let elsewhere = Ask { space: Some("Elm".to_owned()), ..named(post("Hello")) };
    for other in [named(post("Good bye")), elsewhere, named(Command::Invite { days: 1, knocks: 1 })]
    {
        assert_eq!(node.ask_as(other).unwrap_err(), ErrorCode::BadRequest);
    }
    // A query is always done.
    assert!(matches!(node.ask_as(named(Query::Status)), Ok(Answer::Status(_))));
}

#[test]
fn what_one_asker_was_answered_is_not_told_another() {
    let mut node = Node::founded();
    node.ask_as(named(post("Hello"))).unwrap();
    let board = Ask { asker: Asker::Board, ..named(post("Hello")) };
    assert_eq!(node.ask_as(board).unwrap_err(), ErrorCode::Board);
}

#[test]
fn a_command_that_waits_has_its_id_too() {
    let mut node = Node::founded();
    let sync = || named(Command::Sync { with: None });
    let put = |node: &mut Node, ask| {
        node.input(Input::Ask { ask: AskId(0), what: ask });
        node.answers.pop()
    };
    assert!(put(&mut node, sync()).is_none(), "it waits");
    assert_eq!(put(&mut node, named(post("Hello"))), Some(Err(ErrorCode::BadRequest)));
    // Put again it waits as well, and nothing is an error.
    node.input(Input::Ask { ask: AskId(1), what: sync() });
    assert!(node.answers.is_empty());
    assert!(put(&mut node, post_under("another")).is_some_and(|answer| answer.is_ok()));
}

fn post_under(id: &str) -> Ask {
    Ask { request_id: Some(id.to_owned()), ..Ask::new(post("Hello")) }
}

#[test]
fn a_ticket_is_kept_nowhere() {
    let mut node = Node::founded();
    let invite = || named(Command::Invite { days: 1, knocks: 1 });
    let Ok(Answer::Invited(invited)) = node.ask_as(invite()) else { panic!("a ticket") };
    assert_eq!(node.ask_as(invite()).unwrap_err(), ErrorCode::BadRequest, "not a second ticket");
    let text = invited.ticket.as_str().as_bytes();
    let store = node.engine.into_store();
    assert!(!store.holds(|value| value.windows(text.len()).any(|part| part == text)));
    let id = invited.space.as_bytes();
    assert!(!store.holds(|value| value.windows(id.len()).any(|part| part == id)), "nor the answer");
}
