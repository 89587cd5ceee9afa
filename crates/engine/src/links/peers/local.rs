//! Addresses that mean another place on each machine.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address leads to the very machine that dials it, or to the link that it is on: to be
/// told of one by somebody elsewhere helps nobody, and lets them point at what is not theirs.
pub fn is_local(address: &str) -> bool {
    let mut parts = address.split('/').skip(1).peekable();
    // Who is reached there may stand in front, and says nothing of the place.
    while parts.next_if(|part| matches!(*part, "p2p" | "ipfs")).is_some() {
        parts.next();
    }
    let (Some(kind), Some(place)) = (parts.next(), parts.next()) else { return false };
    match kind {
        "ip4" => place.parse().is_ok_and(is_local_v4),
        "ip6" => place.parse().is_ok_and(is_local_v6),
        "dns" | "dns4" | "dns6" => is_local_name(place),
        _ => false,
    }
}

/// Whether a place is this very machine.
pub(super) fn is_loopback(place: &str) -> bool {
    let ip = place.rsplit('/').next().and_then(|ip| ip.parse::<IpAddr>().ok());
    ip.is_some_and(|ip| ip.to_canonical().is_loopback())
}

/// The machine or name that an address leads to, in one spelling: `/ip4/192.0.2.1`. Of what is no
/// such address, all of it.
pub(super) fn place(address: &str) -> String {
    let mut parts = address.split('/').skip(1);
    match (parts.next(), parts.next().map(str::parse::<IpAddr>)) {
        (Some("ip4" | "ip6"), Some(Ok(ip))) => match ip.to_canonical() {
            IpAddr::V4(ip) => format!("/ip4/{ip}"),
            IpAddr::V6(ip) => format!("/ip6/{ip}"),
        },
        _ => address.to_owned(),
    }
}

fn is_local_v4(ip: Ipv4Addr) -> bool {
    let this_network = ip.octets()[0] == 0;
    this_network || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_broadcast()
}

fn is_local_v6(ip: Ipv6Addr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_local_v4(ip),
        IpAddr::V6(ip) => {
            ip.is_unspecified()
                || ip.is_loopback()
                || ip.is_unicast_link_local()
                || ip.is_multicast()
        }
    }
}

/// The names that mean the machine itself (RFC 6761).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_one_spelling_and_no_port() {
        for (address, there) in [
            ("/ip4/192.0.2.1/tcp/4917", "/ip4/192.0.2.1"),
            ("/ip6/::ffff:192.0.2.1/udp/1/quic-v1", "/ip4/192.0.2.1"),
            ("/ip6/2001:DB8:0::1/tcp/1", "/ip6/2001:db8::1"),
            ("/dns4/elm.example/tcp/1", "/dns4/elm.example/tcp/1"),
            ("at/3", "at/3"),
            ("", ""),
        ] {
            assert_eq!(place(address), there);
            assert!(!is_loopback(&place(address)));
        }
        for address in ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip6/::ffff:127.0.0.2/tcp/9"] {
            assert!(is_loopback(&place(address)), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_machine_and_of_the_link_are_local_in_every_spelling() {
        let local = [
            "/ip4/127.0.0.1/tcp/6379",
            "/ip4/127.8.9.1/udp/1/quic-v1",
            "/ip4/0.0.0.0/tcp/1",
            "/ip4/0.1.2.3/tcp/1",
            "/ip4/169.254.169.254/tcp/80",
            "/ip4/255.255.255.255/udp/1/quic-v1",
            "/ip4/224.0.0.251/udp/5353/quic-v1",
            "/ip6/::1/tcp/1",
            "/ip6/::/tcp/1",
            "/ip6/fe80::1/tcp/1",
            "/ip6/ff02::1/udp/1/quic-v1",
            "/ip6/::ffff:127.0.0.1/tcp/1",
            "/ip6/::ffff:7f00:1/tcp/1",
            "/dns4/localhost/tcp/1",
            "/dns/Printer.LocalHost./tcp/1",
            "/p2p/12D3KooWExample/ip4/127.0.0.1/tcp/6379",
            "/ipfs/12D3KooWExample/p2p/12D3KooWExample/ip6/::1/tcp/1",
        ];
        for address in local {
            assert!(is_local(address), "{address}");
        }
        let elsewhere = [
            "/ip4/192.168.1.7/tcp/4917",
            "/ip4/10.0.0.1/tcp/4917",
            "/ip6/2001:db8::1/udp/4917/quic-v1",
            "/ip6/fd00::1/tcp/4917",
            "/dns4/localhost.example.org/tcp/1",
            "/dns/elm.example/tcp/1",
            "/p2p/12D3KooWExample/ip4/192.168.1.7/tcp/4917",
            "/p2p",
            "",
            "no address",
        ];
        for address in elsewhere {
            assert!(!is_local(address), "{address}");
        }
    }
}
