//! Names on the way to a dial. They are resolved here and not by libp2p, so that a name that
//! somebody told of leads to no place on this machine or link, whatever its records say.

use std::{net::IpAddr, time::Duration};

use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};

use crate::{addresses::text, limits::NAME_PLACES_MAX};

/// How long a name may take to be resolved; what is dialled beside it waits for that.
const NAME_WAIT: Duration = Duration::from_secs(5);

/// A place to be dialled, and how it was called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) dialed: Multiaddr,
    pub(crate) said: Multiaddr,
}

/// Whether any of them has a name that must be resolved first.
pub(crate) fn have_names(addresses: &[Multiaddr]) -> bool {
    addresses.iter().any(|address| name(address).is_some())
}

/// Where these lead to, names resolved. What cannot be resolved leads nowhere.
pub(crate) async fn places(addresses: Vec<Multiaddr>) -> Vec<Place> {
    let place = async |said: Multiaddr| match name(&said) {
        None => vec![Place { dialed: said.clone(), said }],
        Some((name, port)) => resolved(&said, &name, port).await,
    };
    // All at once: a name whose server is silent holds up the others no longer than by itself.
    futures::future::join_all(addresses.into_iter().map(place)).await.concat()
}

/// The name and the port of an address that has one.
fn name(address: &Multiaddr) -> Option<(String, u16)> {
    let mut parts = address.iter();
    let name = match parts.next()? {
        Protocol::Dns(name) | Protocol::Dns4(name) | Protocol::Dns6(name) => name.into_owned(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) | Protocol::Udp(port) => Some((name, port)),
        _ => None,
    }
}

async fn resolved(said: &Multiaddr, name: &str, port: u16) -> Vec<Place> {
    let lookup = tokio::net::lookup_host((name, port));
    let Ok(Ok(found)) = tokio::time::timeout(NAME_WAIT, lookup).await else { return Vec::new() };
    let fits = |ip: &IpAddr| match said.iter().next() {
        Some(Protocol::Dns4(_)) => ip.is_ipv4(),
        Some(Protocol::Dns6(_)) => ip.is_ipv6(),
        _ => true,
    };
    // Of names that mean this machine it was judged already who may say them.
    let may_be_local = engine::is_local(&text(said));
    let place = |ip: IpAddr| {
        let rest = said.iter().skip(1);
        let dialed: Multiaddr = std::iter::once(Protocol::from(ip)).chain(rest).collect();
        let is_allowed = may_be_local || !engine::is_local(&text(&dialed));
        is_allowed.then(|| Place { dialed, said: said.clone() })
    };
    found.map(|at| at.ip()).filter(fits).take(NAME_PLACES_MAX).filter_map(place).collect()
}

/// How a peer's address was called when it was dialled.
pub(crate) fn said(places: Option<&Vec<Place>>, dialed: &Multiaddr) -> String {
    let place =
        places.and_then(|places| places.iter().find(|place| text(&place.dialed) == text(dialed)));
    text(place.map_or(dialed, |place| &place.said))
}

/// The places of the last dial of each peer that had names among them.
pub(crate) type Named = std::collections::BTreeMap<PeerId, Vec<Place>>;

#[cfg(test)]
mod tests {
    use super::*;

    async fn leads_to(address: &str) -> Vec<String> {
        let places = places(vec![address.parse().unwrap()]).await;
        places.iter().map(|place| place.dialed.to_string()).collect()
    }

    /// The names that every system has: an address in the spelling of a name, and its own.
    #[tokio::test]
    async fn a_name_leads_to_no_place_on_this_machine_but_its_own() {
        assert_eq!(leads_to("/dns4/127.0.0.1/tcp/6379").await, [""; 0]);
        assert_eq!(leads_to("/dns/169.254.169.254/tcp/80").await, [""; 0]);
        assert_eq!(leads_to("/dns6/::1/tcp/80").await, [""; 0]);
        assert_eq!(leads_to("/dns4/localhost/tcp/80").await, ["/ip4/127.0.0.1/tcp/80"]);
        assert_eq!(
            leads_to("/dns4/192.0.2.7/udp/80/quic-v1").await,
            ["/ip4/192.0.2.7/udp/80/quic-v1"]
        );
        assert_eq!(leads_to("/dns6/192.0.2.7/tcp/80").await, [""; 0], "not of that family");
        assert_eq!(leads_to("/ip4/127.0.0.1/tcp/80").await, ["/ip4/127.0.0.1/tcp/80"]);
    }

    #[tokio::test]
    async fn what_is_told_of_a_dial_calls_its_places_as_they_were_called() {
        let places = places(vec!["/dns4/192.0.2.7/tcp/80".parse().unwrap()]).await;
        let dialed =
            "/ip4/192.0.2.7/tcp/80/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
        let dialed = dialed.parse().unwrap();
        assert_eq!(said(Some(&places), &dialed), "/dns4/192.0.2.7/tcp/80");
        assert_eq!(said(None, &dialed), "/ip4/192.0.2.7/tcp/80");
    }
}
