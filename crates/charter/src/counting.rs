//! How many approvals pass (CHARTER 4 and 5).

use std::collections::BTreeSet;

use ledger::{
    MemberId,
    charter_items::{Fraction, Thresholds},
};

/// Approvals that pass an act among `n`: the fraction rounded up, never less than more than half,
/// and with three or more never all of them.
pub fn needed(fraction: Fraction, n: usize) -> usize {
    let (top, bottom) = (usize::from(fraction.numerator), usize::from(fraction.denominator.max(1)));
    let wanted = (n * top).div_ceil(bottom).max(majority(n));
    if n >= 3 { wanted.min(n - 1) } else { wanted.min(n.max(1)) }
}

/// Whether thresholds keep the floors and ceilings that no majority can vote away: grave acts
/// more than half, the others half (which rounds up to more than half), none above three quarters.
pub(crate) fn are_sound(thresholds: &Thresholds) -> bool {
    let parts =
        |fraction: &Fraction| (u32::from(fraction.numerator), u32::from(fraction.denominator));
    let ((grave, of_grave), (other, of_other)) =
        (parts(&thresholds.grave), parts(&thresholds.other));
    let capped = |top: u32, bottom: u32| bottom > 0 && 4 * top <= 3 * bottom;
    capped(grave, of_grave)
        && capped(other, of_other)
        && 2 * grave > of_grave
        && 2 * other >= of_other
}

/// More than half of `n`.
pub(crate) fn majority(n: usize) -> usize {
    n / 2 + 1
}

/// Vouches that let a newcomer in: two, one while the electorate is one.
pub(crate) fn vouches_in(n: usize) -> usize {
    if n <= 1 { 1 } else { 2 }
}

/// Whether an approval is stale: its past has more members with a say whom the act's past lacks
/// than a quarter of the act's electorate, and more than two.
pub(crate) fn is_stale(electorate: &BTreeSet<MemberId>, now: &BTreeSet<MemberId>) -> bool {
    let new = now.difference(electorate).count();
    new > 2.max(electorate.len() / 4)
}
