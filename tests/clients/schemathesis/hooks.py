"""Ids that a schema can't know: those that are made up become those of the world, where a document says of which type."""

import json
import os
import uuid

import schemathesis

IDS = json.loads(os.environ["WORLD_IDS"])


def is_id(value):
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def known(value):
    if isinstance(value, list):
        return [known(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {name: IDS["user"] if name == "user_id" and is_id(it) else known(it) for name, it in value.items()}
    if value.get("type") in IDS and is_id(value.get("id")):
        value["id"] = IDS[value["type"]]
    return value


@schemathesis.hook
def map_body(context, body):
    is_create = context.operation.method.upper() == "POST" and "relationships/" not in context.operation.path
    body = known(body)
    # A create that brings an id brings one of its own.
    if is_create and isinstance(body, dict) and isinstance(body.get("data"), dict) and is_id(body["data"].get("id")):
        body["data"]["id"] = str(uuid.uuid4())
    return body
