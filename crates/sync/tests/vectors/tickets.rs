//! `tickets.json`: tickets and their texts.

use ledger::{EntryId, ItemId};
use serde_json::{Value, json};
use sync::{Ticket, TicketError};

use crate::{
    file::{Made, check, hex, invalid, json_of, unhex, valid},
    fixed::*,
    refusal,
};

#[test]
fn tickets_hold() {
    let mut made: Vec<Made> = [
        ("ticket-alone", ticket(0)),
        ("ticket-with-a-contact", ticket(1)),
        ("ticket-with-two-contacts", ticket(2)),
    ]
    .into_iter()
    .map(|(name, ticket)| valid("ticket", name, ledger::encode(&ticket)))
    .collect();
    made.extend(texts());
    made.extend(wrong_texts());
    made.extend(wrong_payloads());
    check("tickets.json", made, true, |kind, _, bytes| match kind {
        "ticket" => read_ticket(bytes),
        _ => {
            let text = std::str::from_utf8(bytes).unwrap();
            let ticket = Ticket::parse(text).map_err(|error| error.to_string())?;
            Ok(json!({ "ticket": hex(&ledger::encode(&ticket)) }))
        }
    });
}

fn ticket(contacts: usize) -> Ticket {
    let mut known = nodes::<5>().into_inner();
    known.reverse();
    known.truncate(contacts);
    Ticket {
        seed: ledger::SecretBytes::from_bytes([6; 16]),
        space: space(8),
        invite: ItemId::from_bytes([2; 32]),
        known: EntryId::from_bytes([3; 32]),
        contacts: list(known),
    }
}

fn text(name: &str, text: &str) -> Made {
    valid("ticket-text", name, text.as_bytes().to_vec())
}

fn texts() -> Vec<Made> {
    let whole = ticket(2).to_text();
    let (first, second) = whole.split_at(60);
    let body = &whole["groundwork:1".len()..];
    vec![
        text("text-alone", &ticket(0).to_text()),
        text("text", &whole),
        text("text-in-upper-case", &whole.to_ascii_uppercase()),
        text("text-in-lower-case", &whole.to_ascii_lowercase()),
        text("text-without-scheme", &whole["groundwork:".len()..]),
        text("text-in-two-lines", &format!(" {first}\n\t{second}\r\n")),
        text("text-with-o-and-l", &format!("1{}", body.replace('0', "o").replace('1', "l"))),
        text("text-with-i", &format!("1{}", body.replace('1', "I"))),
    ]
}

fn wrong_texts() -> Vec<Made> {
    let (damaged, none) = (TicketError::Damaged, TicketError::NoTicket);
    let (damaged, none) = (damaged.to_string(), none.to_string());
    let (damaged, none): (&'static str, &'static str) = (damaged.leak(), none.leak());
    let whole = ticket(1).to_text();
    let bad = |name, rule, text: &str| invalid("ticket-text", name, rule, text.as_bytes().to_vec());
    let changed = |at: usize| {
        let other = if &whole[at..=at] == "7" { "8" } else { "7" };
        format!("{}{other}{}", &whole[..at], &whole[at + 1..])
    };
    vec![
        bad("text-empty", none, ""),
        bad("text-of-another-scheme", none, &whole.replace("groundwork", "https")),
        bad("text-of-version-2", none, &whole.replace(":1", ":2")),
        bad("text-of-nothing", damaged, "groundwork:1"),
        bad("text-with-the-first-changed", damaged, &changed(12)),
        bad("text-with-the-middle-changed", damaged, &changed(100)),
        bad("text-with-the-last-changed", damaged, &changed(whole.len() - 2)),
        bad("text-cut", damaged, &whole[..whole.len() - 1]),
        bad("text-with-a-zero-more", damaged, &(whole.clone() + "0")),
        bad("text-with-u", damaged, &whole.replacen("G", "U", 1)),
        bad("text-with-two-more", damaged, &(whole.clone() + "00")),
        bad("text-of-8593-bytes", "longer than a ticket can be", &" ".repeat(8593)),
    ]
}

fn wrong_payloads() -> Vec<Made> {
    let h = "5820 0101010101010101010101010101010101010101010101010101010101010101";
    let full = |hex: &str| unhex(&hex.replace('#', h));
    let seed = "50 01010101010101010101010101010101";
    let short = "4f 010101010101010101010101010101";
    let bad = |name, rule, bytes| invalid("ticket", name, rule, bytes);
    vec![
        bad(
            "seed-of-15-bytes",
            "malformed: a seed has 16 bytes",
            full(&format!("85 {short} # # # 80")),
        ),
        bad("contacts-6", "malformed: a list past its limit", full(&format!("85 {seed} # # # 86"))),
        bad(
            "contacts-missing",
            "malformed: a ticket has contacts",
            full(&format!("84 {seed} # # #")),
        ),
        bad(
            "seed-length-long",
            "not the one encoding: shortest lengths",
            full(&format!("85 5810 {} # # # 80", &seed[3..])),
        ),
        bad(
            "ticket-of-six",
            "not the one encoding: no other elements",
            full(&format!("86 {seed} # # # 80 00")),
        ),
    ]
}

fn read_ticket(bytes: &[u8]) -> Result<Value, String> {
    let ticket: Ticket = ledger::decode(bytes).map_err(refusal)?;
    assert_eq!(ledger::encode(&ticket), bytes);
    assert_eq!(Ticket::parse(&ticket.to_text()).as_ref(), Ok(&ticket));
    Ok(json!({ "text": ticket.to_text(), "value": json_of(bytes) }))
}
