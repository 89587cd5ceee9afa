"""Checks the golden vectors with a reader of its own, written from groundwork.cddl.

A valid vector must give what it says, an invalid one must be refused; one of a newer version must
be refused as one of this version, and be well formed but for what is new in it. Each that fails is one
line; the last line counts. It shares nothing with the Rust crates but the vectors.
"""

import json
import sys
from pathlib import Path

import cbor2

import entries
import seals
import texts
from cddl import Cddl
from strict import Refused

HERE = Path(__file__).parent

READERS = {
    "header": entries.read_header,
    "entry": entries.read_entry,
    "knock": entries.read_knock,
    "card": entries.read_card,
    "device-add": entries.read_device_add,
    "charter-body": lambda cddl, _, data: entries.read_body(cddl, "charter-body", data),
    "content-body": lambda cddl, _, data: entries.read_body(cddl, "content-body", data),
    "run": entries.read_run,
    "id-text": texts.read_id,
    "content-journal": texts.read_content_journal,
    "item-id": texts.read_item_id,
    "node-key": texts.read_node_key,
    "peer-id": texts.read_peer_id,
    "frontier-digest": texts.read_frontier,
    "frame": texts.read_frame,
    "knock-frame": entries.read_knock_frame,
    "knock-answer": texts.read_answer,
    "ticket": texts.read_ticket,
    "ticket-text": texts.read_ticket_text,
    "sealed-body": seals.read_body,
    "box": seals.read_box,
    "succession": seals.read_succession,
    "text": seals.read_text,
    "guest-text": seals.read_guest_text,
    "epoch": seals.read_epoch,
    "ticket-seed": seals.read_ticket_seed,
    "seal-key": seals.read_seal_key,
    "padded-lengths": seals.read_padded_lengths,
}

# Kinds that are only said: what a newer version adds to them is passed over.
SAID = ["frame", "knock-frame", "knock-answer"]

# Kinds whose bytes are CBOR: of a valid one, cbor2 must find its own encoding to be the same.
ENCODED = ["header", "charter-body", "content-body", "run", "frontier-digest", "ticket"]
ENCODED += ["knock-frame", "knock-answer", "knock", "card", "device-add"]


def problem(cddl, vector):
    """What is wrong with a vector; nothing if all is well."""
    if "newer" in vector:
        return problem_of_newer(cddl, vector)
    data = bytes.fromhex(vector["hex"])
    cddl.begin()
    try:
        found = READERS[vector["kind"]](cddl, vector.get("given"), data)
    except Refused as refused:
        return None if "rule" in vector else f"is refused: {refused}"
    if "rule" in vector:
        return f"is not refused: {vector['rule']}"
    if found != vector["expect"]:
        return f"gives {json.dumps(found)}"
    if vector["kind"] in ENCODED and cbor2.dumps(cbor2.loads(data), canonical=True) != data:
        return "is not what cbor2 encodes"
    cddl.keep()
    return None


def problem_of_newer(cddl, vector):
    """As `problem`, of a vector of a newer version."""
    data, reader = bytes.fromhex(vector["hex"]), READERS[vector["kind"]]
    cddl.begin()
    try:
        reader(cddl, None, data)
        return "is not newer"
    except Refused:
        cddl.begin(newer="elements" if vector["kind"] in SAID else "keys")
    try:
        found = reader(cddl, None, data)
    except Refused as refused:
        return f"is refused: {refused}"
    finally:
        cddl.newer = None
    if "expect" in vector and found != vector["expect"]:
        return f"gives {json.dumps(found)}"
    if cbor2.dumps(cbor2.loads(data), canonical=True) != data:
        return "is not what cbor2 encodes"
    cddl.keep()
    return None


def main():
    cddl = Cddl((HERE / "../../crates/ledger/groundwork.cddl").read_text())
    passed = failed = 0
    for path in sorted(HERE.glob("*.json")):
        for vector in json.loads(path.read_text()):
            wrong = problem(cddl, vector)
            if wrong:
                print(f"{path.name}: {vector['name']} {wrong}"[:500])
            passed, failed = passed + (not wrong), failed + bool(wrong)
    for name in cddl.unused():
        print(f"groundwork.cddl: no valid vector has a {name}")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
