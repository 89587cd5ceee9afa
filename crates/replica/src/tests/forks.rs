//! Charter logs that fork: what is taken, named and let go of.

use ledger::{Entry, ForkProof, Journal};

use super::world::{Node, World, admit, key};
use crate::{Door, Refused, TakeError};

/// Somebody in: knock, card and the entry that lets them in.
fn let_in(world: &World, node: &mut Node, n: u8) {
    let [knock, card] = world.guest(n);
    node.take(std::slice::from_ref(&knock)).unwrap();
    node.take(&[card]).unwrap();
    node.writes(1, admit(&knock));
}

/// Takes all that another node has taken, in its order of arrival.
fn tell(from: &Node, to: &mut Node) {
    for n in 0..from.replica.charter_entries() {
        let run = from.replica.charter_run(&from.store, n).unwrap().unwrap();
        _ = to.replica.take(&mut to.store, run, Door::MEMBER);
    }
}

fn frontier(node: &Node) -> ledger::Hash {
    node.replica.frontier(Journal::Charter).hash()
}

/// The first member, who has let in a second, and a copy of each home.
fn copied() -> (World, Node, Node) {
    let world = World::new();
    let mut ana = world.node();
    let_in(&world, &mut ana, 2);
    let bo = ana.reopened();
    (world, ana, bo)
}

#[test]
fn two_branches_that_others_named_are_both_taken_everywhere() {
    let (_, mut ana, mut bo) = copied();
    // Bo's key writes twice; Ana names the one branch, and another home of Ana's has the other.
    let mut forger = bo.reopened();
    let first = bo.writes(2, Vec::new());
    let second = forger.writes(2, admit(&first));
    ana.take(std::slice::from_ref(&first)).unwrap();
    let named = ana.writes(1, Vec::new());
    let taken = ana.take(std::slice::from_ref(&second)).unwrap();
    assert_eq!((taken.new, ana.replica.is_unsettled()), (0, false), "nobody has named it");
    assert!(ana.replica.is_forked(Journal::Charter, &key(2).id()));
    assert_eq!(ana.replica.frontier(Journal::Charter).length(&key(2).id()), second.seq());
    // Bo's own home lacks what names its branch, and cannot write any more: it lets go.
    bo.take(std::slice::from_ref(&second)).unwrap();
    assert!(bo.replica.is_unsettled());
    let refused = bo.replica.sign_charter(&bo.store, &key(2), ledger::Timestamp::default(), vec![]);
    assert!(matches!(refused, Err(TakeError::Refused(Refused::OwnFork))));
    assert_eq!(bo.replica.settle(&mut bo.store, true).unwrap().gone, 1);
    assert!(!bo.replica.has_charter_entry(&first.id));
    tell(&ana, &mut bo);
    assert!(bo.replica.has_charter_entry(&named.id) && bo.replica.has_charter_entry(&first.id));
    assert_eq!(frontier(&ana), frontier(&bo));
    for node in [ana, bo] {
        assert_eq!(node.known(), node.reopened().known());
    }
}

#[test]
fn who_learns_of_a_fork_names_first_what_it_had() {
    let (_, mut ana, mut bo) = copied();
    let mut forger = bo.reopened();
    let first = bo.writes(2, Vec::new());
    let second = forger.writes(2, admit(&first));
    ana.take(std::slice::from_ref(&first)).unwrap();
    ana.take(std::slice::from_ref(&second)).unwrap();
    assert!(ana.replica.is_unsettled() && ana.replica.has_charter_entry(&first.id));
    let before = ana.known();
    assert_eq!(ana.reopened().known(), before, "nothing is lost by stopping now");
    ana = ana.reopened();
    assert!(ana.replica.is_unsettled(), "and it is known again");
    let naming = ana.writes(1, Vec::new());
    ana.replica.settle(&mut ana.store, false).unwrap();
    assert!(!ana.replica.is_unsettled());
    let heads = |entry: &Entry| match &entry.header.kind {
        ledger::HeaderKind::Charter(heads) => heads.to_vec(),
        ledger::HeaderKind::Content(_) => Vec::new(),
    };
    assert_eq!(heads(&naming), [first.id]);
    assert!(ana.replica.has_charter_entry(&first.id));
    assert!(!ana.replica.has_charter_entry(&second.id));
    // Nobody can name both: the second is behind a stem that Ana's past does not show, the first
    // is named, and an entry whose past shows both is refused everywhere.
    let other = Node { store: ana.store.clone(), replica: ana.reopened().replica };
    assert_eq!(other.known(), ana.known());
}

#[test]
fn two_knocks_of_one_key_never_split_a_charter() {
    let world = World::new();
    let (mut one, mut two) = (world.node(), world.node());
    let (a, b) = (world.guest(2), world.guest_called(2, 7));
    for (node, guest) in [(&mut one, &a), (&mut two, &b)] {
        for entry in guest {
            assert_eq!(node.take(std::slice::from_ref(entry)).unwrap().new, 1);
        }
        assert_eq!(node.replica.guests().count(), 1);
        assert_eq!(
            node.replica.frontier(Journal::Charter),
            world.node().replica.frontier(Journal::Charter)
        );
        assert_eq!(node.known(), node.reopened().known());
    }
    let admitted = one.writes(1, admit(&a[0]));
    assert_eq!(one.replica.guests().count(), 0);
    tell(&one, &mut two);
    assert!(two.replica.has_charter_entry(&admitted.id));
    // The other knock is a proof now, and a guest no longer.
    two.replica.let_guests_go(&mut two.store, |_| false).unwrap();
    two.replica.settle(&mut two.store, false).unwrap();
    assert!(
        two.replica.is_forked(Journal::Charter, &key(2).id()) && two.replica.guests().count() == 0
    );
    let proof = two.replica.proof(&key(2).id()).unwrap().clone();
    assert_eq!(proof.stem(), 0);
    assert!(one.replica.learn(&mut one.store, proof.clone()).unwrap().is_some());
    assert_eq!(one.replica.learn(&mut one.store, proof).unwrap(), None, "once");
    assert_eq!(frontier(&one), frontier(&two));
    assert_eq!(one.known(), one.reopened().known());
}

#[test]
fn a_proof_is_taken_of_logs_that_are_here_and_of_this_charter() {
    let (world, mut ana, _) = copied();
    let [a, _] = world.guest(3);
    let [b, _] = world.guest_called(3, 9);
    let unknown = ForkProof::of(&a, &b).unwrap();
    assert_eq!(ana.replica.learn(&mut ana.store, unknown).unwrap(), None);
    let content = ForkProof::of(
        &world.entry(2, 1, Some(a.id), vec![1]),
        &world.entry(2, 1, Some(a.id), vec![2]),
    );
    assert_eq!(ana.replica.learn(&mut ana.store, content.unwrap()).unwrap(), None);
    assert_eq!(ana.replica.proofs().count(), 0);
}
