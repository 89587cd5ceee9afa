"""Ids as text, derived ids, PeerIds, frontiers, frames and tickets."""

from primitives import derive, hash, peer_key, signing_key
from strict import Refused, decode, head, plain

ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PREFIXES = ["sp_", "me_", "de_", "ac_", "in_", "do_", "up_", "cl_", "wo_", "en_", "ke_"]
FRAMES = ["hello", "answer", "run", "receipt", "peers", "heads", "fork", "later", "wanted"]
TICKET_CHARS_MAX = 8592

# What Unicode calls white space; Python's strip and split take four control characters too.
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
WHITE += "".join(map(chr, range(0x2000, 0x200B)))


def base32(data):
    bits = len(data) * 8
    filled = -(-bits // 5) * 5
    number = int.from_bytes(data, "big") << (filled - bits)
    return "".join(ID_ALPHABET[number >> at & 31] for at in range(filled - 5, -1, -5))


def unbase32(chars):
    """The bytes, and whether they are all that the characters say."""
    number = 0
    for char in chars:
        number = number << 5 | ID_ALPHABET.index(char)
    bits = len(chars) * 5
    data = (number >> bits % 8).to_bytes(bits // 8, "big")
    return data, base32(data) == chars


def fold(text):
    folded = text.lower().replace("o", "0").replace("i", "1").replace("l", "1")
    if any(char not in ID_ALPHABET for char in folded):
        raise Refused("not a character of base32")
    return folded


def read_id(cddl, _, data):
    text = data.decode().strip(WHITE)
    prefix = text[:3].lower()
    if prefix not in PREFIXES:
        raise Refused("an id begins with its kind")
    chars = fold(text[3:])
    if not 4 <= len(chars) <= 54:
        raise Refused("4 to 54 characters")
    if len(chars) < 54:
        return {"prefix": prefix, "chars": chars}
    found, exact = unbase32(chars[:52])
    check = int.from_bytes(hash(prefix.encode() + found)[:2], "big") >> 6
    if not exact or chars[52:] != ID_ALPHABET[check >> 5] + ID_ALPHABET[check & 31]:
        raise Refused("the check characters do not fit")
    return {"prefix": prefix, "bytes": found.hex()}


def read_content_journal(cddl, _, data):
    return {"journal": derive("groundwork 1 content journal", data).hex()}


def read_item_id(cddl, given, data):
    index = given["index"].to_bytes(2, "big")
    return {"item": derive("groundwork 1 item", data + index).hex()}


def read_node_key(cddl, _, data):
    return {"peer": "002408011220" + signing_key(data).hex()}


def read_peer_id(cddl, _, data):
    return {"key": peer_key(data).hex()}


def read_frontier(cddl, given, data):
    digest = decode(data)
    cddl.check("frontier-digest", digest)
    logs, said = sorted(given["logs"], key=lambda log: log["device"]), b""
    for log in logs:
        device, head = bytes.fromhex(log["device"]), bytes.fromhex(log["head"])
        said += device + log["length"].to_bytes(8, "big") + head
    starts = [[int(log["device"][:16], 16), log["length"]] for log in logs]
    if digest != [starts, derive("groundwork 1 frontier", said)]:
        raise Refused("not the digest of these logs")
    return {"logs": digest[0], "heads": digest[1].hex()}


def read_frame(cddl, _, data):
    major, length, at = head(data, 0, shortest=False)
    if (major, length) != (4, 2):
        raise Refused("a frame is [kind, payload]")
    major, kind, _ = head(data, at, shortest=False)
    if major == 0 and len(FRAMES) <= kind < 1 << 16:
        return {"unknown": kind}
    frame = decode(data)
    cddl.check("frame", frame)
    return {"frame": FRAMES[kind], "value": plain(frame)}


def read_answer(cddl, _, data):
    major, length, at = head(data, 0)
    major_of_kind, kind, _ = head(data, at) if major == 4 and length else (None, None, None)
    if cddl.newer and major_of_kind == 0 and 3 < kind < 1 << 16:
        return {"unknown": kind}
    return read_shape(cddl, "knock-answer", data)


def read_shape(cddl, name, data):
    value = decode(data)
    cddl.check(name, value)
    return {"value": plain(value)}


def read_ticket(cddl, _, data):
    ticket = decode(data)
    cddl.check("ticket", ticket)
    check = derive("groundwork 1 ticket", data)[:4]
    return {"text": "groundwork:1" + base32(data + check).upper(), "value": plain(ticket)}


def read_ticket_text(cddl, _, data):
    if len(data) > TICKET_CHARS_MAX:
        raise Refused("longer than a ticket can be")
    text = "".join(char for char in data.decode() if char not in WHITE).upper()
    text = text.removeprefix("GROUNDWORK:")
    if not text.startswith("1"):
        raise Refused("a ticket begins with groundwork:1")
    found, exact = unbase32(fold(text[1:]))
    payload, check = found[:-4], found[-4:]
    if not exact or check != derive("groundwork 1 ticket", payload)[:4]:
        raise Refused("a character is wrong or missing")
    cddl.check("ticket", decode(payload))
    return {"ticket": payload.hex()}
