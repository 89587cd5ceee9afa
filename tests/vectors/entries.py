"""Headers, entries, runs and the items that a second key signs."""

from primitives import derive, hash, peer_key, verify
from strict import Refused, decode, plain

GENESIS = bytes(32)
SEQ_MAX = 2**53 - 1
UNSIGNED_BODY_BYTES_MAX = 4096
RUN_ENTRIES_MAX = 64

# The version of headers, and the greatest key of one.
VERSION = 1
KEY_MAX = 9

# Kinds of charter items.
CARD, KNOCK = 1, 4


def head_bytes(major, number):
    """The shortest head."""
    if number < 24:
        return bytes([major << 5 | number])
    for info, length in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * length:
            return bytes([major << 5 | info]) + number.to_bytes(length, "big")
    raise AssertionError(number)


def encode(value):
    """The one encoding of what this file puts together: a header, a list of ids and keys."""
    if isinstance(value, int):
        return head_bytes(0, value)
    if isinstance(value, bytes):
        return head_bytes(2, len(value)) + value
    if isinstance(value, list):
        return head_bytes(4, len(value)) + b"".join(map(encode, value))
    pairs = sorted(value.items())
    return head_bytes(5, len(pairs)) + b"".join(encode(part) for pair in pairs for part in pair)


def is_newer(header):
    return header[0] > VERSION or max(header) > KEY_MAX


def check_newer_header(cddl, header):
    """The rules that hold for the header of every version."""
    cddl.check("newer-header", header)
    if None in header.values():
        raise Refused("absent fields are left out")
    if (header[3] == 0) == (5 in header):
        raise Refused("a backlink stands exactly in entries after the first")
    if header[1] == GENESIS and header[3] != 0:
        raise Refused("a genesis is the first entry")
    if not is_newer(header):
        raise Refused("nothing in it is from a newer version")


def check_header(cddl, header):
    """The rules of a header that CDDL cannot say."""
    cddl.check("header", header)
    heads = header.get(6)
    if (header[3] == 0) == (5 in header):
        raise Refused("a backlink stands exactly in entries after the first")
    if heads and any(a >= b for a, b in zip(heads, heads[1:])):
        raise Refused("heads ascend without repeats")
    if header[1] == GENESIS and (header[3] != 0 or heads != []):
        raise Refused("a genesis is the first entry of a charter, without heads")


def read_header(cddl, _, data):
    if len(data) > 10240:
        raise Refused("longer than a header can be")
    header = decode(data)
    if cddl.newer:
        return check_newer_header(cddl, header)
    check_header(cddl, header)
    hexed = lambda key: header[key].hex() if key in header else None
    return {
        "id": hash(data).hex(),
        "genesis": header[1] == GENESIS,
        "journal": hexed(1),
        "device": hexed(2),
        "seq": header[3],
        "stamp": header[4],
        "backlink": hexed(5),
        "heads": [head.hex() for head in header[6]] if 6 in header else None,
        "key": hexed(7),
        "body_length": header[8],
        "body_hash": hexed(9),
    }


def is_anchor(header):
    last_of_64 = header[3] % RUN_ENTRIES_MAX == RUN_ENTRIES_MAX - 1
    return 6 in header or header[8] > UNSIGNED_BODY_BYTES_MAX or last_of_64


def read_entry(cddl, given, data):
    header = decode(data)
    check_header(cddl, header)
    verify(header[2], "groundwork 1 entry", data, bytes.fromhex(given["signature"]))
    body = bytes.fromhex(given["body"])
    if header[8] != len(body) or header[9] != hash(body):
        raise Refused("another body")
    items, entry_id = [], hash(data)
    if 6 in header:
        items = decode(body)
        cddl.check("charter-body", items)
    journal = derive("groundwork 1 content journal", entry_id).hex()
    indexes = [index.to_bytes(2, "big") for index in range(len(items))]
    return {
        "id": entry_id.hex(),
        "items": [derive("groundwork 1 item", entry_id + index).hex() for index in indexes],
        "content_journal": journal if header[1] == GENESIS else None,
        "anchor": is_anchor(header),
    }


def read_knock(cddl, given, data):
    knock = decode(data)
    cddl.check("knock", knock)
    ids = bytes.fromhex(given["space"]) + bytes.fromhex(given["device"])
    message = ids + encode([knock[0], knock[1], knock[2]])
    verify(bytes.fromhex(given["ticket"]), "groundwork 1 knock", message, knock[3])
    return {"known": knock[1].hex()}


def check_card(space, device, body):
    """The card that a body is: it stands alone, and the node that it names has signed it."""
    if [item[0] for item in body] != [CARD]:
        raise Refused("a card is all of its entry")
    card = body[0][1]
    message = space + device + encode([card[0], card[1]])
    verify(peer_key(card[0]), "groundwork 1 card", message, card[2])
    return card


def read_card(cddl, given, data):
    body = decode(data)
    cddl.check("charter-body", body)
    card = check_card(bytes.fromhex(given["space"]), bytes.fromhex(given["device"]), body)
    return {"peer": card[0].hex(), "seal_key": card[1].hex()}


