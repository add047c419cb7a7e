"""Reads the feed files named as arguments with feedparser and prints what it found as one JSON list."""

import json
import sys

import feedparser


def read(path):
    feed = feedparser.parse(open(path, "rb").read())
    keys = ("id", "title", "author", "link", "published", "updated", "summary")
    return {
        "bozo": int(feed.bozo),
        "why": repr(feed.get("bozo_exception", "")),
        "version": feed.version,
        "entries": [{key: entry.get(key, "") for key in keys} for entry in feed.entries],
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
