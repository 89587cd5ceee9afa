//! Errors between several people.

use std::path::Path;

use api::ErrorCode;

use super::{Reached, person};
use crate::person::{Person, copy, poll_until, split};

fn join(person: &Person, name: &str, ticket: &str) {
    let said = person.run(&split(&format!("join - --me {name} --json")), Some(ticket));
    assert_eq!(said.exit(), 0, "{}", said.stderr);
}

fn vouches(person: &Person, name: &str) {
    poll_until("a vouch", || {
        let said = person.run(&split(&format!("member vouch {name} --json")), None);
        (said.exit() == 0).then_some(())
    });
}

/// Knocking, vouching, and what is another's.
pub(super) fn newcomers(reached: &mut Reached, within: &Path) {
    use ErrorCode::*;
    let mut people = ["a", "b", "c", "d", "e", "f", "g"].map(|name| person(within, name));
    people[0].json("found 'Night Shift' --me A");
    let ticket = people[0].json("member invite")["ticket"].as_str().unwrap().to_owned();
    reached.fails_with(&people[6], "join - --me G --timeout 0", &ticket, NoAnswer);
    reached.fails(&people[6], "post Hello", Knocking);
    let ready = people[0].up();
    people[0].stay_at(&ready);
    let ended = people[0].json("member invite");
    people[0].json(&format!("member withdraw {}", ended["invite"].as_str().unwrap()));
    let stranger = person(within, "stranger");
    let ended = ended["ticket"].as_str().unwrap();
    reached.fails_with(&stranger, "join - --me S", ended, TicketEnded);
    let ticket = people[0].json("member invite --knocks 9")["ticket"].as_str().unwrap().to_owned();
    let post = people[0].json("post 'By A'")["id"].as_str().unwrap().to_owned();
    for (n, name) in [(1, "B"), (2, "C"), (3, "D"), (4, "E")] {
        join(&people[n], name, &ticket);
        people[n].up();
        vouches(&people[0], name);
        if n == 2 {
            reached.fails(&people[0], "member vouch C", AlreadyVouched);
        }
        if n > 1 {
            vouches(&people[1], name);
        }
        poll_until("being in", || {
            (people[n].json("status")["spaces"][0]["state"] == "in").then_some(())
        });
    }
    poll_until("a post of another", || {
        let said = people[1].run(&split(&format!("undo {post} --json")), None);
        (said.exit() == 1 && said.stderr.contains("not-yours")).then_some(())
    });
    reached.fails(&people[1], &format!("undo {post}"), NotYours);
    join(&people[5], "F", &ticket);
    poll_until("a knock", || {
        let said = people[4].run(&split("member vouch F --json"), None);
        said.stderr.contains("no-say").then_some(())
    });
    reached.fails(&people[4], "member vouch F", NoSay);
    join(&person(within, "h"), "F", &ticket);
    reached.fails(&people[0], "member vouch F", Ambiguous);
}

/// Many spaces in one home.
pub(super) fn spaces(reached: &mut Reached, within: &Path) {
    let mut ana = person(within, "many");
    ana.up();
    ana.json("found Kitchen --me Ana");
    ana.json("found Tenants --me Ana");
    reached.fails(&ana, "post Hello", ErrorCode::SpaceAmbiguous);
    for n in 2..64 {
        ana.json(&format!("found 'Space {n}' --me Ana"));
    }
    reached.fails(&ana, "found 'One more' --me Ana", ErrorCode::TooManySpaces);
}

/// A home that was copied: both write, and its person goes on with a new key.
pub(super) fn copies(reached: &mut Reached, within: &Path) {
    let mut people = ["ina", "jo", "twin", "kim"].map(|name| person(within, name));
    people[0].json("found 'Twice' --me Ina");
    let ready = people[0].up();
    people[0].stay_at(&ready);
    let ticket = |person: &Person| {
        person.json("member invite --knocks 2")["ticket"].as_str().unwrap().to_owned()
    };
    for (n, name) in [(1, "Jo"), (3, "Kim")] {
        join(&people[n], name, &ticket(&people[0]));
        people[n].up();
        vouches(&people[0], name);
        if n == 3 {
            vouches(&people[1], name);
        }
        poll_until("being in", || {
            (people[n].json("status")["spaces"][0]["state"] == "in").then_some(())
        });
    }
    people[1].stop();
    copy(&people[1].home(), &people[2].home());
    for person in &people[1..] {
        person.json("member invite");
    }
    for n in [1, 2] {
        people[n].up();
        poll_until("a connection", || {
            (people[n].json("status")["spaces"][0]["connected"].as_u64() > Some(0)).then_some(())
        });
        if n == 1 {
            people[n].json("sync");
            people[n].stop();
        }
    }
    poll_until("the fork", || {
        people[2].json("why").to_string().contains("join again").then_some(())
    });
    reached.fails(&people[2], "post Hello", ErrorCode::OwnFork);
    join(&people[2], "Jo-again", &ticket(&people[0]));
    for voucher in [0, 3] {
        vouches(&people[voucher], "Jo-again");
    }
    poll_until("a post with the new key", || {
        let said = people[2].run(&split("post Hello --json"), None);
        (said.exit() == 0).then_some(())
    });
}
