//! What people call themselves: which names there can be, how they are shown, and when two are the
//! same.
//!
//! A name is a word of whoever bears it and proves nothing, and a node can be made to write any. So
//! nothing that this program adds to names can stand in one: it stands in round brackets, which no
//! name shows. And two names are the same where a person could take one for the other: where their
//! skeletons are (Unicode Technical Standard 39, "Confusable Detection"), case folded.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use api::{ErrorCode, Failure};
use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, EnumeratedProperty, GeneralCategory},
};
use ledger::{EntryId, Text, limits::NAME_BYTES_MAX};
use unicode_normalization::UnicodeNormalization;

use crate::failures::Result;

/// Characters of a person's name, at most: more do not fit a line beside anything else.
pub(crate) const NAME_CHARS_MAX: usize = 64;

/// Times that a skeleton is made of a skeleton until it stays as it is, at most.
const ROUNDS_MAX: usize = 4;

/// The name of a space: one line.
pub(crate) fn of_space(typed: &str) -> Result<Text<NAME_BYTES_MAX>> {
    let name = one_line(typed)?;
    Text::try_from(name.as_str()).map_err(|_| Failure::of(ErrorCode::BadName))
}

/// The name of a person, as it was typed but for spaces that nobody sees.
pub(crate) fn of_person(typed: &str) -> Result<Text<NAME_BYTES_MAX>> {
    let name = one_line(typed)?;
    let bad = |why: String| Err(Failure::because(ErrorCode::BadName, why));
    let chars = name.chars().count();
    if chars > NAME_CHARS_MAX {
        return bad(format!(
            "a name has at most {NAME_CHARS_MAX} characters; this one has {chars}"
        ));
    }
    if let Some(bracket) = name.chars().find(|c| is_bracket(*c)) {
        return bad(format!(
            "a name has no brackets, as {bracket} is one: what stands in brackets behind a name is \
             not of who bears it"
        ));
    }
    Text::try_from(name.as_str()).map_err(|_| Failure::of(ErrorCode::BadName))
}

fn one_line(typed: &str) -> Result<String> {
    let bad = |why: &str| Err(Failure::because(ErrorCode::BadName, why));
    if typed.trim().chars().any(char::is_control) {
        return bad("a name is one line, without control characters");
    }
    let name: String = typed.nfc().collect();
    if shown(&name).is_empty() {
        return bad("please give a name; it cannot be empty");
    }
    Ok(name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A name as it stands on a screen: in one line, without what cannot be seen, at most
/// [`NAME_CHARS_MAX`] characters long, without brackets. Empty if there is nothing to be seen.
pub(crate) fn shown(name: &str) -> String {
    let seen = |c: char| match c {
        c if c.is_control() || is_bracket(c) => Some(' '),
        c => (!is_hidden(c)).then_some(c),
    };
    let seen: String = name.nfc().filter_map(seen).collect();
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    if !seen.chars().any(is_ink) {
        return String::new();
    }
    match seen.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &seen[..end]),
        None => seen,
    }
}

/// What a name has in common with those that a person could take it for: two are the same where
/// any of these are. Small letters look like others than their capitals do, so it is two: of the
/// letters as they stand, and of small ones. Both are empty where there is nothing to be seen.
pub(crate) fn skeletons(name: &str) -> [String; 2] {
    let letters = || name.nfkc().filter(|c| !is_hidden(*c) && !c.is_control());
    let settled = |mut now: String| {
        for _ in 0..ROUNDS_MAX {
            let next = folded(unicode_security::skeleton(&now));
            if next == now {
                break;
            }
            now = next;
        }
        // A capital I looks like an l, and where case tells nothing so does an i.
        now.replace('i', "l")
    };
    [settled(letters().filter(|c| !c.is_whitespace()).collect()), settled(folded(letters()))]
}

/// A name that somebody wrote, with what is worked out of it.
#[derive(Debug)]
pub(crate) struct Name {
    /// As [`shown`].
    pub(crate) shown: String,
    /// As [`skeletons`].
    pub(crate) skeletons: [String; 2],
}

/// Names that were looked at, for all of a space's are needed to tell one from the others.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    names: RefCell<BTreeMap<String, Arc<Name>>>,
    /// What knocks say, which is encrypted.
    knocks: RefCell<BTreeMap<EntryId, String>>,
}

/// Names that are at hand, at most: those of some large spaces.
const NAMES_MAX: usize = 4_096;

impl Memo {
    /// A name that somebody wrote.
    pub(crate) fn name(&self, wrote: &str) -> Arc<Name> {
        if let Some(name) = self.names.borrow().get(wrote) {
            return name.clone();
        }
        let name = Arc::new(Name { shown: shown(wrote), skeletons: skeletons(wrote) });
        keep(&mut self.names.borrow_mut(), wrote.to_owned(), name.clone());
        name
    }

    /// The name in a knock, which does not change, as `open` finds it.
    pub(crate) fn knocked(
        &self,
        knock: EntryId,
        open: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        if let Some(name) = self.knocks.borrow().get(&knock) {
            return Some(name.clone());
        }
        let name = open()?;
        keep(&mut self.knocks.borrow_mut(), knock, name.clone());
        Some(name)
    }
}

fn keep<K: Ord, V>(kept: &mut BTreeMap<K, V>, key: K, value: V) {
    if kept.len() >= NAMES_MAX {
        kept.clear();
    }
    kept.insert(key, value);
}

