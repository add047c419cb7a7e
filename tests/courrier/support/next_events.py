"""Prints the next events of calendars as one JSON list: for each file what
recurring_ical_events finds in the given days after the given moment, or null
where icalendar cannot read the file.

    next_events.py MOMENT DAYS ZONE FILE...
"""

import datetime
import json
import sys
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events


def moment(value, zone):
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(datetime.timezone.utc)


def events(path, begin, end, zone):
    try:
        calendar = icalendar.Calendar.from_ical(open(path, "rb").read())
        found = recurring_ical_events.of(calendar).between(begin - datetime.timedelta(days=2), end)
    except Exception:  # whatever it is, there is nothing to compare with
        return None
    times = []
    for event in found:
        begins = moment(event["DTSTART"].dt, zone)
        if begin < begins <= end and str(event.get("STATUS", "")).upper() != "CANCELLED":
            times.append([begins.strftime("%Y-%m-%dT%H:%M:%SZ"), str(event.get("SUMMARY", ""))])
    return sorted(times)


def main():
    begin = datetime.datetime.fromisoformat(sys.argv[1]).astimezone(datetime.timezone.utc)
    zone = ZoneInfo(sys.argv[3])
    end = begin + datetime.timedelta(days=int(sys.argv[2]))
    print(json.dumps([events(path, begin, end, zone) for path in sys.argv[4:]]))


main()
