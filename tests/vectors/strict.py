"""Deterministic CBOR, and nothing else: one value, one encoding (RFC 8949, 4.2.1)."""

# More than anything here nests; a deeper value is refused before Python's own stack is.
DEPTH_MAX = 64


class Refused(Exception):
    """The rule that refuses some bytes."""


def decode(data):
    """The value whose one encoding `data` is: int, bytes, str, bool, None, list or dict."""
    value, at = _value(data, 0, 0)
    if at != len(data):
        raise Refused("bytes after the end")
    return value


def head(data, at, shortest=True):
    """Major type and argument of the head at `at`, and where what follows begins."""
    if at >= len(data):
        raise Refused("ends before its last value")
    major, info = data[at] >> 5, data[at] & 31
    if info < 24:
        return major, info, at + 1
    if info > 27:
        raise Refused("an open-ended value, or none")
    length = 1 << (info - 24)
    argument = data[at + 1 : at + 1 + length]
    if len(argument) < length:
        raise Refused("ends inside a head")
    number = int.from_bytes(argument, "big")
    if shortest and major != 7 and number < (24, 1 << 8, 1 << 16, 1 << 32)[info - 24]:
        raise Refused("a longer head than needed")
    return major, number, at + 1 + length


def _value(data, at, depth):
    if depth > DEPTH_MAX:
        raise Refused("nested too deeply")
    major, number, after = head(data, at)
    if major == 0:
        return number, after
    if major == 1:
        return -1 - number, after
    if major in (2, 3):
        return _string(data, major, number, after)
    if major == 4:
        items = []
        for _ in range(number):
            item, after = _value(data, after, depth + 1)
            items.append(item)
        return items, after
    if major == 5:
        return _map(data, number, after, depth)
    if major == 7 and after == at + 1 and number in (20, 21, 22):
        return {20: False, 21: True, 22: None}[number], after
    raise Refused("a tag, a float or another simple value")


def _string(data, major, length, at):
    string = data[at : at + length]
    if len(string) < length:
        raise Refused("ends inside a string")
    if major == 2:
        return string, at + length
    try:
        return string.decode(), at + length
    except UnicodeDecodeError:
        raise Refused("a text that is not UTF-8") from None


def _map(data, length, at, depth):
    pairs, last = {}, b""
    for _ in range(length):
        key, end = _value(data, at, depth + 1)
        if data[at:end] <= last:
            raise Refused("keys out of order, or one twice")
        last = data[at:end]
        if isinstance(key, (list, dict)):
            key = last
        pairs[key], at = _value(data, end, depth + 1)
    return pairs, at


def plain(value):
    """A value as the vectors write it: keys as texts, byte strings as h'...'."""
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value
