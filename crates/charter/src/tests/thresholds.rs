//! Floors and ceilings (CHARTER 5).

use ledger::{JournalId, SpaceId, charter_items::Thresholds};

use super::{fraction, genesis_items, key, sign};
use crate::{Charter, Refused, needed};

#[test]
fn what_passes_is_more_than_half_and_never_everybody() {
    let table = [
        // n, two thirds, half, three quarters
        (1, 1, 1, 1),
        (2, 2, 2, 2),
        (3, 2, 2, 2),
        (4, 3, 3, 3),
        (5, 4, 3, 4),
        (6, 4, 4, 5),
        (7, 5, 4, 6),
        (8, 6, 5, 6),
        (9, 6, 5, 7),
        (12, 8, 7, 9),
        (40, 27, 21, 30),
    ];
    for (n, two_thirds, half, three_quarters) in table {
        assert_eq!(needed(fraction(2, 3), n), two_thirds, "2/3 of {n}");
        assert_eq!(needed(fraction(1, 2), n), half, "1/2 of {n}");
        assert_eq!(needed(fraction(3, 4), n), three_quarters, "3/4 of {n}");
    }
    for n in 3..200 {
        for (top, bottom) in [(1, 2), (2, 3), (3, 4), (51, 100)] {
            let needed = needed(fraction(top, bottom), n);
            assert!(2 * needed > n && needed < n, "{top}/{bottom} of {n}");
        }
    }
}

#[test]
fn nobody_founds_a_space_with_a_high_table() {
    let allowed = |grave, other| {
        let founder = key(1);
        let items = genesis_items(&founder, Thresholds { grave, other });
        let (entry, body) = sign(&founder, JournalId::GENESIS, None, Vec::new(), items);
        Charter::new(SpaceId::from(entry.id)).add(&entry, body)
    };
    assert_eq!(allowed(fraction(2, 3), fraction(1, 2)), Ok(()));
    assert_eq!(allowed(fraction(3, 4), fraction(3, 4)), Ok(()));
    let wrong = [
        (fraction(1, 2), fraction(1, 2)),
        (fraction(4, 5), fraction(1, 2)),
        (fraction(1, 1), fraction(1, 2)),
        (fraction(2, 3), fraction(1, 3)),
        (fraction(2, 3), fraction(9, 10)),
        (fraction(2, 0), fraction(1, 2)),
        (fraction(2, 3), fraction(0, 0)),
    ];
    for (grave, other) in wrong {
        assert_eq!(allowed(grave, other), Err(Refused::Genesis), "{grave:?} {other:?}");
    }
}
