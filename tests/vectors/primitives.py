"""Hashes, signatures and ciphers, as groundwork.cddl names them."""

import hashlib
import hmac

from blake3 import blake3
from nacl.bindings import (
    crypto_aead_chacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_scalarmult,
    crypto_scalarmult_base,
)
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import SigningKey, VerifyKey

from strict import Refused

NONCE_BYTES = 24
TAG_BYTES = 16
KEY_BYTES = 32


def hash(data):
    return blake3(data).digest()


def derive(context, data):
    return blake3(data, derive_key_context=context).digest()


def verify(key, domain, message, signature):
    try:
        VerifyKey(key).verify(domain.encode() + b"\0" + message, signature)
    except (BadSignatureError, CryptoError, ValueError):
        raise Refused("the signature does not hold") from None


def peer_key(peer):
    """The ed25519 key that a node's PeerId names."""
    if len(peer) != 38 or not peer.startswith(bytes.fromhex("002408011220")):
        raise Refused("not the identity multihash of an ed25519 key")
    return peer[6:]


def signing_key(seed):
    return SigningKey(seed).verify_key.encode()


def decrypt(key, associated, sealed):
    """The message of encrypt(key, associated data, message)."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise Refused("shorter than nonce and tag")
    nonce, sealed = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, associated, nonce, key)
    except CryptoError:
        raise Refused("does not open") from None


def padded_length(length):
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    step = 1 << (exponent - min(exponent, exponent.bit_length()))
    return -(-length // step) * step


def unpad(padded):
    length = int.from_bytes(padded[:4], "big")
    right = len(padded) >= 4 and len(padded) == padded_length(4 + length)
    if not right or any(padded[4 + length :]):
        raise Refused("padded in another way than the one")
    return padded[4 : 4 + length]


def unpad_marked(padded):
    payload = padded.rstrip(b"\0")
    if payload[-1:] != b"\x80" or len(padded) != padded_length(len(payload)):
        raise Refused("padded in another way than the one")
    return payload[:-1]


def public_seal_key(key):
    return crypto_scalarmult_base(key)


def open_box(key, info, sealed):
    """HPKE (RFC 9180) in base mode: X25519, HKDF-SHA256, ChaCha20Poly1305."""
    encapped, sealed = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
    if len(encapped) < KEY_BYTES:
        raise Refused("shorter than a box")
    try:
        shared = crypto_scalarmult(key, encapped)
    except (CryptoError, RuntimeError):
        raise Refused("a point of small order") from None
    kem = b"KEM\x00\x20"
    secret = _extract(kem, b"", b"eae_prk", shared)
    secret = _expand(kem, secret, b"shared_secret", encapped + public_seal_key(key), 32)
    suite = b"HPKE\x00\x20\x00\x01\x00\x03"
    context = b"\0" + _extract(suite, b"", b"psk_id_hash", b"")
    context += _extract(suite, b"", b"info_hash", info)
    secret = _extract(suite, secret, b"secret", b"")
    nonce = _expand(suite, secret, b"base_nonce", context, 12)
    secret = _expand(suite, secret, b"key", context, 32)
    try:
        return crypto_aead_chacha20poly1305_ietf_decrypt(sealed, b"", nonce, secret)
    except CryptoError:
        raise Refused("the box does not open here") from None


def _extract(suite, salt, label, material):
    salt = salt or bytes(32)
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, hashlib.sha256)


def _expand(suite, secret, label, info, length):
    info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, info + b"\1", hashlib.sha256)[:length]
