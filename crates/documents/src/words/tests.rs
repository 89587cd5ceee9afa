use ledger::content_items::{Claim, Post, Profile, Undone};

use super::*;

fn id(byte: u8) -> ItemId {
    ItemId::from_bytes([byte; 32])
}

fn member(byte: u8) -> MemberId {
    MemberId::from_bytes([byte; 32])
}

fn version(number: u8, device: u8, seq: u64, stamp: u64, replaces: Option<u8>) -> Version {
    Version {
        id: id(number),
        device: DeviceId::from_bytes([device; 32]),
        place: (seq, 0),
        stamp: Timestamp::from_ms(stamp),
        replaces: replaces.map(id),
    }
}

/// All orders of a few things.
fn permutations<T: Clone>(of: &[T]) -> Vec<Vec<T>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in of.iter().enumerate() {
        let mut rest = of.to_vec();
        rest.remove(at);
        for mut tail in permutations(&rest) {
            tail.push(first.clone());
            all.push(tail);
        }
    }
    all
}

#[test]
fn the_same_word_shows_in_every_order() {
    let cases: [(&str, Vec<Version>, u8); 7] = [
        ("one word", vec![version(1, 1, 0, 5, None)], 1),
        (
            "a chain, with stamps that go back",
            vec![
                version(1, 1, 0, 9, None),
                version(2, 2, 0, 5, Some(1)),
                version(3, 1, 1, 1, Some(2)),
            ],
            3,
        ),
        (
            "two concurrent ones: the later stamp",
            vec![
                version(1, 1, 0, 1, None),
                version(2, 1, 1, 8, Some(1)),
                version(3, 2, 0, 7, Some(1)),
            ],
            2,
        ),
        (
            "of equal stamps the smaller id",
            vec![
                version(1, 1, 0, 1, None),
                version(2, 3, 1, 7, Some(1)),
                version(3, 2, 0, 7, Some(1)),
            ],
            2,
        ),
        (
            "a later word of the same log, though it names nothing",
            vec![version(1, 1, 0, 9, None), version(2, 1, 1, 5, None)],
            2,
        ),
        (
            "a word that joins two branches by its log and its name",
            vec![
                version(1, 1, 0, 1, None),
                version(2, 1, 1, 9, Some(1)),
                version(3, 2, 0, 8, Some(1)),
                version(4, 2, 1, 2, Some(2)),
            ],
            4,
        ),
        (
            "five, of which two stand",
            vec![
                version(1, 1, 0, 1, None),
                version(2, 2, 0, 2, Some(1)),
                version(3, 3, 0, 3, Some(1)),
                version(4, 1, 1, 4, Some(2)),
                version(5, 3, 1, 3, Some(3)),
            ],
            4,
        ),
    ];
    for (name, versions, expected) in cases {
        for order in permutations(&versions) {
            assert_eq!(shown(&order).map(|word| word.id), Some(id(expected)), "{name}");
        }
    }
    assert_eq!(shown(&[]), None);
    let circle = [version(1, 1, 0, 1, Some(2)), version(2, 2, 0, 1, Some(1))];
    assert_eq!(shown(&circle), None, "impossible with hashes, and no reason to hang");
}

fn post() -> WordBody {
    let text = "hello".try_into().unwrap();
    WordBody::Post(Post { text, lang: None, campaign: None })
}

fn undone() -> WordBody {
    WordBody::Undone(Undone {})
}

fn claim(state: ClaimState) -> WordBody {
    WordBody::Claim(Claim { state })
}

fn judged(kind: &WordBody, subject: Option<u8>, rule: Option<WordRule>) -> Judged {
    Judged { kind: kind.kind(), subject: subject.map(id), root: id(1), rule }
}

fn replaces(word: Judged, author: u8) -> Replaced {
    Replaced::Word { word, author: member(author) }
}

