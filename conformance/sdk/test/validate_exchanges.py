#!/usr/bin/python3
"""Holds every message of an exchanges.log against the schema, by somebody else's validator.

Usage: validate_exchanges.py SCHEMA LOG. Exits 1 when a message does not follow, 77 when there is none.
"""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
with open(sys.argv[2], encoding="utf-8") as file:
    messages = [line for line in file if line.startswith("{")]
invalid = [message for message in messages if not validator.is_valid(json.loads(message))]
for message in invalid[:10]:
    print("does not follow the schema:", message[:300])
print(f"{len(messages)} messages, {len(invalid)} invalid")
sys.exit(77 if not messages else 1 if invalid else 0)
