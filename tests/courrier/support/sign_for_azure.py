"""A request to Azure's emulator, signed with a shared key: KEY METHOD URL. A container becomes readable for all."""

import base64, datetime, hashlib, hmac, sys, urllib.parse, urllib.request

key, method, url = sys.argv[1:]
parts = urllib.parse.urlsplit(url)
now = datetime.datetime.now(datetime.timezone.utc)
headers = {"x-ms-date": now.strftime("%a, %d %b %Y %H:%M:%S GMT"), "x-ms-version": "2021-08-06"}
if parts.query:
    headers["x-ms-blob-public-access"] = "container"
signed = [f"{name}:{headers[name]}" for name in sorted(headers)]
asked = [f"{name}:{value}" for name, value in sorted(urllib.parse.parse_qsl(parts.query))]
text = "\n".join([method] + [""] * 11 + signed + [f"/letter{parts.path}"] + asked)
signature = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
headers["Authorization"] = "SharedKey letter:" + base64.b64encode(signature).decode()
urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers)).read()