fn rule_of(body: &WordBody, subject: Subject, replaced: Replaced) -> Result<Judged, WordRule> {
    let subject_id = (subject != Subject::None).then(|| id(50));
    let author = member(1);
    let judged = judge(&Case { id: id(2), author, subject_id, subject, replaced, body });
    match judged.rule {
        Some(rule) => {
            assert_eq!(judged.root, id(2), "a void word joins no slot");
            Err(rule)
        }
        None => Ok(judged),
    }
}

#[test]
fn a_word_joins_the_slot_of_the_word_that_it_replaces() {
    let mine = judged(&post(), None, None);
    let first = rule_of(&post(), Subject::None, Replaced::Nothing).unwrap();
    assert_eq!((first.root, first.kind), (id(2), post().kind()));
    let second = rule_of(&post(), Subject::None, replaces(mine, 1)).unwrap();
    assert_eq!((second.root, second.kind), (id(1), post().kind()));
    let gone = rule_of(&undone(), Subject::None, replaces(mine, 1)).unwrap();
    assert_eq!((gone.root, gone.kind), (id(1), post().kind()), "of the kind that it undoes");
    let back = rule_of(&post(), Subject::None, replaces(gone, 1)).unwrap();
    assert_eq!(back.root, id(1), "what was undone can be said again");
}

#[test]
fn an_undoing_may_leave_out_the_subject() {
    let reply = judged(&post(), Some(50), None);
    for subject in [Subject::None, Subject::Other] {
        let gone = rule_of(&undone(), subject, replaces(reply, 1)).unwrap();
        assert_eq!(gone.subject, Some(id(50)));
    }
}

#[test]
fn words_replace_only_what_their_author_can() {
    let mine = judged(&post(), None, None);
    let elsewhere = judged(&post(), Some(60), None);
    let profile = WordBody::Profile(Profile { name: "Ana".try_into().unwrap() });
    let void = judged(&post(), None, Some(WordRule::NoWord));
    let cases = [
        (post(), replaces(mine, 9), WordRule::OtherAuthor),
        (undone(), replaces(mine, 9), WordRule::OtherAuthor),
        (profile, replaces(mine, 1), WordRule::OtherKind),
        (post(), replaces(elsewhere, 1), WordRule::OtherSubject),
        (post(), replaces(void, 1), WordRule::ReplacesVoid),
        (undone(), replaces(void, 1), WordRule::ReplacesVoid),
        (undone(), Replaced::Nothing, WordRule::NothingUndone),
        (undone(), Replaced::NoWord, WordRule::NoWord),
        (post(), Replaced::NoWord, WordRule::NoWord),
    ];
    for (body, replaced, rule) in cases {
        assert_eq!(rule_of(&body, Subject::None, replaced), Err(rule), "{body:?}");
    }
}

#[test]
fn claims_are_said_by_the_right_side() {
    use ClaimState::{Accepted, Declined, Disputed, Done, Offered, Released, UnderWay};
    let of = |poster, rule| Subject::Claim {
        claim: judged(&claim(Offered), Some(50), rule),
        poster: member(poster),
    };
    let say = |state, subject| rule_of(&claim(state), subject, Replaced::Nothing).map(|_| ());
    for state in [Offered, UnderWay, Released] {
        assert_eq!(say(state, Subject::Need), Ok(()));
        assert_eq!(say(state, of(1, None)), Err(WordRule::OtherSide));
    }
    for state in [Accepted, Declined, Disputed] {
        assert_eq!(say(state, Subject::Need), Err(WordRule::OtherSide));
        assert_eq!(say(state, of(1, None)), Ok(()));
    }
    assert_eq!((say(Done, Subject::Need), say(Done, of(1, None))), (Ok(()), Ok(())));
    assert_eq!(say(Accepted, of(2, None)), Err(WordRule::NotThePoster));
    assert_eq!(say(Accepted, of(1, Some(WordRule::NoWord))), Err(WordRule::Subject));
    for subject in [Subject::None, Subject::Other] {
        assert_eq!(say(Offered, subject), Err(WordRule::Subject));
    }
}