def read_device_add(cddl, given, data):
    add = decode(data)
    cddl.check("device-add", add)
    ids = bytes.fromhex(given["space"]) + bytes.fromhex(given["device"]) + add[0]
    verify(add[0], "groundwork 1 device", ids, add[1])
    return {"device": add[0].hex()}


def read_body(cddl, name, data):
    body = decode(data)
    cddl.check(name, body)
    return {"kinds": [item[0] for item in body], "value": plain(body)}


def read_run(cddl, _, data):
    if len(data) > 540672:
        raise Refused("longer than a run can be")
    run = decode(data)
    if cddl.newer:
        return open_newer_run(cddl, run)
    cddl.check("run", run)
    return {"entries": open_run(cddl, *run)}


def open_newer_run(cddl, run):
    """Checks chain, bodies and signature of a run in which some header is of a newer version."""
    cddl.check("newer-run", run)
    journal, device, seq, backlink, entries, signature = run
    stamp, key = 0, None
    for place, entry in enumerate(entries):
        if isinstance(entry[0], bytes):
            encoded, body = entry
            header = decode(encoded)
            check_newer_header(cddl, header)
            if [header[1], header[2], header[3], header.get(5)] != [
                journal, device, seq + place, backlink,
            ]:
                raise Refused("a header of another place")
            if header[8] != len(body) or header[9] != hash(body):
                raise Refused("another body than its header says")
            stamp, key = 0, None
        else:
            # As the first of a run, but for the key and the stamp of the one before it.
            header, key = header_of(cddl, entry, journal, device, seq + place, backlink, stamp, key)
            encoded, stamp = encode(header), header[4]
        backlink = hash(encoded)
    verify(device, "groundwork 1 entry", encoded, signature)


def header_of(cddl, entry, journal, device, seq, backlink, before, key):
    """The header of an entry in a run, and the key that is named for the next one."""
    delta, heads, named, body, gone = (entry + [None] * 5)[:5]
    if heads is not None and key or heads is None and (named == key or not (named or key)):
        raise Refused("heads, or a key where it changes")
    key = named or key
    kept = {8: len(body), 9: hash(body)} if gone is None else {8: gone[0], 9: gone[1]}
    header = {0: 1, 1: journal, 2: device, 3: seq, 4: before + delta, **kept}
    header |= {5: backlink} if backlink is not None else {}
    header |= {6: heads} if heads is not None else {7: key}
    check_header(cddl, header)
    return header, key


def read_knock_frame(cddl, _, data):
    """A knock and its card, which begin one log of this space's charter."""
    frame = decode(data)
    if cddl.newer and any(has_newer(run) for run in frame[1:3]):
        return check_newer_knock_frame(cddl, frame)
    cddl.check("knock-frame", frame)
    # What a newer version adds at the end is passed over.
    space, *runs = frame[:3]
    entries = [open_run(cddl, *run) for run in runs]
    if any(run[0] != space or len(run[4]) != 1 for run in runs):
        raise Refused("two entries of the space's charter")
    bodies = [decode(run[4][0][3]) for run in runs]
    for body in bodies:
        cddl.check("charter-body", body)
    (_, device, first, *_), (_, other, second, backlink, *_) = runs
    if first != 0 or [item[0] for item in bodies[0]] != [KNOCK]:
        raise Refused("a log begins with a knock and nothing else")
    knock = entries[0][0]["id"]
    if (other, second, backlink, runs[1][4][0][1]) != (device, 1, bytes.fromhex(knock), []):
        raise Refused("a card and nothing else follows the knock")
    card = check_card(space, device, bodies[1])
    return {"knock": knock, "device": device.hex(), "peer": card[0].hex()}


def check_newer_knock_frame(cddl, frame):
    """Checks each of the two runs for itself: what cannot be read begins nothing."""
    for run in frame[1:3]:
        open_newer_run(cddl, run) if has_newer(run) else open_run(cddl, *run)


def has_newer(run):
    """Whether some header travels whole in a run, as a newer version's does."""
    return any(isinstance(entry[0], bytes) for entry in run[4])


def open_run(cddl, journal, device, seq, backlink, entries, signature):
    """What there is to know of each entry, if the chain and its signature hold."""
    if seq > SEQ_MAX - len(entries):
        raise Refused("a sequence number past its limit")
    opened, header, key, stamp = [], None, None, 0
    for place, entry in enumerate(entries):
        if header and is_anchor(header):
            raise Refused("a run ends at its first kept signature")
        header, key = header_of(cddl, entry, journal, device, seq + place, backlink, stamp, key)
        stamp, backlink = header[4], hash(encode(header))
        opened.append({
            "id": backlink.hex(),
            "seq": header[3],
            "stamp": stamp,
            "body_length": header[8],
            "forgotten": len(entry) > 4,
        })
    verify(device, "groundwork 1 entry", encode(header), signature)
    return opened
