use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::limits::HEARSAY_MAX;

const START: Timestamp = Timestamp::from_ms(1_700_000_000_000);

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

fn peer(n: usize) -> PeerId {
    PeerId::from_bytes(n.to_be_bytes().to_vec()).unwrap()
}

fn at(n: usize) -> Address {
    format!("/ip4/10.0.0.{n}/tcp/4001")
}

fn all(from: usize, to: usize) -> Vec<Address> {
    (from..to).map(at).collect()
}

impl Peers {
    /// Learns; whether that is to be written.
    fn learns(&mut self, n: usize, source: Source, what: Vec<Address>, now: Timestamp) -> bool {
        let mut batch = Batch::default();
        self.learn(&peer(n), source, what, now, &mut batch);
        !batch.is_empty()
    }

    fn connects(&mut self, n: usize, wanted: bool) {
        self.connected(&peer(n), wanted, &at(n), &mut Batch::default());
    }

    fn fails(&mut self, n: usize, wrong: Option<&str>) {
        self.dial_failed(&peer(n), wrong, START, &mut rng(), &mut Batch::default());
    }

    fn addresses_of(&self, n: usize) -> Vec<Address> {
        self.get(&peer(n)).map(Peer::addresses).unwrap_or_default()
    }

    /// How long the peer is not dialled after its connection broke.
    fn waits_after_cut(&mut self, n: usize) -> u64 {
        self.connects(n, true);
        self.disconnected(&peer(n), START, &mut rng());
        self.dial_at(&peer(n)).unwrap().since_ms(START)
    }
}

#[test]
fn strangers_who_are_banned_take_no_room_of_the_wanted() {
    let mut peers = Peers::default();
    for n in 0..PEERS_MAX + 1_000 {
        peers.connects(n, false);
        peers.ban(&peer(n), START);
        peers.disconnected(&peer(n), START, &mut rng());
    }
    assert_eq!(peers.iter().count(), STRANGERS_MAX);
    let wanted = 1_000_000;
    assert!(peers.learns(wanted, Source::Said, all(0, 1), START));
    assert_eq!(peers.addresses_of(wanted), all(0, 1));
}

#[test]
fn the_newest_bans_are_kept_until_they_are_over() {
    let mut peers = Peers::default();
    for n in 0..=STRANGERS_MAX {
        peers.ban(&peer(n), START.plus_ms(n as u64));
    }
    assert!(!peers.is_banned(&peer(0), START));
    assert!(peers.is_banned(&peer(1), START));
    peers.ban(&peer(0), START.plus_ms(10 * BAN_MS_MIN));
    assert_eq!(peers.iter().count(), 1, "what is over is swept away");
}

#[test]
fn whoever_is_connected_is_known_to_be() {
    let mut peers = Peers::default();
    for n in 0..PEERS_MAX + 10 {
        peers.connects(n, true);
    }
    for n in 0..2 * STRANGERS_MAX {
        peers.connects(PEERS_MAX + 100 + n, false);
        peers.ban(&peer(PEERS_MAX + 100 + n), START);
    }
    let connected = peers.iter().filter(|(_, one)| one.connected).count();
    assert_eq!(connected, PEERS_MAX + 10 + 2 * STRANGERS_MAX);
}

#[test]
fn a_stranger_without_offence_is_forgotten() {
    let mut peers = Peers::default();
    peers.connects(1, false);
    peers.disconnected(&peer(1), START, &mut rng());
    assert_eq!(peers.iter().count(), 0);
}

#[test]
fn a_full_table_takes_the_place_of_whom_it_cannot_reach() {
    let mut peers = Peers::default();
    for n in 0..PEERS_MAX {
        peers.learns(n, Source::Said, all(0, 1), START);
    }
    assert!(!peers.learns(PEERS_MAX, Source::Said, all(0, 1), START));
    peers.fails(7, None);
    assert!(peers.learns(PEERS_MAX, Source::Said, all(0, 1), START));
    assert!(peers.get(&peer(7)).is_none());
}

#[test]
fn bans_grow_and_are_forgiven() {
    let mut peers = Peers::default();
    let mut now = START;
    for n in 0..3 {
        peers.ban(&peer(1), now);
        let ms = BAN_MS_MIN << n;
        assert!(peers.is_banned(&peer(1), now.plus_ms(ms - 1)));
        now = now.plus_ms(ms);
        assert!(!peers.is_banned(&peer(1), now));
    }
    // After 3 offences, 40 s without any leave one: the next ban is the second.
    now = now.plus_ms(BAN_MS_MIN << 2);
    peers.ban(&peer(1), now);
    assert!(peers.is_banned(&peer(1), now.plus_ms(2 * BAN_MS_MIN - 1)));
    assert!(!peers.is_banned(&peer(1), now.plus_ms(2 * BAN_MS_MIN)));
}

