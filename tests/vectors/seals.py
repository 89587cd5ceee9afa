"""What is encrypted: content bodies, boxes, successions, short texts."""

from primitives import (
    decrypt,
    derive,
    open_box,
    padded_length,
    public_seal_key,
    signing_key,
    unpad,
    unpad_marked,
)
from strict import Refused


def field(given, name):
    return bytes.fromhex(given[name])


def content_key(secret):
    return derive("groundwork 1 content key", secret)


def checked(secret, key):
    if len(secret) != 32 or derive("groundwork 1 epoch id", secret) != key:
        raise Refused("holds another secret than it says")
    return {"secret": secret.hex()}


def read_body(cddl, given, data):
    place = field(given, "journal") + field(given, "device")
    place += given["seq"].to_bytes(8, "big") + field(given, "key")
    key = content_key(field(given, "secret"))
    salt, salted = data[:8], b"\x02" + place
    nonce = derive("groundwork 1 body nonce", salt + salted)[:24]
    try:
        padded = decrypt(key, salted, nonce + data[8:])
    except Refused:
        # Of the first version.
        return {"payload": unpad(decrypt(key, b"\x01" + place, data)).hex()}
    return {"payload": unpad_marked(padded).hex()}


def read_box(cddl, given, data):
    ids = field(given, "space") + field(given, "key") + field(given, "device")
    secret = open_box(field(given, "seal_secret"), b"groundwork 1 box\0" + ids, data)
    return checked(secret, field(given, "key"))


def read_succession(cddl, given, data):
    key = derive("groundwork 1 succession", field(given, "secret"))
    return checked(decrypt(key, field(given, "key"), data), field(given, "key"))


def open_text(key, domain, given, data):
    text = unpad(decrypt(key, domain + field(given, "place"), data))
    try:
        return {"text": text.decode()}
    except UnicodeDecodeError:
        raise Refused("no UTF-8 text") from None


def read_text(cddl, given, data):
    key = derive("groundwork 1 text key", content_key(field(given, "secret")))
    return open_text(key, b"groundwork 1 text\0", given, data)


def read_guest_text(cddl, given, data):
    key = derive("groundwork 1 guest key", field(given, "seed"))
    return open_text(key, b"groundwork 1 guest\0", given, data)


def read_epoch(cddl, _, data):
    return {"key": derive("groundwork 1 epoch id", data).hex()}


def read_ticket_seed(cddl, _, data):
    seed = derive("groundwork 1 ticket key", data)
    return {
        "signing_key": seed.hex(),
        "ticket": signing_key(seed).hex(),
        "guest_key": derive("groundwork 1 guest key", data).hex(),
    }


def read_seal_key(cddl, _, data):
    return {"public": public_seal_key(data).hex()}


def read_padded_lengths(cddl, _, data):
    lengths = [int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)]
    return {"padded": [padded_length(length) for length in lengths]}
