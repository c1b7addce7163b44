"""jsonapi-client, as published, drives the server: `python drive.py http://127.0.0.1:8080/api/v1`.

Prints a line per step and leaves with status 1 at the first surprise. Types are singular here and paths plural;
the library takes the type for the path where it has no link, so a new resource names its URL (`custom_url`).
Its AsyncIO mode is driven too. <https://github.com/qvantel/jsonapi-client>
"""

import asyncio
import logging
import os
import sys
import uuid

import requests
from jsonapi_client import Filter, Inclusion, Modifier, ResourceTuple, Session
from jsonapi_client.exceptions import DocumentError

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.environ["TERTULIA_API"]
# A server can be driven twice, so nobody's name or address is fixed.
RUN = uuid.uuid4().hex[:8]
PASSWORD = 'correct horse "battery" staple'
AWKWARD = 'Ada "the <first>" & only 🎲 Łovelace'
EVERYTHING = Inclusion("chat", "first_user", "second_user")


def to_one(name):
    return {"relation": "to-one", "resource": [name]}


def texts(*names):
    return {name: {"type": ["null", "string"]} for name in names}


# What the library wants to know before it creates a resource.
SCHEMA = {
    "user": {"properties": texts("name", "email", "password", "first_name")},
    "session": {"properties": {**texts("email", "password"), "user": to_one("user")}},
    "direct_conversation": {"properties": {
        **texts("user_id", "chat_updated_at"),
        **{name: to_one("user") for name in ("first_user", "second_user")},
        "chat": to_one("chat"),
    }},
    "chat": {"properties": {
        **texts("title", "chat_type"),
        "members": {"relation": "to-many", "resource": ["user"]},
    }},
    "message": {"properties": {**texts("content"), "chat": to_one("chat"), "author": to_one("user")}},
}
PATHS = {name: f"{ROOT}/{name}s" for name in SCHEMA}


def main():
    # It would warn of every attribute that the schema leaves out.
    logging.getLogger("jsonapi_client").setLevel(logging.ERROR)
    anonymous = Session(ROOT, schema=SCHEMA)
    ada, bo, cy = (sign_up(anonymous, name) for name in ("ada", "bo", "cy"))
    said("signs three people up")
    wrong_credentials_are_401(anonymous, ada)
    headers, signed_in = sign_in(anonymous, ada)
    session = signed_in.session
    with_bo, with_cy = create_conversations(session, bo, cy)
    walk_the_pages(session, ada, with_bo, with_cy)
    filter_and_ask_for_fields(session, bo, with_bo)
    follow_a_related_url(session, ada, with_bo)
    update_a_user(session, ada)
    group = create_and_update_a_group(session, ada, bo, cy)
    write_edit_and_delete_a_message(session, ada, group)
    errors_are_surfaced(session, anonymous, ada)
    asyncio.run(list_asynchronously(headers, with_bo, with_cy))
    delete_a_chat(session, with_bo, with_cy)
    sign_out(session, signed_in)


def sign_up(session, name):
    address = f"{name}.{RUN}@example.com"
    user = create(session, "user", name=f"{name} {RUN}", email=address, password=PASSWORD)
    same(user.email, address)
    return user


def wrong_credentials_are_401(session, user):
    refused(401, "invalid_credentials", lambda: create(session, "session", email=user.email, password="wrong"))
    refused(401, "unauthorized", lambda: session.get("direct_conversations"))
    said("is told 401 for a wrong password, and for no token at all")


def sign_in(anonymous, user):
    signed_in = create(anonymous, "session", email=user.email, password=PASSWORD)
    same(signed_in.relationships.user.type, "user")
    # The resource is kept and the document is not, whose meta has the token: it is in a header as well.
    attributes = {"email": user.email, "password": PASSWORD}
    document = {"data": {"type": "session", "attributes": attributes}}
    status, answer, _location = anonymous.http_request("post", PATHS["session"], document)
    same(status, 201)
    headers = {"Authorization": f"Bearer {answer['meta']['token']}"}
    session = Session(ROOT, schema=SCHEMA, request_kwargs={"headers": headers})
    mine = session.get("sessions", answer["data"]["id"]).resource
    said("signs in")
    return headers, mine


def create_conversations(session, bo, cy):
    with_bo, with_cy = (create(session, "direct_conversation", user_id=peer.id) for peer in (bo, cy))
    same(with_bo["user_id"], bo.id)
    again = create(session, "direct_conversation", user_id=bo.id)
    same(again.id, with_bo.id)
    said("creates direct conversations, and is given the same when it asks again")
    return with_bo, with_cy


def walk_the_pages(session, me, older, newer):
    query = EVERYTHING + Modifier("sort=-chat_updated_at&page[size]=1")
    seen = []
    for conversation in session.iterate("direct_conversations", query):
        same(conversation["chat"]["updated_at"], conversation["chat_updated_at"])
        same(conversation["first_user"].name, me.name)
        same(conversation["second_user"].id, conversation["user_id"])
        seen.append(conversation.id)
    same(seen, [newer.id, older.id])
    said("iterates through the pages, with every included resource linked")


