"""jsonapi-pydantic, as published, drives the server: `python drive.py http://127.0.0.1:8080/api/v1`.

Prints a line per step and leaves with status 1 at the first surprise. The library models documents and asks nothing:
httpx carries what its models dump, and every answer is read by them. Its links have to be absolute, errors stand
alone, and whoever gives an error links has to say `about` among them.
<https://github.com/impocode/jsonapi-pydantic>
"""

import json
import os
import sys
import uuid
from typing import Optional

import httpx
from jsonapi_pydantic.v1_0 import Error, Relationship, Resource, ResourceIdentifier, TopLevel
from pydantic import AwareDatetime, BaseModel, ConfigDict

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.environ["TERTULIA_API"]
# A server can be driven twice, so nobody's name or address is fixed.
RUN = uuid.uuid4().hex[:8]
PASSWORD = 'correct horse "battery" staple'
AWKWARD = 'Ada "the <first>" & only 🎲 Łovelace'
EVERYTHING = {"include": "chat,first_user,second_user"}
MEDIA_TYPE = "application/vnd.api+json"

http = httpx.Client(base_url=ROOT, headers={"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}, trust_env=False)


class User(BaseModel):
    """The attributes of a user, strictly: an instant has to say its zone, and nothing else may come."""

    model_config = ConfigDict(extra="forbid")
    name: str
    email: Optional[str] = None
    first_name: Optional[str]
    last_name: Optional[str]
    title: Optional[str]
    avatar_url: Optional[str]
    direct_message_policy: Optional[str] = None
    active: bool
    created_at: AwareDatetime
    updated_at: AwareDatetime


def main():
    ada, bo, cy = (sign_up(name) for name in ("ada", "bo", "cy"))
    said("signs three people up")
    wrong_credentials_are_401(ada)
    session = sign_in(ada)
    with_bo, with_cy = create_conversations(ada, bo, cy)
    walk_the_pages(ada, with_bo, with_cy)
    filter_and_ask_for_fields(bo, with_bo)
    update_a_user(ada)
    group = create_and_update_a_group(ada, bo, cy)
    change_members(group, ada, bo, cy)
    write_edit_and_delete_a_message(ada, group)
    every_kind_of_document_is_read(group)
    errors_are_read(ada)
    delete_a_chat(with_bo, with_cy)
    sign_out(session)


def sign_up(name):
    document = resource("user", {"name": f"{name} {RUN}", "email": f"{name}.{RUN}@example.com", "password": PASSWORD})
    # With every member that the models know of, most of them null.
    user = asked("POST", "users", document.model_dump(mode="json"), status=201).data
    User(**user.attributes)
    return user


def wrong_credentials_are_401(user):
    wrong = resource("session", {"email": user.attributes["email"], "password": "wrong"})
    refused(401, "invalid_credentials", "POST", "sessions", wrong)
    refused(401, "unauthorized", "GET", "direct_conversations")
    said("is told 401 for a wrong password, and for no token at all")


def sign_in(user):
    session = create("session", {"email": user.attributes["email"], "password": PASSWORD})
    http.headers["Authorization"] = f"Bearer {session.meta['token']}"
    same(session.data.relationships["user"].data, ResourceIdentifier(type="user", id=user.id))
    said("signs in")
    return session.data


def create_conversations(me, bo, cy):
    document = create("direct_conversation", {"user_id": bo.id}, params=EVERYTHING)
    same(linked(document, document.data, "chat").attributes["chat_type"], "direct")
    same(linked(document, document.data, "first_user"), me)
    same(linked(document, document.data, "second_user").attributes["name"], bo.attributes["name"])
    again = asked("POST", "direct_conversations", resource("direct_conversation", {"user_id": bo.id}))
    same((again.data, again.meta["created"]), (document.data, False))
    said("creates a direct conversation with what it includes, and is given the same when it asks again")
    return document.data, create("direct_conversation", {"user_id": cy.id}).data


def walk_the_pages(me, older, newer):
    seen = []
    page = asked("GET", "direct_conversations", params={**EVERYTHING, "sort": "-chat_updated_at", "page[size]": "1"})
    while True:
        [conversation] = page.data
        same(linked(page, conversation, "chat").attributes["updated_at"], conversation.attributes["chat_updated_at"])
        same(linked(page, conversation, "first_user"), me)
        same(linked(page, conversation, "second_user").id, conversation.attributes["user_id"])
        seen.append(conversation)
        if not page.links.get("next"):
            break
        page = asked("GET", str(page.links["next"]))
    same(seen, [newer, older])
    same(asked("GET", "direct_conversations", params={"page[offset]": 9, "page[limit]": 5}).data, [])
    said("walks the pages by links.next, with every included resource linked, and finds an empty one behind the last")


def filter_and_ask_for_fields(peer, conversation):
    params = {"filter[user_id]": peer.id, "include": "second_user", "fields[user]": "name"}
    found = asked("GET", "direct_conversations", params=params)
    same(found.data, [conversation])
    same(linked(found, found.data[0], "second_user").attributes, {"name": peer.attributes["name"]})
    related = conversation.relationships["second_user"].links.related
    same(asked("GET", str(related)).data, peer)
    said("filters, asks for sparse fieldsets, and follows a related URL")


def update_a_user(me):
    fetched = asked("GET", f"users/{me.id}")
    fetched.data.attributes["first_name"] = AWKWARD
    updated = asked("PATCH", f"users/{me.id}", fetched)
    user = User(**updated.data.attributes)
    same((user.first_name, user.name), (AWKWARD, me.attributes["name"]))
    same(User(**asked("GET", f"users/{me.id}").data.attributes), user)
    said("updates a user by sending back the whole fetched document")


def create_and_update_a_group(ada, bo, cy):
    members = Relationship(data=[identifier(bo), identifier(cy)])
    group = create("chat", {"title": "Tertulia"}, {"members": members}, params={"include": "members"})
    same({linkage.id for linkage in group.data.relationships["members"].data}, {ada.id, bo.id, cy.id})
    place = f"chats/{group.data.id}"
    params = {"include": "members,viewer_membership,last_message"}
    fetched = asked("GET", place, params=params)
    fetched.data.attributes["title"] = "Café Gijón"
    updated = asked("PATCH", place, fetched, params=params)
    same(updated.data.attributes["title"], "Café Gijón")
    same(linked(updated, updated.data, "viewer_membership").attributes["role"], "admin")
    same(set(updated.included), set(fetched.included))
    # What isn't excluded is null, and no linkage to many is.
    problems = refused(400, "document_invalid", "PATCH", place, fetched.model_dump(mode="json"))
    same({problem.source.pointer.split("/")[-1] for problem in problems}, {"data"})
    said("creates a group with its members, and updates it by sending back the whole compound document")
    return group.data


def change_members(group, ada, bo, cy):
    place = f"chats/{group.id}/relationships/members"
    document = TopLevel(data=[identifier(cy)])
    for method, members in (("DELETE", [ada, bo]), ("POST", [ada, bo, cy])):
        same(exchange(method, place, document).status_code, 204)
        same(asked("GET", place).data, [identifier(member) for member in members])
    said("takes a member out through the relationship, and puts it back")


def write_edit_and_delete_a_message(me, group):
    to = {"chat": Relationship(data=identifier(group))}
    message = create("message", {"content": AWKWARD}, to, params={"include": "author,chat"})
    same(message.data.attributes["content"], AWKWARD)
    same(linked(message, message.data, "author"), me)
    place = f"messages/{message.data.id}"
    message.data.attributes["content"] = "Another time"
    same(asked("PATCH", place, message).data.attributes["content"], "Another time")
    listed = asked("GET", f"chats/{group.id}/messages", params={"include": "author"})
    same([it.attributes["content"] for it in listed.data], ["Another time"])
    same((listed.links["prev"], listed.links["next"]), (None, None))
    same(exchange("DELETE", place).status_code, 204)
    same(asked("GET", place).data.attributes["deleted"], True)
    said("writes, edits and deletes a message, and reads a page by cursor")


def every_kind_of_document_is_read(group):
    chat = asked("GET", f"chats/{group.id}").data
    for name, relationship in chat.relationships.items():
        for link in (relationship.links.self, relationship.links.related):
            nothing_lost(link)
    same(asked("GET", f"chats/{group.id}/direct_conversation").data, None)
    for path in ("users", "sessions", "chats", "chat_memberships", "direct_conversations", "chat_requests"):
        nothing_lost(f"{ROOT}/{path}?page[number]=1&page[size]=3")
    said("reads collections, related resources and linkage, and loses nothing")


def nothing_lost(link):
    told = exchange("GET", str(link)).json()
    document = dump(TopLevel(**told))
    # Of a link object, and of `jsonapi`, the models keep what 1.0 has.
    for member in ("data", "included", "meta"):
        same(document.get(member), told.get(member))
    same(document["links"].keys(), told["links"].keys())


def errors_are_read(me):
    problems = refused(422, "field_invalid", "POST", "users", resource("user", {"name": "", "email": "nowhere", "password": "short"}))
    pointers = sorted(problem.source.pointer for problem in problems)
    same(pointers, [f"/data/attributes/{name}" for name in ("email", "name", "password")])
    refused(422, "self_conversation", "POST", "direct_conversations", resource("direct_conversation", {"user_id": me.id}))
    [problem] = refused(400, "sort_unknown", "GET", "direct_conversations?sort=chat_updated")
    same(problem.source.parameter, "sort")
    refused(400, "page_invalid", "GET", "messages?page[size]=1000")
    refused(404, "not_found", "GET", f"chats/{me.id}")
    refused(404, "not_found", "GET", "nowhere")
    refused(405, "method_not_allowed", "DELETE", "users")
    refused(409, "type_mismatch", "POST", "users", resource("users", {}))
    said("reads 400, 404, 405, 409 and 422 with their errors")


def delete_a_chat(kept, gone):
    place = f"chats/{gone.relationships['chat'].data.id}"
    same(exchange("DELETE", place).status_code, 204)
    refused(404, "not_found", "GET", place)
    same(asked("GET", "direct_conversations").data, [kept])
    said("deletes a chat")


def sign_out(session):
    same(exchange("DELETE", f"sessions/{session.id}").status_code, 204)
    refused(401, "unauthorized", "GET", "direct_conversations")
    said("signs out, and the token is dead")


def resource(type_, attributes, relationships=None):
    return TopLevel(data=Resource(type=type_, attributes=attributes, relationships=relationships or {}))


def create(type_, attributes, relationships=None, params=None):
    return asked("POST", f"{type_}s", resource(type_, attributes, relationships), params, 201)


def identifier(of):
    return ResourceIdentifier(type=of.type, id=of.id)


def linked(document, of, name):
    """What a relationship of a resource leads to, among what was included."""
    [found] = [it for it in document.included if it == of.relationships[name].data]
    return found


def exchange(method, place, document=None, params=None):
    body = None if document is None else json.dumps(document if isinstance(document, dict) else dump(document))
    return http.request(method, place, content=body, params=params)


def dump(document):
    return document.model_dump(mode="json", exclude_unset=True)


def asked(method, place, document=None, params=None, status=200):
    response = exchange(method, place, document, params)
    answer = TopLevel(**response.json())
    same((response.status_code, answer.errors), (status, None))
    return answer


def refused(status, code, method, place, document=None) -> list[Error]:
    response = exchange(method, place, document)
    same(response.status_code, status)
    problems = TopLevel(**response.json()).errors
    same((problems[0].code, problems[0].status), (code, str(status)))
    same(all(problem.title and problem.detail and problem.links.about for problem in problems), True)
    return problems


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def said(step):
    print(f"jsonapi-pydantic: {step}", flush=True)


if __name__ == "__main__":
    main()
