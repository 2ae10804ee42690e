#!/usr/bin/python3
"""The template with one fault planted: the first argument names the rule that it breaks."""
import importlib.util
import json
import os
import pathlib
import sys
import time

rule = sys.argv[1]
path = pathlib.Path(__file__).parent.parent / "adapter_template.py"
specification = importlib.util.spec_from_file_location("template", path)
template = importlib.util.module_from_spec(specification)
specification.loader.exec_module(template)
honest = template.answer
looks = 0


def replied(request, result):
    return {"id": request["id"], "result": result}


def answer(array, request):
    global looks
    operation = request.get("operation")
    method = request.get("method")
    parameters = request.get("parameters") or {}
    done = {"return_value": 0, "out": {}}
    if rule == "AD-02" and operation == "hello":
        return {"protocol": 1, "identity": {"organisation": "example"}}
    if rule == "AD-03" and operation == "hello":
        return honest(array, {**request, "protocol": 1})
    if rule == "AD-04" and operation == "capabilities":
        return {**honest(array, request), "level": "Cim99"}
    if rule == "AD-05" and operation == "capabilities":
        return {**honest(array, request), "asynchronous_actions": ["CreateGroup"]}
    if rule == "AD-06" and operation == "inventory":
        return {"pools": honest(array, request)["pools"] * 2}
    if rule == "AD-07" and operation == "inventory":
        looks += 1
        array.pool = {**array.pool, "ElementName": f"looked at {looks} times"}
    if rule == "AD-08" and operation not in ("hello", "capabilities", "inventory", "invoke", "inject"):
        return {}
    if rule == "AD-10" and operation == "invoke" and method not in template.METHODS:
        return done
    if rule == "AD-11" and method == "CreateGroup":
        return done
    if rule == "AD-12" and "NoSuchParameter" in parameters:
        return done
    if rule == "AD-13" and parameters.get("Size") == -1:
        return done
    if rule == "AD-14" and parameters.get("TheElement") == "no such object":
        return done
    if rule == "AD-15" and len(json.dumps(parameters)) > 10_000:
        sys.exit("too long for me")
    if rule == "AD-16" and "InPool" in parameters:
        return {"return_value": 32768}
    if rule == "AD-19" and operation == "inject":
        return {}
    if rule == "AD-20" and method == "ReturnToStoragePool" and parameters.get("TheElement") in array.volumes:
        return done
    return honest(array, request)


def all_at_once():
    """Takes every line that has come and answers the last one first."""
    array = template.Array()
    while True:
        time.sleep(0.05)
        chunk = os.read(0, 1 << 20)
        if not chunk:
            return
        for line in reversed(chunk.splitlines()):
            request = json.loads(line)
            os.write(1, json.dumps(replied(request, honest(array, request))).encode() + b"\n")


if rule == "AD-01":
    sys.exit("no licence")
template.answer = answer
if rule == "AD-09":
    template.json.loads = lambda line, loads=json.loads: loads(line) if line.startswith(b'{"id"') else sys.exit(2)
if rule == "AD-18":
    template.json.loads = lambda line, loads=json.loads: {
        key: value % (1 << 32) if key == "id" else value for key, value in loads(line).items()}
if rule == "AD-17":
    all_at_once()
else:
    template.main()
if rule == "AD-21":
    sys.exit(5)
