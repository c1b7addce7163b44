"""jsonapi-requests, as published, drives the server: `python drive.py http://127.0.0.1:8080/api/v1`.

Prints a line per step and leaves with status 1 at the first surprise. Every setting is the library's default
(so each path ends in a slash), but for the time-out: one second with three tries would send a slow POST again.
<https://github.com/socialwifi/jsonapi-requests>
"""

import json
import os
import sys
import time
import uuid
from urllib.parse import parse_qsl, urlsplit

import requests
from jsonapi_requests import JsonApiObject, orm
from jsonapi_requests.orm import AttributeField, RelationField
from jsonapi_requests.request_factory import ApiClientError

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.environ["TERTULIA_API"]
# A server can be driven twice, so nobody's name or address is fixed.
RUN = uuid.uuid4().hex[:8]
PASSWORD = 'correct horse "battery" staple'
EVERYTHING = "chat,first_user,second_user"


class Bearer(requests.auth.AuthBase):
    """The library hands AUTH to requests, which calls it for every request."""

    token = None

    def __call__(self, request):
        if self.token is not None:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


AUTH = Bearer()
API = orm.OrmApi.config({"API_ROOT": ROOT, "AUTH": AUTH, "TIMEOUT": 30})


class User(orm.ApiModel):
    class Meta:
        type = "user"
        path = "users"
        api = API

    name = AttributeField("name")
    email = AttributeField("email")
    password = AttributeField("password")
    first_name = AttributeField("first_name")


class Session(orm.ApiModel):
    class Meta:
        type = "session"
        path = "sessions"
        api = API

    user = RelationField("user")


class Chat(orm.ApiModel):
    class Meta:
        type = "chat"
        path = "chats"
        api = API

    chat_type = AttributeField("chat_type")
    title = AttributeField("title")
    member_count = AttributeField("member_count")
    updated_at = AttributeField("updated_at")
    members = RelationField("members")
    viewer_membership = RelationField("viewer_membership")


class ChatMembership(orm.ApiModel):
    class Meta:
        type = "chat_membership"
        path = "chat_memberships"
        api = API

    role = AttributeField("role")
    archived = AttributeField("archived")


class DirectConversation(orm.ApiModel):
    class Meta:
        type = "direct_conversation"
        path = "direct_conversations"
        api = API

    user_id = AttributeField("user_id")
    chat_updated_at = AttributeField("chat_updated_at")
    chat = RelationField("chat")
    first_user = RelationField("first_user")
    second_user = RelationField("second_user")


def main():
    ada, bo, cy = (sign_up(name) for name in ("ada", "bo", "cy"))
    said("signs three people up")
    wrong_credentials_are_401(ada)
    session = sign_in(ada)
    with_bo = create_conversation(ada, bo)
    creating_again_gives_the_same(with_bo)
    with_cy = create_with_include(ada, cy)
    list_in_both_directions(with_bo, with_cy)
    walk_the_pages(ada, with_bo, with_cy)
    search_for_a_peer(bo, with_bo)
    update_a_user_sent_back_whole(ada)
    update_a_group_sent_back_whole(create_group(bo, cy))
    archive_by_membership(with_bo)
    errors_are_surfaced(ada)
    delete_a_chat_sent_back_whole(with_bo, with_cy)
    sign_out(session)


def sign_up(name):
    user = User()
    user.name, user.password = f"{name} {RUN}", PASSWORD
    user.email = email = f"{name}.{RUN}@example.com"
    user.save()
    same(user.email, email)
    same("password" in user.attributes, False)
    return user


def wrong_credentials_are_401(user):
    refused(401, "invalid_credentials", lambda: post_session(user.email, "not that one"))
    refused(401, "unauthorized", DirectConversation.get_list)
    said("is told 401 for a wrong password, and for no token at all")


def sign_in(user):
    response = post_session(user.email, PASSWORD)
    same(response.status_code, 201)
    session = Session.from_response_content(response.content)
    same(session.user.id, user.id)
    AUTH.token = response.content.meta["token"]
    said("signs in")
    return session


def post_session(email, password):
    return post("sessions", "session", {"email": email, "password": password})


def create_conversation(me, peer):
    conversation = DirectConversation()
    conversation.user_id = peer.id
    conversation.save()
    # save() keeps what it sent unless the answer is 201.
    same(conversation.user_id, peer.id)
    same(conversation.first_user.id, me.id)
    # Nothing was included: the library fetches the chat that the linkage names.
    same(conversation.chat.is_stub, True)
    same(conversation.chat.chat_type, "direct")
    said("creates a direct conversation, and walks to its chat by the linkage alone")
    return conversation


def creating_again_gives_the_same(conversation):
    again = post("direct_conversations", "direct_conversation", {"user_id": conversation.user_id})
    same(again.status_code, 200)
    same(again.data.id, conversation.id)
    same(again.content.meta["created"], False)
    said("is given the same conversation when it asks again")


def create_with_include(me, peer):
    time.sleep(0.01)  # so that the two differ in the milliseconds they are sorted by
    attributes, params = {"user_id": peer.id}, {"include": EVERYTHING}
    response = post("direct_conversations", "direct_conversation", attributes, params=params)
    same(response.status_code, 201)
    conversation = DirectConversation.from_response_content(response.content)
    is_linked(conversation, me)
    same(conversation.second_user.name, peer.name)
    said("creates another one, and finds it linked to what it included")
    return conversation