/// Letters of which case tells nothing, without spaces: in both directions, for some have two
/// small ones.
fn folded(letters: impl Iterator<Item = char>) -> String {
    let letters = letters.filter(|c| !c.is_whitespace());
    letters.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Whether it is a bracket, or could be taken for one.
fn is_bracket(c: char) -> bool {
    use GeneralCategory::{ClosePunctuation, OpenPunctuation};
    let is_one =
        |c: char| matches!(GeneralCategory::for_char(c), OpenPunctuation | ClosePunctuation);
    if c.is_alphanumeric() && c.is_ascii() {
        return false;
    }
    // Large ones are drawn in pieces, which are symbols to Unicode.
    let is_piece = matches!(c, '\u{239b}'..='\u{23ae}');
    let plain: String = std::iter::once(c).nfkc().collect();
    is_piece || plain.chars().any(is_one) || unicode_security::skeleton(&plain).any(is_one)
}

/// What joins letters, and what says how they are drawn: it is not seen, and changes what is.
const DRAWS: [char; 4] = ['\u{200c}', '\u{200d}', '\u{fe0e}', '\u{fe0f}'];

/// Whether nobody sees it, and nothing is seen otherwise for it.
fn is_hidden(c: char) -> bool {
    let is_blank = matches!(c, '\u{2800}' | '\u{1d159}');
    let is_format = GeneralCategory::for_char(c) == GeneralCategory::Format;
    let is_ignored = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    !DRAWS.contains(&c) && (is_blank || is_format || is_ignored)
}

/// Whether it leaves anything on a screen by itself.
fn is_ink(c: char) -> bool {
    use GeneralCategory as Of;
    let is_mark = matches!(
        GeneralCategory::for_char(c),
        Of::NonspacingMark | Of::EnclosingMark | Of::SpacingMark | Of::Unassigned | Of::PrivateUse
    );
    !c.is_whitespace() && !is_mark && !is_hidden(c) && !DRAWS.contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_same(names: &[&str]) {
        for (name, other) in names.iter().flat_map(|name| names.iter().map(move |b| (name, b))) {
            let (these, others) = (skeletons(name), skeletons(other));
            let is_same = these.iter().any(|skeleton| others.contains(skeleton));
            assert!(is_same, "{name:?} and {other:?}: {these:?} and {others:?}");
        }
    }

    #[test]
    fn names_that_look_alike_are_the_same() {
        assert_same(&[
            "Bo",
            "bo",
            "BO",
            " B o ",
            "B\u{200b}o",
            "\u{202e}Bo",
            "Вo",
            "Bо",
            "Ｂｏ",
            "B0",
        ]);
        assert_same(&["Zoë", "Zoe\u{308}", "zoë", "ZOË"]);
        assert_same(&["Ilse", "llse", "ilse", "ILSE", "1lse", "|lse", "lIse"]);
        assert_same(&["Straße", "STRASSE", "strasse"]);
        assert_same(&["Σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"]);
        assert_same(&["Marn", "Mam", "MARN", "mam"]);
        assert_same(&["Ana", "\u{410}na", "An\u{430}", "An\u{ad}a", "A\u{34f}na", "𝐀na"]);
        assert_same(&["שלום", "\u{200f}שלום\u{200f}"]);
    }

    #[test]
    fn names_that_do_not_are_not() {
        let names =
            ["Bo", "Bob", "Ana", "Anna", "Zoe", "Zoë", "Mia", "Maria", "李", "佐藤", "علي", "Đỗ"];
        for (n, name) in names.iter().enumerate() {
            let others = names.iter().skip(n + 1).flat_map(|name| skeletons(name));
            let same: Vec<_> = others.filter(|other| skeletons(name).contains(other)).collect();
            assert!(same.is_empty(), "{name}: {same:?}");
        }
        for nothing in ["", " ", "\u{200b}\u{feff}"] {
            assert_eq!(skeletons(nothing), ["", ""], "{nothing:?}");
        }
    }

    #[test]
    fn what_is_shown_of_a_name_imitates_nothing_and_steers_nothing() {
        for (name, seen) in [
            ("Ana (you)", "Ana you"),
            ("Ana ⒴⒪⒰", "Ana"),
            ("Ana ⎛you⎞", "Ana you"),
            ("Bo （me_km36xj）", "Bo me_km36xj"),
            ("Bo \u{2768}you\u{2769} \u{27ee}in\u{27ef}", "Bo you in"),
            ("Bo\nerror: no", "Bo error: no"),
            ("\u{202e}oB\u{2066}", "oB"),
            ("B\u{200b}o\u{feff}", "Bo"),
            ("नि\u{200d}ज़", "नि\u{200d}ज\u{93c}"),
            ("\u{200b}\u{3164}", ""),
            ("\u{301}\u{2800}", ""),
            ("", ""),
        ] {
            assert_eq!(shown(name), seen, "{name:?}");
        }
        let long = shown(&"é".repeat(100));
        assert_eq!(long.chars().count(), NAME_CHARS_MAX + 1);
        let stack = format!("A{}", "\u{301}".repeat(120));
        assert!(shown(&stack).chars().count() <= NAME_CHARS_MAX + 1);
    }

    #[test]
    fn a_name_is_what_a_person_can_read() {
        for typed in
            ["", "  ", "\u{200b}", "a\nb", "Ana (you)", "Ana [you]", "Ana ｛you｝", "Ana ⒴"]
        {
            assert!(of_person(typed).is_err(), "{typed:?}");
        }
        assert!(of_person(&"é".repeat(65)).is_err());
        for (typed, name) in [
            ("  Ana   María ", "Ana María"),
            ("Zoe\u{308}", "Zoë"),
            ("O’Neill-Jr.", "O’Neill-Jr."),
            ("👩🏽‍🌾 Bo", "👩🏽‍🌾 Bo"),
        ] {
            assert_eq!(&*of_person(typed).unwrap(), name);
        }
        assert_eq!(of_person(&"é".repeat(64)).unwrap().chars().count(), 64);
        assert_eq!(&*of_space("Elm Street (North)").unwrap(), "Elm Street (North)");
    }
}
