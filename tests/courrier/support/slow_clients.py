"""Many clients that never finish: slow_clients.py PORT COUNT. Says "ready" once all are connected, ends with its standard input.

Each has an address of its own in 127.0.0.0/8. They say a letter now and then, and come back when they are cut off.
"""
import socket
import sys
import threading
import time

PORT, COUNT = int(sys.argv[1]), int(sys.argv[2])
KINDS = [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-", b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\na"]


def connect(number):
    line = socket.socket()
    line.bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
    line.settimeout(20)
    line.connect(("127.0.0.1", PORT))
    line.sendall(KINDS[number % len(KINDS)])
    line.setblocking(False)
    return line


def run():
    lines = [connect(number) for number in range(COUNT)]
    print("ready", flush=True)
    while True:
        time.sleep(0.5)
        for number, line in enumerate(lines):
            try:
                if number % len(KINDS) and line.send(b"a") or line.recv(4096):
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