def filter_and_ask_for_fields(session, peer, conversation):
    query = Filter(f"filter[user_id]={peer.id}") + Inclusion("second_user") + Modifier("fields[user]=name")
    found = session.get("direct_conversations", query)
    same(ids(found), [conversation.id])
    same(found.resource["second_user"].name, peer.name)
    same(hasattr(found.resource["second_user"], "active"), False)
    same(ids(session.get("users", Filter(name=peer.name))), [peer.id])
    said("filters, and asks for sparse fieldsets")


def follow_a_related_url(session, me, conversation):
    links = session.get("direct_conversations", conversation.id).resource.relationships["first_user"].links
    same(links.related.fetch().resource.id, me.id)
    said("follows a related URL")


def update_a_user(session, me):
    user = session.get("users", me.id).resource
    user["first_name"] = AWKWARD
    user.commit()
    same(user["first_name"], AWKWARD)
    user.refresh()
    same((user["first_name"], user.name), (AWKWARD, me.name))
    user["first_name"] = "Ada"
    status, answer, _location = session.http_request("patch", user.url, {"data": user.json})
    same((status, answer["data"]["attributes"]["first_name"]), (200, "Ada"))
    said("updates a user, by what changed and by the whole resource")


def create_and_update_a_group(session, ada, bo, cy):
    group = create(session, "chat", title="Tertulia", members=[bo.id, cy.id])
    same(group["chat_type"], "group")

    def names():
        return [user.name for user in group.relationships.members.links.related.fetch().resources]

    same(names(), [ada.name, bo.name, cy.name])
    group.title = "Café Gijón"
    group.commit()
    same(session.get("chats", group.id).resource.title, "Café Gijón")
    # To-many linkage is sent as a whole, which replaces it.
    listed = session.get("chats", Inclusion("members") + Filter(f"filter[id]={group.id}")).resource
    listed["members"] = [ResourceTuple(ada.id, "user"), ResourceTuple(sign_up(session, "dee").id, "user")]
    refused(403, "forbidden", listed.commit)
    said("creates a group with its members, updates it, and is told 403 for replacing them")
    return group


def write_edit_and_delete_a_message(session, me, group):
    message = create(session, "message", content=AWKWARD, chat=group.id)
    same(message.content, AWKWARD)
    message.content = "Another time"
    message.commit()
    listed = session.get("messages", Filter(f"filter[chat]={group.id}") + Inclusion("author"))
    same([(it.content, it.author.name) for it in listed.resources], [("Another time", me.name)])
    delete(message)
    session.invalidate()
    same(session.get("messages", message.id).resource.deleted, True)
    said("writes, edits and deletes a message")


def errors_are_surfaced(session, anonymous, me):
    problems = refused(422, "field_invalid", lambda: create(anonymous, "user", name="", email="nowhere", password="short"))
    pointers = sorted(problem["source"]["pointer"] for problem in problems)
    same(pointers, [f"/data/attributes/{name}" for name in ("email", "name", "password")])
    refused(422, "self_conversation", lambda: create(session, "direct_conversation", user_id=me.id))
    [problem] = refused(400, "sort_unknown", lambda: session.get("direct_conversations", Modifier("sort=chat_updated")))
    same(problem["source"]["parameter"], "sort")
    # Left to itself the library posts to the type.
    refused(404, "not_found", lambda: session.create("chat", title="Tertulia").commit())
    said("finds 400, 404 and 422 with their errors")


async def list_asynchronously(headers, older, newer):
    async with Session(ROOT, enable_async=True, request_kwargs={"headers": headers}) as anew:
        query = EVERYTHING + Modifier("sort=-chat_updated_at&page[size]=1")
        seen = [it.id async for it in anew.iterate("direct_conversations", query)]
        same(seen, [newer.id, older.id])
    said("iterates through the pages with AsyncIO")


def delete_a_chat(session, kept, gone):
    chat = session.get("direct_conversations", EVERYTHING + Filter(f"filter[user_id]={gone['user_id']}")).resource["chat"]
    delete(chat)
    session.invalidate()
    refused(404, "not_found", lambda: session.get("chats", chat.id))
    same(ids(session.get("direct_conversations")), [kept.id])
    said("deletes a chat")


def sign_out(session, signed_in):
    delete(signed_in)
    session.invalidate()
    refused(401, "unauthorized", lambda: session.get("direct_conversations"))
    said("signs out, and the token is dead")


def create(session, type_, **fields):
    resource = session.create(type_, fields)
    resource.commit(PATHS[type_])
    return resource


def delete(resource):
    """The library reads JSON out of a 204, after the deletion."""
    resource.delete()
    try:
        resource.commit()
    except requests.exceptions.JSONDecodeError:
        return
    raise AssertionError("the library has learned what 204 is: commit() alone is enough now")


def refused(status, code, request):
    try:
        request()
    except DocumentError as error:
        same(error.errors["status_code"], status)
        problems = error.response.json()["errors"]
        same(problems[0]["code"], code)
        # The message is made of the title.
        same(problems[0]["title"] in str(error), True)
        return problems
    raise AssertionError(f"expected {status} {code}")


def ids(document):
    return [resource.id for resource in document.resources]


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def said(step):
    print(f"jsonapi-client: {step}", flush=True)


if __name__ == "__main__":
    main()
