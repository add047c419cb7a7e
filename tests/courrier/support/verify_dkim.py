"""Verifies every DKIM signature of the mail files named as arguments with dkimpy, by the records on standard input."""

import json
import sys

import dkim

records = {record["name"] + ".": record["value"] for record in json.load(sys.stdin)}


def record(name, timeout=None):
    return records.get(name.decode(), "").encode()


def verify(path):
    message = open(path, "rb").read()
    # What smtp-sink says of the envelope stands above the message.
    count = message.lower().count(b"\ndkim-signature:") + message.lower().startswith(b"dkim-signature:")
    found = []
    for index in range(count):
        verifier = dkim.DKIM(message)
        try:
            valid = verifier.verify(idx=index, dnsfunc=record)
        except dkim.DKIMException:
            valid = False
        fields = {name.decode(): value.decode() for name, value in verifier.signature_fields.items()}
        found.append(
            {
                "valid": valid,
                "algorithm": fields["a"],
                "domain": fields["d"],
                "selector": fields["s"],
                "time": fields["t"],
                "names": [name.strip().lower() for name in fields["h"].split(":")],
                "has_length": "l" in fields,
            }
        )
    return found


print(json.dumps([verify(path) for path in sys.argv[1:]]))
