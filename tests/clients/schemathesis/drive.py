"""Schemathesis asks the server everything that its description allows, and much that it doesn't.

Every answer has to be one that the description tells of, with the status, headers and body that it promises, and none
may be a 5xx. A small world is made first, so that there is something to be found. Which values mean something together
is beyond a schema (the styles of `page` don't mix, a chat may be closed), so that a refusal of valid data is no finding.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path
from uuid import uuid4

API = sys.argv[1]
SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "40"))
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
]


def post(path, kind, token=None, attributes=None, relationships=None):
    data = {"type": kind, "attributes": attributes or {}, "relationships": relationships or {}}
    request = urllib.request.Request(
        f"{API}{path}",
        json.dumps({"data": data}).encode(),
        {"Content-Type": "application/vnd.api+json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def person(name):
    attributes = {"name": name, "email": f"{name}-{uuid4().hex}@example.com", "password": "correct horse"}
    user = post("/users", "user", attributes=attributes)["data"]["id"]
    del attributes["name"]
    session = post("/sessions", "session", attributes=attributes)
    return user, session["meta"]["token"], post("/sessions", "session", attributes=attributes)["data"]["id"]


def linked(**relationships):
    return {name: {"data": {"type": kind, "id": id}} for name, (kind, id) in relationships.items()}


def world():
    """A token, and the id of a resource of each type that its user sees."""
    ana, token, session = person("ana")
    bo, _, _ = person("bo")
    cy, token_of_cy, _ = person("cy")
    members = {"members": {"data": [{"type": "user", "id": id} for id in (bo, cy)]}}
    chat = post("/chats", "chat", token, {"title": "Garden"}, members)["data"]
    message = post("/messages", "message", token, {"content": "Hello!"}, linked(chat=("chat", chat["id"])))["data"]["id"]
    of_message = linked(message=("message", message))
    file = {"name": "cat.png", "mime_type": "image/png", "source_url": "https://example.com/cat.png"}
    post("/messages", "message", token_of_cy, {"content": "Hi!"}, linked(parent=("message", message), chat=("chat", chat["id"])))
    return token, {
        "user": bo,  # one's own account had better stay
        "session": session,
        "inbox": ana,
        "chat": chat["id"],
        "chat_membership": chat["relationships"]["viewer_membership"]["data"]["id"],
        "message": message,
        "attachment": post("/attachments", "attachment", token, file, of_message)["data"]["id"],
        "reaction": post("/reactions", "reaction", token, {"emoji": "👍"}, of_message)["data"]["id"],
        "direct_conversation": post("/direct_conversations", "direct_conversation", token, {"user_id": bo})["data"]["id"],
        "chat_request": post("/chat_requests", "chat_request", token_of_cy, {"user_id": ana})["data"]["id"],
    }


def configuration(ids):
    # Conditions and sizes are looked at before what the body says.
    refusals = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429]
    lines = ["hooks = \"hooks.py\"\n", f"[checks]\nnegative_data_rejection.expected-statuses = {refusals}\n"]
    lines += ["[[operations]]\ninclude-tag = \"{}\"\nparameters = {{ \"path.id\" = \"{}\" }}\n".format(*it) for it in ids.items()]
    return "\n".join(lines)


def run(token, ids, seconds, only):
    Path("schemathesis.toml").write_text(configuration(ids))
    st = Path(sys.executable).with_name("st")
    command = [st, "run", f"{API.removesuffix('/api/v1')}/openapi.json", "--header", f"Authorization: Bearer {token}"]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1"]
    command += ["--max-time", str(seconds), "--generation-database", "none", "--suppress-health-check", "all"]
    command += ["--warnings", "off", "--report", "ndjson", "--report-ndjson-path", "events.ndjson", *only]
    subprocess.run(command, env=os.environ | {"WORLD_IDS": json.dumps(ids)}, check=True)
    return statuses(Path("events.ndjson"))


def statuses(report):
    """How often each status was answered."""
    events = map(json.loads, report.read_text().splitlines())
    recorders = [event["ScenarioFinished"]["recorder"] for event in events if "ScenarioFinished" in event]
    answers = [each["response"] for recorder in recorders for each in recorder.get("interactions", {}).values()]
    return Counter(answer["status_code"] for answer in answers if answer)


# Two of these may run at once.
place = tempfile.mkdtemp()
shutil.copy("hooks.py", place)
os.chdir(place)

token, ids = world()
# What is deleted can't be asked for, so deleting comes last.
counted = run(token, ids, SECONDS, ["--exclude-method", "DELETE"])
print(sorted(counted.items()))
for status in (200, 201, 204, 400, 401, 404, 409, 422):
    assert counted[status], f"no answer was {status}: {counted}"
run(token, ids, SECONDS // 4, ["--include-method", "DELETE"])
os.chdir("/")
shutil.rmtree(place)
