#!/usr/bin/python3
"""An adapter that misbehaves as its first argument says: in its answer to the first method, or from the start.

It says who it is in identity.contact: the number of its process.
"""
import json
import os
import signal
import subprocess
import sys
import time

mode = sys.argv[1]
out = sys.stdout.buffer


def say(text):
    out.write(text if isinstance(text, bytes) else text.encode())
    out.flush()


def answer(request):
    operation = request["operation"]
    if operation == "hello":
        result = {"protocol": 2 if mode == "other-protocol" else 1,
                  "identity": {"product": "scripted", "contact": str(os.getpid())},
                  "faults": ["LinkLost"],
                  "known": {"username": "user", "password": "open sesame"}}
    elif operation == "capabilities":
        result = {"level": "Cim241", "methods": ["CreateVolume", "CreateElementReplica"],
                  "synchronous_actions": ["CreateVolume", "CreateElementReplica"], "replication_types": [6]}
    elif operation == "inventory":
        result = {"pools": [{"ref": "pool:1"}]}
    elif operation == "invoke":
        result = {"return_value": 4, "out": {}}
    else:
        result = {}
    return json.dumps({"id": request["id"], "result": result}) + "\n"


def forever():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def misbehave(request):
    good = answer(request)
    if mode == "crash":
        os.abort()
    elif mode == "crash-mid-line":
        say(good[:10])
        print("last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    elif mode == "exit":
        sys.exit(3)
    elif mode == "hang":
        forever()
    elif mode == "garbage":
        say("Segmentation fault (not really)\n")
    elif mode == "two-answers":
        say(good + good)
    elif mode == "wrong-id":
        say(good.replace(str(request["id"]), "12345"))
    elif mode == "no-id":
        say('{"result":{"return_value":4}}\n')
    elif mode == "invalid-utf8":
        say(b'{"id":%d,"result":{"return_value":4,"out":{"TheElement":"\xff\xfe"}}}\n' % request["id"])
    elif mode == "huge-line":
        for _ in range(400):
            say("x" * 65536)
        forever()
    elif mode == "closed-output":
        os.close(1)
        forever()
    elif mode == "noisy":
        sys.stderr.write("noise\n" * 500_000)
        sys.stderr.flush()
        say(good)
    elif mode == "error":
        say(json.dumps({"id": request["id"], "error": {"message": "the array is on fire"}}) + "\n")
    elif mode == "grandchild":
        subprocess.Popen(["sleep", "1000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.abort()
    elif mode == "secret":
        print("token is", os.environ["LOCKSTEP_TEST_TOKEN"], file=sys.stderr, flush=True)
        say(json.dumps({"id": request["id"], "error": {"message": os.environ["LOCKSTEP_TEST_TOKEN"]}}) + "\n")
    else:
        say(good)


if mode == "exit-at-once":
    print("no licence", file=sys.stderr, flush=True)
    sys.exit(7)
if mode == "hang-at-once":
    forever()
for line in sys.stdin:
    request = json.loads(line)
    if request["operation"] == "invoke":
        misbehave(request)
    else:
        say(answer(request))
        if mode == "talkative" and request["operation"] == "hello":
            say("by the way\n")
            time.sleep(0.1)
if mode == "endless":
    forever()
