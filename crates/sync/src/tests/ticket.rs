//! Tickets as text.

use ledger::{Bounded, EntryId, ItemId};

use super::{peer_at, space};
use crate::{
    Ticket, TicketError,
    limits::{ADDRESS_BYTES_MAX, CONTACTS_MAX, TICKET_CHARS_MAX},
};

fn ticket(contacts: usize) -> Ticket {
    let contacts: Vec<_> = (1..=contacts as u8).map(peer_at).collect();
    Ticket {
        seed: ledger::SecretBytes::from_bytes([3; 16]),
        space: space(1),
        invite: ItemId::from_bytes([2; 32]),
        known: EntryId::from_bytes([4; 32]),
        contacts: contacts.try_into().unwrap(),
    }
}

#[test]
fn a_ticket_is_read_back() {
    for contacts in 0..=CONTACTS_MAX {
        let ticket = ticket(contacts);
        let text = ticket.to_text();
        assert!(text.starts_with("groundwork:1") && text.len() <= TICKET_CHARS_MAX);
        assert_eq!(Ticket::parse(&text).unwrap(), ticket);
    }
}

#[test]
fn case_white_space_and_the_scheme_do_not_matter() {
    let (whole, text) = (ticket(2), ticket(2).to_text());
    let bare = text.strip_prefix("groundwork:").unwrap();
    let lines: Vec<_> = text.as_bytes().chunks(40).map(|l| String::from_utf8_lossy(l)).collect();
    let alike = bare.replace('0', "o").replace('1', "L");
    let spellings = [
        text.to_lowercase(),
        text.to_uppercase(),
        bare.to_owned(),
        bare.to_lowercase(),
        lines.join("\n  "),
        format!(" {text}\n"),
        // The version stays as it is; zeros and ones may be typed as the letters like them.
        format!("groundwork:1{}", &alike[1..]),
    ];
    for spelling in spellings {
        assert_eq!(Ticket::parse(&spelling).as_ref(), Ok(&whole), "{spelling}");
    }
}

#[test]
fn damage_to_any_character_is_noticed() {
    let text = ticket(1).to_text();
    let begin = "groundwork:1".len();
    for at in begin..text.len() {
        for other in ['0', '7', 'Z', 'U', '!', 'é'] {
            let kept = text[at..].chars().next().unwrap();
            if kept == other {
                continue;
            }
            let damaged = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(Ticket::parse(&damaged), Err(TicketError::Damaged), "{at} {other}");
        }
        let missing = format!("{}{}", &text[..at], &text[at + 1..]);
        let twice = format!("{}{}", &text[..=at], &text[at..]);
        assert_eq!(Ticket::parse(&missing), Err(TicketError::Damaged), "without {at}");
        assert_eq!(Ticket::parse(&twice), Err(TicketError::Damaged), "{at} twice");
        assert_eq!(Ticket::parse(&text[..at]), Err(TicketError::Damaged), "cut at {at}");
    }
}

#[test]
fn what_is_no_ticket_is_told_apart() {
    for text in ["", "hello", "groundwork:", "groundwork:2ABC", "https://example.org/"] {
        assert_eq!(Ticket::parse(text), Err(TicketError::NoTicket), "{text}");
    }
    let long = "1".repeat(2 * TICKET_CHARS_MAX + 1);
    assert_eq!(Ticket::parse(&long), Err(TicketError::TooLong));
}

#[test]
fn a_ticket_as_long_as_they_come_is_still_read() {
    let mut ticket = ticket(CONTACTS_MAX);
    let mut contacts = ticket.contacts.into_inner();
    let address = "a".repeat(ADDRESS_BYTES_MAX);
    for contact in &mut contacts {
        let addresses = vec![address.as_str().try_into().unwrap(); 8];
        contact.addresses = addresses.try_into().unwrap();
    }
    ticket.contacts = Bounded::try_from(contacts).unwrap();
    match Ticket::parse(&ticket.to_text()) {
        Ok(read) => assert_eq!(read, ticket),
        Err(error) => assert_eq!(error, TicketError::TooLong, "what no code holds is refused"),
    }
}
