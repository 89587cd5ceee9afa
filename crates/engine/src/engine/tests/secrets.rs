//! No secret is shown by anything that is printed to find a fault.

use super::*;

/// How a list of bytes is printed, and how text has them.
fn spellings(secret: &[u8]) -> [String; 3] {
    let listed = format!("{secret:?}");
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    [listed.trim_matches(['[', ']']).to_owned(), hex, ledger::base32::encode(secret)]
}

#[test]
fn what_a_node_prints_of_itself_has_none_of_its_secrets() {
    let (mut ana, key) = (Node::founded(), NodeKey::from_seed(&[2; 32]));
    let (ticket, _) = ana.invite(7, 1);
    let mut bo = Node::new(&key, MemoryStore::default());
    let join = Command::Join { ticket: ticket.to_text().into(), me: "Bo".into() };
    let printed_ask = format!("{join:?}");
    bo.input(Input::Ask { ask: AskId(1), what: Ask::new(join) });
    assert!(!printed_ask.contains(&ticket.to_text()), "{printed_ask}");
    let mut secrets = vec![ticket.seed.as_bytes().to_vec()];
    for node in [&ana, &bo] {
        secrets.push(node.engine.config.key.to_seed().as_bytes().to_vec());
        for space in node.engine.view().seats() {
            secrets.push(space.seat.keys.device.to_seed().as_bytes().to_vec());
            secrets.push(space.seat.keys.seal.as_bytes().to_vec());
            for epoch in space.roll().writable_epochs() {
                let secret = space.seat.content.keys.secret(&epoch);
                secrets.extend(secret.map(|secret| secret.as_bytes().to_vec()));
                let content = space.seat.content.keys.content_key(&epoch);
                assert!(content.is_none_or(|key| format!("{key:?}") == "ContentKey(..)"));
            }
        }
    }
    // Ticket, two node keys, two devices with a key to seal to each, and an epoch.
    assert_eq!(secrets.len(), 8);
    let printed: String = [&ana.engine, &bo.engine]
        .map(|engine| format!("{:?}{:?}{:?}", engine.spaces, engine.config, engine.links))
        .concat();
    let printed = format!("{printed}{ticket:?}{printed_ask}");
    assert!(printed.contains("SecretBytes(..)"));
    for secret in secrets {
        for spelling in spellings(&secret) {
            assert!(!printed.contains(&spelling), "{spelling} is printed");
        }
    }
}
