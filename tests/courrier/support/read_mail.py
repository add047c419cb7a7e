"""Reads the mail files named as arguments with Python's own `email` and prints what it found as one JSON list."""

import email
import email.policy
import json
import sys


def defects(message):
    """Every defect of the message, its headers and its parts, in words."""
    found = []
    for part in message.walk():
        found += [repr(defect) for defect in part.defects]
        for name, value in part.items():
            found += [f"{name}: {defect!r}" for defect in getattr(value, "defects", ())]
    return found


def read(path):
    raw = open(path, "rb").read()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    return {
        "defects": defects(message),
        "headers": [[name, str(value)] for name, value in message.items()],
        "type": message.get_content_type(),
        "parts": [[part.get_content_type(), part.get_content()] for part in leaves],
        "encodings": [part["Content-Transfer-Encoding"] for part in leaves],
        "to": [[address.display_name, address.addr_spec] for address in message["To"].addresses],
        "from": [[address.display_name, address.addr_spec] for address in message["From"].addresses],
        "longest_line": max(map(len, lines)),
        "longest_header_line": max(map(len, lines[: lines.index(b"")])),
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
