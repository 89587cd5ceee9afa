//! Codes of needs and offers, short enough to say (CONTRACT 3).

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    ItemId,
    id_text::{self, IdError},
};

/// Characters of a code that meets no other.
pub const CHARS_MIN: usize = 3;

/// Characters of the longest code. Two documents that share these share a code, and whoever types
/// it is asked which they mean.
pub const CHARS_MAX: usize = 5;

/// The code of `id` among `others`: the shortest that none of them begins with. `id` may be among
/// them.
pub fn code<'a>(id: &ItemId, others: impl IntoIterator<Item = &'a ItemId>) -> String {
    let longest = id_text::code(id.as_bytes(), CHARS_MAX);
    let mut chars = CHARS_MIN;
    for other in others {
        if other != id {
            let other = id_text::code(other.as_bytes(), CHARS_MAX);
            chars = chars.max(1 + same(&longest, &other));
        }
    }
    longest[..chars.min(CHARS_MAX)].to_owned()
}

/// The codes of all of these, at the cost of sorting them.
pub fn codes(ids: &BTreeSet<ItemId>) -> BTreeMap<ItemId, String> {
    let ids: Vec<_> = ids.iter().collect();
    let neighbours = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| ids.get(at));
        before.into_iter().chain(ids.get(at + 1)).copied()
    };
    // In the order of ids, who shares most with one stands beside it.
    (0..ids.len()).map(|at| (*ids[at], code(ids[at], neighbours(at)))).collect()
}

/// The ids that a typed code can mean: a longer code than needed means one, a shorter several.
pub fn find<'a>(
    typed: &str,
    ids: impl IntoIterator<Item = &'a ItemId>,
) -> Result<Vec<ItemId>, IdError> {
    let typed = id_text::fold(typed.trim())?.to_ascii_uppercase();
    let chars = typed.len();
    if !(CHARS_MIN..=CHARS_MAX).contains(&chars) {
        return Err(IdError::Length(chars));
    }
    let meant = |id: &&ItemId| id_text::code(id.as_bytes(), chars) == typed;
    Ok(ids.into_iter().filter(meant).copied().collect())
}

fn same(one: &str, two: &str) -> usize {
    one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(start: [u8; 4]) -> ItemId {
        let mut bytes = [9; 32];
        bytes[..4].copy_from_slice(&start);
        ItemId::from_bytes(bytes)
    }

    #[test]
    fn codes_grow_until_they_differ() {
        let (a, b, c) = (id([0, 0, 0, 0]), id([0, 0, 0, 127]), id([0, 0, 128, 0]));
        let d = id([255, 0, 0, 0]);
        let ids = BTreeSet::from([a, b, c, d]);
        let codes = codes(&ids);
        assert_eq!(codes[&d].len(), 3);
        assert_eq!(codes[&c].len(), 4);
        assert_eq!(codes[&a], codes[&b], "the longest codes still meet");
        assert_eq!(codes[&a].len(), 5);
        for (id, among_neighbours) in &codes {
            assert_eq!(*among_neighbours, code(id, &ids));
        }
    }

    #[test]
    fn a_typed_code_is_folded_and_finds_all_that_it_can_mean() {
        let (a, c) = (id([0, 0, 0, 0]), id([0, 0, 128, 0]));
        assert_eq!(find("ooO", [&a, &c]).unwrap(), [a, c]);
        assert_eq!(find(&code(&c, [&a]).to_lowercase(), [&a, &c]).unwrap(), [c]);
        assert_eq!(find("00", [&a]), Err(IdError::Length(2)));
        assert_eq!(find("u00", [&a]), Err(IdError::Character('u')));
    }
}
