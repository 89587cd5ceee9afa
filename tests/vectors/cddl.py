"""The part of CDDL (RFC 8610) that groundwork.cddl is written in, and whether a value fits it."""

import re

from strict import Refused

TOKEN = re.compile(r"=>|\.\.|\.size|[\[\]{}()/,:=?*]|-?\d+|[a-z][a-z0-9]*(?:-[a-z0-9]+)*")

# How deep an item of an unknown kind may nest.
UNKNOWN_DEPTH_MAX = 16

PRELUDE = {
    "any": lambda value: True,
    "null": lambda value: value is None,
    "bool": lambda value: isinstance(value, bool),
    "uint": lambda value: is_int(value) and value >= 0,
    "nint": lambda value: is_int(value) and value < 0,
    "bstr": lambda value: isinstance(value, bytes),
    "tstr": lambda value: isinstance(value, str),
}


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def nesting(value):
    """How many lists and maps stand inside each other."""
    if isinstance(value, dict):
        return 1 + max(map(nesting, [*value.keys(), *value.values()]), default=0)
    if isinstance(value, list):
        return 1 + max(map(nesting, value), default=0)
    return 0


class Cddl:
    def __init__(self, text):
        lines = [line.split(";")[0] for line in text.splitlines()]
        rest = TOKEN.sub("", "\n".join(lines)).strip()
        assert not rest, f"not understood: {rest!r}"
        self.tokens, self.at = TOKEN.findall("\n".join(lines)), 0
        self.rules = {}
        while self.at < len(self.tokens):
            name = self.take()
            self.expect("=")
            assert name not in self.rules, f"{name} stands twice"
            self.rules[name] = self.type()
        self.used, self.seen = set(), set()
        self.newer = None

    # Types as tuples: ("choice", types), ("range", low, high), ("size", type, type),
    # ("name", name), ("list", entries), ("map", entries). An entry is (least, most, key, type).

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, token):
        found = self.take()
        assert found == token, f"{token} wanted, {found} found, token {self.at}"

    def type(self):
        choices = [self.limited()]
        while self.peek() == "/":
            self.take()
            choices.append(self.limited())
        return choices[0] if len(choices) == 1 else ("choice", choices)

    def limited(self):
        first = self.simple()
        if self.peek() == "..":
            self.take()
            return ("range", first[1], self.simple()[1])
        if self.peek() == ".size":
            self.take()
            return ("size", first, self.simple())
        return first

    def simple(self):
        token = self.take()
        if token in "[{":
            close = {"[": "]", "{": "}"}[token]
            entries = []
            while self.peek() != close:
                entries.append(self.entry())
                if self.peek() == ",":
                    self.take()
            self.take()
            return ("list" if token == "[" else "map", entries)
        if token == "(":
            inner = self.type()
            self.expect(")")
            return inner
        if re.fullmatch(r"-?\d+", token):
            return ("range", int(token), int(token))
        return ("name", token)

    def entry(self):
        least, most = 1, 1
        if self.peek() == "?":
            self.take()
            least = 0
        elif self.peek() == "*":
            self.take()
            least, most = 0, float("inf")
        elif self.peek(1) == "*":
            least = int(self.take())
            self.take()
            most = int(self.take())
        if self.peek(1) == ":":
            self.at += 2
            return (least, most, None, self.type())
        first = self.type()
        if self.peek() == "=>":
            self.take()
            return (least, most, first, self.type())
        return (least, most, None, first)

    def check(self, name, value):
        """Refuses a value that is not of the rule `name`."""
        if not self.fits(("name", name), value):
            raise Refused(f"not of the shape of {name}")

    def fits(self, kind, value):
        what = kind[0]
        if what == "name":
            return self.fits_name(kind[1], value)
        if what == "choice":
            return any(self.fits(choice, value) for choice in kind[1])
        if what == "range":
            return is_int(value) and kind[1] <= value <= kind[2]
        if what == "size":
            length = len(value.encode() if isinstance(value, str) else value) if isinstance(
                value, (str, bytes)
            ) else -1
            return self.fits(kind[1], value) and self.fits(kind[2], length)
        if what == "list":
            return isinstance(value, list) and self.fits_list(kind[1], value)
        return isinstance(value, dict) and self.fits_map(kind[1], value)

    def fits_name(self, name, value):
        if name == "unknown" and nesting(value) > UNKNOWN_DEPTH_MAX:
            return False
        fits = PRELUDE[name](value) if name in PRELUDE else self.fits(self.rules[name], value)
        if fits:
            self.seen.add(name)
        return fits

    def fits_list(self, entries, items):
        at = 0
        for least, most, _, kind in entries:
            count = 0
            while count < most and at < len(items) and self.fits(kind, items[at]):
                at, count = at + 1, count + 1
            if count < least:
                return False
        if self.newer == "elements" and at < len(items) and items[-1] is not None:
            return all(self.fits(("name", "unknown"), item) for item in items[at:])
        return at == len(items)

    def fits_map(self, entries, pairs):
        left = dict(pairs)
        for least, most, key, kind in entries:
            count = 0
            for found in [found for found in left if self.fits(key, found)]:
                if count == most or not self.fits(kind, left[found]):
                    return False
                del left[found]
                count += 1
            if count < least:
                return False
        if self.newer:
            numbers = all(is_int(key) and key >= 0 for key in left)
            unknown = all(self.fits(("name", "unknown"), value) for value in left.values())
            return numbers and unknown and None not in left.values()
        return not left

    def begin(self, newer=None):
        """Forgets what the value before this one fitted: it was of no valid vector. In a `newer`
        one maps may have further keys, or lists further elements."""
        self.seen, self.newer = set(), newer

    def keep(self):
        """Counts the rules that the value fitted as used."""
        self.used |= self.seen

    def unused(self):
        """The rules that nothing in a valid vector fitted."""
        return [name for name in self.rules if name not in self.used]
