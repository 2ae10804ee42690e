#!/usr/bin/python3
"""Holds every line of a log that is a JSON object against a schema, by somebody else's validator.

Usage: validate_lines.py SCHEMA LOG. Exits 1 when a line does not follow, 77 when there is none.
"""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
with open(sys.argv[2], encoding="utf-8") as file:
    lines = [line for line in file if line.startswith("{")]
invalid = [line for line in lines if not validator.is_valid(json.loads(line))]
for line in invalid[:10]:
    print("does not follow the schema:", line[:300])
print(f"{len(lines)} lines, {len(invalid)} invalid")
sys.exit(77 if not lines else 1 if invalid else 0)