def list_in_both_directions(older, newer):
    newest = DirectConversation.get_list(params={"sort": "-chat_updated_at"})
    same(ids(newest), [newer.id, older.id])
    oldest = DirectConversation.get_list(params={"sort": "chat_updated_at"})
    same(ids(oldest), [older.id, newer.id])
    said("lists by sort in both directions")


def walk_the_pages(me, older, newer):
    params = {"include": EVERYTHING, "sort": "-chat_updated_at", "page[size]": 1}
    seen = []
    while params is not None:
        response = API.endpoint("direct_conversations").get(params=params)
        (conversation,) = DirectConversation.from_response_content(response.content)
        is_linked(conversation, me)
        seen.append(conversation.id)
        params = query_of(response.content.links.get("next"))
    same(seen, [newer.id, older.id])
    said("walks the pages by links.next, with every included object linked")


def query_of(link):
    """The library would put its slash behind the query of a whole link, so only the parameters are taken from it."""
    return link and dict(parse_qsl(urlsplit(link).query))


def search_for_a_peer(peer, conversation):
    params = {"search_peer": peer.name.upper(), "include": "second_user", "fields[user]": "name"}
    (found,) = DirectConversation.get_list(params=params)
    same(found.id, conversation.id)
    same(dict(found.second_user.attributes), {"name": peer.name})
    said("searches for a peer, and asks for sparse fieldsets")


def update_a_user_sent_back_whole(user):
    fetched = User.from_id(user.id)
    fetched.first_name = first_name = 'Ada "the <first>" & only 🎲 Łovelace'
    fetched.save()
    same(fetched.first_name, first_name)
    fetched.refresh()
    same(fetched.first_name, first_name)
    same(fetched.name, user.name)
    said("updates a user by sending back the whole fetched object")


def create_group(*others):
    group = Chat()
    group.title = "Tertulia"
    group.members = list(others)
    group.save()
    same(group.chat_type, "group")
    same(group.member_count, 3)
    said("creates a group, with the members it names")
    return group


def update_a_group_sent_back_whole(group):
    response = API.endpoint(f"chats/{group.id}").get(params={"include": "members,viewer_membership"})
    fetched = Chat.from_response_content(response.content)
    same(len(fetched.members), 3)
    same(all(not member.is_stub for member in fetched.members), True)
    same(fetched.viewer_membership.role, "admin")
    fetched.title = "Café Gijón"
    fetched.save()
    same(fetched.title, "Café Gijón")
    said("updates the group by sending back the whole fetched object, empty and unlinked relationships included")


def archive_by_membership(conversation):
    chat = Chat.from_id(conversation.chat.id)
    chat.refresh()
    mine = ChatMembership.from_id(chat.viewer_membership.id)
    mine.archived = True
    mine.save()
    same(mine.archived, True)
    same(ids(Chat.get_list(params={"filter[archived]": "true"})), [chat.id])
    said("archives a chat by its membership, sent back whole")


def errors_are_surfaced(me):
    error = refused(422, "self_conversation", lambda: post("direct_conversations", "direct_conversation", {"user_id": me.id}))
    same(error["source"], {"pointer": "/data/attributes/user_id"})
    error = refused(400, "sort_unknown", lambda: DirectConversation.get_list(params={"sort": "chat_updated"}))
    same(error["source"], {"parameter": "sort"})
    refused(404, "not_found", Chat.from_id(str(uuid.uuid4())).refresh)
    refused(409, "type_mismatch", lambda: post("direct_conversations", "direct_conversations", {"user_id": me.id}))
    said("is told 422, 400, 404 and 409, each with its errors")


def delete_a_chat_sent_back_whole(kept, conversation):
    chat = Chat.from_id(conversation.chat.id)
    chat.refresh()
    chat.delete()
    refused(404, "not_found", Chat.from_id(chat.id).refresh)
    same(ids(DirectConversation.get_list()), [kept.id])
    said("deletes a chat, with the whole object as the body")


def sign_out(session):
    session.delete()
    refused(401, "unauthorized", DirectConversation.get_list)
    said("signs out, and the token is dead")


def post(path, kind, attributes, **options):
    return API.endpoint(path).post(object=JsonApiObject(type=kind, attributes=attributes), **options)


def is_linked(conversation, me):
    same([conversation.chat.is_stub, conversation.first_user.is_stub, conversation.second_user.is_stub], [False] * 3)
    same(conversation.chat.updated_at, conversation.chat_updated_at)
    same(conversation.first_user.name, me.name)
    same(conversation.second_user.id, conversation.user_id)


def refused(status, code, call):
    """The error of a call, which must fail with this status and code and say so in `errors`."""
    try:
        answer = call()
    except ApiClientError as failure:
        document = json.loads(failure.content)
        same(failure.status_code, status, document)
        same("data" in document, False)
        error = document["errors"][0]
        same((error["code"], error["status"]), (code, str(status)), document)
        same(bool(error["title"] and error["detail"]), True)
        return error
    raise AssertionError(f"expected {status} {code}, got {answer!r}")


def same(left, right, context=""):
    """`assert` would be gone under `python -O`."""
    if left != right:
        raise AssertionError(f"{left!r} is not {right!r} {context}")


def ids(resources):
    return [resource.id for resource in resources]


def said(step):
    print(f"jsonapi-requests: {step}", flush=True)


if __name__ == "__main__":
    main()
