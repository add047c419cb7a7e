"""A picture of a page that goes on talking to its server: live.py ADDRESS FILE WIDTH HEIGHT CONDITION

CONDITION is JavaScript that is true once the page shows what it shall. Speaks the
DevTools protocol through the pipe of Chromium: messages in JSON, each ended by a NUL.
"""
import base64
import json
import subprocess
import sys
import tempfile
import time

address, file, width, height, condition = sys.argv[1:]
profile = tempfile.TemporaryDirectory()
# The pipe is the third and fourth file of the browser.
script = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null'
browser = subprocess.Popen(
    ["sh", "-c", script, "sh", "chromium", "--headless", "--no-sandbox", "--disable-gpu",
     "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir=" + profile.name],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
sent, session = 0, None


def call(method, **params):
    global sent
    sent += 1
    message = {"id": sent, "method": method, "params": params}
    if session:
        message["sessionId"] = session
    browser.stdin.write(json.dumps(message).encode() + b"\0")
    browser.stdin.flush()
    while True:
        text = b""
        while not text.endswith(b"\0"):
            text += browser.stdout.read(1)
        answer = json.loads(text[:-1])
        if answer.get("id") == sent:
            return answer["result"]


target = call("Target.createTarget", url="about:blank")["targetId"]
session = call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
call("Emulation.setDeviceMetricsOverride", width=int(width), height=int(height), deviceScaleFactor=1, mobile=False)
call("Page.navigate", url=address)
for _ in range(600):
    if call("Runtime.evaluate", expression=f"Boolean({condition})")["result"].get("value"):
        break
    time.sleep(0.1)
time.sleep(1)
picture = call("Page.captureScreenshot")["data"]
open(file, "wb").write(base64.b64decode(picture))
session = None
call("Browser.close")
browser.wait()