#[test]
fn hearsay_displaces_nothing_that_was_reached() {
    let mut peers = Peers::default();
    peers.learns(1, Source::Heard, all(0, 1), START);
    for n in 10..14 {
        peers.learns(1, Source::Reached, vec![at(n)], START);
    }
    peers.learns(1, Source::Said, all(20, 28), START);
    for n in 0..10 {
        peers.learns(1, Source::Heard, all(30 + 8 * n, 38 + 8 * n), START);
        let addresses = peers.addresses_of(1);
        assert!(addresses.len() <= sync::limits::ADDRESSES_MAX);
        assert_eq!(addresses[..4], [at(13), at(12), at(11), at(10)]);
        let heard = addresses.iter().filter(|one| !all(10, 28).contains(one)).count();
        assert!(heard <= HEARSAY_MAX);
    }
}

#[test]
fn where_it_was_reached_last_comes_first() {
    let mut peers = Peers::default();
    peers.learns(1, Source::Said, all(0, 3), START);
    peers.learns(1, Source::Reached, vec![at(2)], START);
    assert_eq!(peers.addresses_of(1), [at(2), at(0), at(1)]);
    peers.learns(1, Source::Said, all(0, 3), START);
    assert_eq!(peers.addresses_of(1), [at(2), at(0), at(1)]);
}

#[test]
fn hearsay_does_not_hurry_a_dial() {
    let mut peers = Peers::default();
    peers.learns(1, Source::Said, all(0, 1), START);
    peers.fails(1, None);
    let at = peers.dial_at(&peer(1));
    peers.learns(1, Source::Heard, all(1, 3), START);
    assert_eq!(peers.dial_at(&peer(1)), at);
}

#[test]
fn what_is_known_is_not_written_again_and_hearsay_once_a_minute() {
    let mut peers = Peers::default();
    assert!(peers.learns(1, Source::Heard, all(0, 1), START));
    assert!(!peers.learns(1, Source::Heard, all(0, 1), START.plus_ms(2 * HEARSAY_WRITE_MS)));
    for n in 1..100 {
        assert!(!peers.learns(1, Source::Heard, all(n, n + 1), START.plus_ms(n as u64)));
    }
    assert!(peers.learns(1, Source::Heard, Vec::new(), START.plus_ms(HEARSAY_WRITE_MS)));
    let soon = START.plus_ms(HEARSAY_WRITE_MS + 1);
    assert!(peers.learns(1, Source::Reached, vec![at(200)], soon));
}

#[test]
fn a_peer_that_takes_connections_and_cuts_them_is_dialled_ever_less() {
    let mut peers = Peers::default();
    peers.learns(1, Source::Said, all(0, 1), START);
    let waits: Vec<_> = (0..12).map(|_| peers.waits_after_cut(1)).collect();
    assert!(waits[0] >= REDIAL_MS_MIN && waits[0] < 2 * REDIAL_MS_MIN);
    assert!(waits[5] >= 32 * REDIAL_MS_MIN);
    assert!(waits[11] >= REDIAL_MS_MAX);
    peers.proved(&peer(1), START, &mut Batch::default());
    assert!(peers.waits_after_cut(1) < 2 * REDIAL_MS_MIN);
    // Who was met in the last day is tried again within thirty seconds.
    let waits: Vec<_> = (0..12).map(|_| peers.waits_after_cut(1)).collect();
    assert!(waits.iter().all(|ms| *ms <= 30_000), "{waits:?}");
}

#[test]
fn what_the_store_keeps_comes_back_in_order() {
    let mut store = store::MemoryStore::default();
    let (mut peers, mut batch) = (Peers::default(), Batch::default());
    for (source, n) in [(Source::Heard, 0), (Source::Said, 1), (Source::Reached, 2)] {
        peers.learn(&peer(1), source, [at(n)], START, &mut batch);
    }
    store.write(batch).unwrap();
    let peers = Peers::open(&store).unwrap();
    assert_eq!(peers.addresses_of(1), [at(2), at(1), at(0)]);
}

