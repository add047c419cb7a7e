"""Many clients that never finish: slow_clients.py PORT COUNT KINDS. Says "ready" once all are connected, ends with its standard input.

Each has an address of its own in 127.0.0.0/8. They say a letter now and then, and come back when they are cut off. KINDS tells what they do not finish: 0 to begin, 1 their headers,
2 the body of a form, 3 to take the answer.
"""
import socket
import sys
import threading
import time

PORT, COUNT = int(sys.argv[1]), int(sys.argv[2])
ALL = [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-", b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\na",
       b"GET /large.mp3 HTTP/1.1\r\nHost: x\r\n\r\n"]
KINDS = [int(kind) for kind in sys.argv[3]]


def connect(number):
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
    line.settimeout(20)
    line.connect(("127.0.0.1", PORT))
    line.sendall(ALL[KINDS[number % len(KINDS)]])
    line.setblocking(False)
    return line


def run():
    lines = [connect(number) for number in range(COUNT)]
    print("ready", flush=True)
    while True:
        time.sleep(0.5)
        for number, line in enumerate(lines):
            try:
                kind = KINDS[number % len(KINDS)]
                if kind in (1, 2) and line.send(b"a") or line.recv(512):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            line.close()
            try:
                lines[number] = connect(number)
            except OSError:
                lines[number] = socket.socket()


threading.Thread(target=run, daemon=True).start()
sys.stdin.read()
