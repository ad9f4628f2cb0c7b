"""Request bodies that no source can read, and which some day one of them receives."""

from __future__ import annotations

from random import Random


def _noise(size: int, seed: int) -> bytes:
    return Random(seed).randbytes(size)


JUNK: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n\t ",
    "null": b"null",
    "number": b"7",
    "text": b'"hello"',
    "list-of-nothing": b"[null, 1, [], {}]",
    "no-object-inside": b'{"alerts": 7, "results": "x", "items": [1, null, "x"]}',
    "cut-short": b'{"alerts": [{"status": "firing", "labels": {"alertname": "X"',
    "not-utf-8": b'\xff\xfe{"a": 1}\x80\x81',
    "byte-order-mark": b'\xef\xbb\xbf{"alerts": []}',
    "nul": b'{"a": "x\\u0000y", "b\\u0000": 1}\x00',
    "nul-in-an-alert": b'{"alerts": [{"status": "firing", "labels": {"alertname": "x\\u0000"}}]}',
    "surrogates": b'{"alerts": [{"title": "\\ud800", "labels": {"alertname": "\\udfff"}}]}',
    "surrogate-key": b'{"\\ud800": {"\\udc00": "\\ud800"}}',
    "deep-list": b"[" * 20_000,
    "deep-list-closed": b"[" * 20_000 + b"]" * 20_000,
    "deep-object": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "huge-integer": b'{"a": ' + b"9" * 5_000 + b"}",
    "huge-exponent": b'{"a": 1e400, "b": -1e999999, "c": 1e-999999}',
    "no-numbers": b'{"a": NaN, "b": Infinity, "c": -Infinity}',
    "same-key-twice": b'{"alerts": [], "alerts": {"a": 1}}',
    "many-items": b"[" + b"{}," * 3_000 + b"{}]",
    "megabyte": b'{"title": "' + b"x" * 1_000_000 + b'"}',
    "long-key": b'{"' + b"k" * 100_000 + b'": 1}',
    "many-keys": b"{" + b",".join(b'"k%d": 1' % n for n in range(3_000)) + b"}",
    "html": b"<!doctype html><title>502 Bad Gateway</title>",
    "form": b"a=1&b=%00&c=%FF&payload=%7B%22x%22%3A1%7D",
    "lines": b"UP\n\nDOWN\n DOWN \nDOWN \x00\n" * 50,
    "noise": _noise(400, 1),
    "more-noise": _noise(4_000, 2),
}
"""By name. None of them is an error of a source; each is something it has to say of a request."""

JUNK_HEADERS: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"content-type": "", "x-signature": "", "authorization": ""},
    "odd": {"content-type": "\x00\ud800", "x-signature": "é" * 10_000, "content-length": "-1"},
    "gzip": {"content-encoding": "gzip", "content-type": "application/json; charset=utf-99"},
}
"""By name. Header names arrive in small letters."""