#[test]
fn what_others_said_is_told_to_nobody_before_the_peer_was_there() {
    let mut peers = Peers::default();
    peers.learns(1, Source::Heard, all(0, 2), START);
    peers.learns(1, Source::Ticket, all(2, 3), START);
    let proved = |peers: &Peers| peers.get(&peer(1)).unwrap().proved();
    assert!(proved(&peers).is_empty());
    peers.learns(1, Source::Reached, all(1, 2), START);
    assert_eq!(proved(&peers), all(1, 2));
    peers.learns(1, Source::Said, all(5, 6), START);
    assert_eq!(proved(&peers), [at(1), at(5)]);
    assert_eq!(peers.addresses_of(1), [at(1), at(5), at(2), at(0)]);
}

#[test]
fn an_address_where_somebody_else_answers_is_forgotten_however_it_came() {
    for source in [Source::Reached, Source::Said, Source::Ticket, Source::Heard] {
        let mut peers = Peers::default();
        peers.learns(1, source, all(0, 2), START);
        peers.fails(1, Some(&at(0)));
        assert_eq!(peers.addresses_of(1), all(1, 2), "{source:?}");
    }
}

#[test]
fn hearsay_that_leads_nowhere_is_forgotten_and_the_rest_is_not() {
    let mut peers = Peers::default();
    peers.learns(1, Source::Heard, all(0, 2), START);
    peers.learns(1, Source::Said, all(2, 3), START);
    for _ in 1..HEARSAY_FAILURES_MAX {
        peers.fails(1, None);
    }
    assert_eq!(peers.addresses_of(1), [at(2), at(0), at(1)]);
    peers.fails(1, None);
    assert_eq!(peers.addresses_of(1), [at(2)]);
}

/// Whom somebody says to be at a stranger's machine is dialled there, and told of to nobody.
#[test]
fn what_a_peer_says_of_itself_is_told_on_where_its_connection_comes_from() {
    let mut peers = Peers::default();
    let hear = |peers: &mut Peers, teller: usize, of: usize, address: &str| {
        let told = vec![address.to_owned()];
        peers.hear(&peer(teller), &peer(of), told, START, &mut Batch::default());
    };
    let told_on = |peers: &Peers, n: usize| peers.get(&peer(n)).unwrap().proved();
    peers.connected(&peer(1), true, "/ip4/192.0.2.1/tcp/40123", &mut Batch::default());
    for address in ["/ip4/198.51.100.7/tcp/80", "/ip4/192.0.2.1/tcp/4917"] {
        hear(&mut peers, 1, 1, address);
    }
    assert_eq!(told_on(&peers, 1), ["/ip4/192.0.2.1/tcp/4917"]);
    assert_eq!(peers.addresses_of(1).len(), 2);
    // Of others nothing is, from wherever it is said.
    peers.connected(&peer(2), true, "/ip4/192.0.2.2/tcp/40123", &mut Batch::default());
    hear(&mut peers, 1, 2, "/ip4/192.0.2.2/tcp/4917");
    hear(&mut peers, 1, 2, "/ip4/192.0.2.1/tcp/4917");
    assert!(told_on(&peers, 2).is_empty());
    // No false ones push out what only the peer knows, nor do dials that lead nowhere.
    for n in 0..9 {
        hear(&mut peers, 2, 1, &format!("/ip4/203.0.113.{n}/tcp/1"));
    }
    (0..=HEARSAY_FAILURES_MAX).for_each(|_| peers.fails(1, None));
    assert!(peers.addresses_of(1).contains(&"/ip4/198.51.100.7/tcp/80".to_owned()));
    // Nor what is said when it is gone.
    peers.disconnected(&peer(1), START, &mut rng());
    hear(&mut peers, 1, 1, "/ip4/192.0.2.1/tcp/9");
    assert_eq!(told_on(&peers, 1), ["/ip4/192.0.2.1/tcp/4917"]);
}

#[test]
fn only_who_is_on_this_machine_tells_of_places_on_it() {
    let mut peers = Peers::default();
    for (n, from) in [(1, "/ip4/192.0.2.1/tcp/9"), (2, "/ip4/127.0.0.1/tcp/9")] {
        peers.connected(&peer(n), true, from, &mut Batch::default());
        assert_eq!(peers.may_tell(&peer(n), "/ip4/127.0.0.1/tcp/6379"), n == 2);
        assert!(peers.may_tell(&peer(n), &at(1)));
    }
    peers.disconnected(&peer(2), START, &mut rng());
    assert!(!peers.may_tell(&peer(2), "/ip4/127.0.0.1/tcp/6379"));
}
