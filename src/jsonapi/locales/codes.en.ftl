# What the pages on error codes say; titles are in code.rs.

code-unauthorized =
    .meaning = The request has no valid bearer token.
    .occurs = The `Authorization` header is missing or of another scheme, the token has expired or was revoked, or its account is gone.
    .remedy = Sign in with `POST /sessions`, and send `Authorization: Bearer` with the token that the answer has in `meta.token` and in its `Authorization` header.
    .example = A bearer token is needed.
    .blamed = header Authorization

code-invalid-credentials =
    .meaning = E-mail address and password don't belong together.
    .occurs = At `POST /sessions`, for an unknown address and for a wrong password alike: which of the two it was is not told.
    .remedy = Check both. Case counts in the password, not in the address.
    .example = No account has this e-mail address and password.

code-forbidden =
    .meaning = The resource is there and you see it, but you may not do this with it.
    .occurs = When another role is needed, when it belongs to somebody else, or when nobody may change it this way.
    .remedy = Read the detail: it says who may. What you may not see at all is answered with `not_found` instead.
    .example = Only an admin of the group may do this.

code-field-read-only =
    .meaning = The document sets a field that this request can't set to another value than it has.
    .occurs = When a client changes what the server keeps, what is only given on creation, or what another resource holds.
    .remedy = Leave the field out, or send its present value: that is ignored. Where the detail names another relationship, update the resource it leads to.
    .example = `archived` can't be set here: update `viewer_membership`.
    .blamed = pointer /data/attributes/archived

code-client-id-forbidden =
    .meaning = Resources of this type get their ids from the server.
    .occurs = When a document that creates one has an `id`.
    .remedy = Leave out `id`, or send `null`; a `lid` is fine.
    .example = The id of a `user` is made by the server.
    .blamed = pointer /data/id

code-chat-request-required =
    .meaning = Somebody wants to be asked before being written to.
    .occurs = When a chat is begun, or a group extended, with a user whose `direct_message_policy` is `request` and who has not accepted.
    .remedy = Send `POST /chat_requests` with their `user_id` and wait until it is accepted. For groups `meta.user_ids` names whom to ask.
    .example = This user wants to be asked first: send a chat request.
    .blamed = pointer /data/attributes/user_id

code-password-required =
    .meaning = The present password is needed for this change, or the one sent is wrong.
    .occurs = When `email` or `password` of a user changes.
    .remedy = Send it as `current_password` in the same document.
    .example = `current_password` is needed to change `email` or `password`.
    .blamed = pointer /data/attributes

code-not-found =
    .meaning = There is nothing here that you may see.
    .occurs = When the URL leads nowhere, when a resource doesn't exist, was deleted, or is hidden from you, and when a document refers to such a resource. Which of these it is, is not told.
    .remedy = Check the URL or the id, and whether you are still a member of the chat. Follow the links of answers rather than composing URLs.
    .example = There is no such `chat`, or you may not see it.

code-method-not-allowed =
    .meaning = The URL exists, but doesn't take this method.
    .occurs = With `PUT` in place of `PATCH`, or where resources can't be created or deleted.
    .remedy = Use one of the methods in the `Allow` header of the answer.
    .example = `PUT` is not for this URL; try GET, HEAD, PATCH, DELETE, OPTIONS.

code-not-acceptable =
    .meaning = The client accepts JSON:API only with parameters that the server doesn't know.
    .occurs = When every `application/vnd.api+json` in `Accept` has a parameter other than `ext` and `profile`, or an unknown extension.
    .remedy = Send `Accept: application/vnd.api+json`, without `charset` or the like.
    .example = Every `application/vnd.api+json` in `Accept` has a parameter other than `ext` and `profile`, or an extension that this URL doesn't support.
    .blamed = header Accept

code-type-mismatch =
    .meaning = The `type` of the resource object is not the one of this URL.
    .occurs = Often when a client makes types plural: types are singular here (`user`), URLs plural (`/users`).
    .remedy = Send the type that the detail names.
    .example = This URL is for `user`, not for `users`.
    .blamed = pointer /data/type

code-id-mismatch =
    .meaning = The `id` in the document is not the one in the URL.
    .occurs = When a resource is updated with the document of another, or a membership names another chat than its URL.
    .remedy = Send the document to the `links.self` of its own resource.
    .example = The id is not the one in the URL.
    .blamed = pointer /data/id

code-id-taken =
    .meaning = The id that the client made is in use.
    .occurs = When a resource is created twice with the same `id`, or by an unlucky choice.
    .remedy = If it is your own retry, `meta.id` leads to the resource; otherwise make another UUID.
    .example = This id is in use.
    .blamed = pointer /data/id

code-already-exists =
    .meaning = There is such a resource already, and only one can be.
    .occurs = When a direct conversation, a reaction or a pending chat request is created again with an id of the client's.
    .remedy = Use the resource that `meta.id` names. Without an `id` of your own the same request is answered with that resource.
    .example = You have a direct conversation with this user already.
    .blamed = pointer /data/attributes/user_id

code-already-member =
    .meaning = The user is a member of the chat already.
    .occurs = When a membership is created for somebody who has one.
    .remedy = Nothing to do; `meta.id`, where given, is the present membership.
    .example = This user is a member of the chat already.

code-email-taken =
    .meaning = There is an account with this e-mail address; case doesn't count.
    .occurs = On sign-up, or when an address is changed.
    .remedy = Sign in to that account, or use another address.
    .example = This e-mail address already has an account.
    .blamed = pointer /data/attributes/email

code-read-conflict =
    .meaning = The message to be marked as the last one read is not the newest any more.
    .occurs = When a message arrived after the client had fetched the chat.
    .remedy = Fetch the newer messages, show them, and mark the newest of them.
    .example = There are messages that are newer than this one.
    .blamed = pointer /data

code-chat-not-active =
    .meaning = Nobody can write into this chat: its request is pending or declined.
    .occurs = When a message, reaction or file goes into a chat whose `status` is not `active`.
    .remedy = Wait until the recipient accepts the chat request.
    .example = The chat is not active: its request was not accepted.

code-chat-closed =
    .meaning = The group takes no more messages.
    .occurs = When an admin has set `open` to `false`.
    .remedy = Ask an admin of the group to open it.
    .example = The chat is closed.

code-peer-gone =
    .meaning = The other participant has removed their account.
    .occurs = When a message is written into such a direct chat, or a request of such a user is answered.
    .remedy = What was written can still be read; nothing can be added.
    .example = The other participant's account was removed.

code-request-closed =
    .meaning = The chat request can't take this step any more.
    .occurs = When it has been answered, when it was declined and is sent again by the same user, or when the two are in conversation already.
    .remedy = Fetch the request: its `status` says where it stands. Who declined may still accept.
    .example = A request that is `active` can't become `declined`.
    .blamed = pointer /data/attributes/status

code-last-admin =
    .meaning = A group keeps at least one admin.
    .occurs = When the only admin steps down, leaves, or is removed while others are members.
    .remedy = Make somebody else an admin first.
    .example = The last admin of a group can't step down: make somebody else an admin first.
    .blamed = pointer /data/attributes/role

code-message-deleted =
    .meaning = The message is only a tombstone now.
    .occurs = When a deleted message is edited, answered with a reaction, or given a file.
    .remedy = Fetch the message: `deleted` is `true`.
    .example = A deleted message can't be edited.

code-content-exists =
    .meaning = The bytes of this attachment have arrived, and bytes never change.
    .occurs = When `PUT` is sent again after a successful upload.
    .remedy = Use what is there, or create another attachment.
    .example = The content of this attachment is there already.

code-idempotency-in-flight =
    .meaning = A request with the same `Idempotency-Key` is being carried out.
    .occurs = When a client tries again before the first attempt was answered.
    .remedy = Wait a moment and send the same request again: it gets the answer of the first.
    .example = A request with this key is still being carried out; ask again a little later.
    .blamed = header Idempotency-Key

code-precondition-failed =
    .meaning = The resource is not the version that the client knows.
    .occurs = When `If-Match` names an old entity tag because somebody changed the resource, or `If-None-Match` finds one.
    .remedy = Fetch the resource, apply the change to it, and send the new `ETag`.
    .example = This is not what is there any more: fetch it, and decide anew.
    .blamed = header If-Match

code-too-large =
    .meaning = The body or the query string is longer than the server takes, or has too many operations.
    .occurs = Where the limit in the detail is exceeded.
    .remedy = Send less at once; files go to the `content` URL of an attachment, not into documents.
    .example = A request body has at most 1048576 bytes.

code-unsupported-media-type =
    .meaning = The body is not of the media type that this URL takes.
    .occurs = When `Content-Type` is missing, is another one such as `application/json`, or has a parameter other than `ext` and `profile`.
    .remedy = Send `Content-Type: application/vnd.api+json`; operations need `ext="https://jsonapi.org/ext/atomic"` behind it.
    .example = `Content-Type` must be `application/vnd.api+json`.
    .blamed = header Content-Type

code-range-not-satisfiable =
    .meaning = No byte of the file lies in the range asked for.
    .occurs = When `Range` begins behind the end.
    .remedy = `Content-Range` of the answer has the size; ask for a part of it.
    .example = There are 12 bytes; the range lies outside of them.
    .blamed = header Range

code-self-conversation =
    .meaning = A conversation takes two different people.
    .occurs = When `user_id` is the id of the viewer.
    .remedy = Name somebody else.
    .example = A direct conversation takes two: this is your own id.
    .blamed = pointer /data/attributes/user_id

code-field-required =
    .meaning = The document lacks a field that is needed.
    .occurs = When a resource is created without it; the pointer leads to the nearest part that is there, and `meta.attribute` has the name.
    .remedy = Add the field.
    .example = `name` is required.
    .blamed = pointer /data/attributes

code-field-invalid =
    .meaning = The value of a field is not allowed.
    .occurs = When it has the wrong JSON type, form, length or content; the pointer leads to it.
    .remedy = Send a value as the detail describes it. All problems of a document are told at once.
    .example = Must be an e-mail address.
    .blamed = pointer /data/attributes/email

code-field-unknown =
    .meaning = The type has no attribute or relationship of this name.
    .occurs = Often for another casing: names are in snake_case here.
    .remedy = Take the name that the detail suggests, or leave the field out.
    .example = `chat` has no attribute `titel`. Did you mean `title`?
    .blamed = pointer /data/attributes/titel

code-message-not-in-chat =
    .meaning = The message named is one of another chat than the membership's.
    .occurs = When `last_read_message` is set.
    .remedy = Name a message of the same chat.
    .example = This is a message of another chat.
    .blamed = pointer /data

code-parent-invalid =
    .meaning = The message can't be replied to.
    .occurs = When it is in another chat, deleted, or a reply itself: threads are one level deep.
    .remedy = Reply to the message that began the thread.
    .example = A reply answers a message of the same chat that is neither deleted nor a reply itself.
    .blamed = pointer /data/relationships/parent/data

code-idempotency-mismatch =
    .meaning = The `Idempotency-Key` was used for a request that is not this one.
    .occurs = When method, path, query, media type or body differ from those of the first request.
    .remedy = Make a new key for each new request.
    .example = This `Idempotency-Key` belongs to another request: make a new one for each.
    .blamed = header Idempotency-Key

code-rate-limited =
    .meaning = The client sends more than the server allows.
    .occurs = When an address sends too much in a minute, or signs in or up too often in a short time.
    .remedy = Wait the seconds that `Retry-After` says.
    .example = Too many requests; come back in 7 s.

code-include-unknown =
    .meaning = `include` names a path that can't be included.
    .occurs = When a relationship doesn't exist or can't be included, or when the path is too deep. Long lists such as the messages of a chat have URLs of their own.
    .remedy = Take the path that the detail suggests, or follow the relationship's `links.related`.
    .example = `chats` can't be included: `direct_conversation` has no includable relationship `chats`. Did you mean `chat`?
    .blamed = parameter include

code-field-set-unknown =
    .meaning = `fields[…]` names a type or a field that doesn't exist.
    .occurs = Often for a plural type: types are singular here.
    .remedy = Take the name that the detail suggests.
    .example = `user` has no field `nam`. Did you mean `name`?
    .blamed = parameter fields[user]

code-sort-unknown =
    .meaning = `sort` names a field that the list can't be sorted by.
    .occurs = When there is no such field, when it differs by viewer, or when it can't be paged by cursor.
    .remedy = Take the field that the detail suggests; `-` before it means descending.
    .example = `chat_updated` is no sort field of `direct_conversation`. Did you mean `chat_updated_at`?
    .blamed = parameter sort

code-filter-unknown =
    .meaning = `filter[…]` names a filter or an operator that doesn't exist.
    .occurs = When a name is misspelt or can't be filtered by.
    .remedy = Take the name that the detail suggests.
    .example = `user` is no filter of `direct_conversation`. Did you mean `user_id`?
    .blamed = parameter filter[user]

code-filter-invalid =
    .meaning = The value of a filter doesn't fit.
    .occurs = When an id, instant, number or word is expected and something else is given, or when a filter needs another beside it. Lists have an operator: `filter[id]=in:a,b`.
    .remedy = Send a value as the detail describes it.
    .example = `17` is no UUID.
    .blamed = parameter filter[user_id]

code-page-invalid =
    .meaning = A page parameter is unknown, out of range, or doesn't go with the others.
    .occurs = When `page[size]` is too large, a number is none, a cursor is not one of this list, or styles of paging are mixed.
    .remedy = Follow `links.next` and `links.prev`. A cursor belongs to the filter and the order that it was made for.
    .example = A page has at most 100 resources.
    .blamed = parameter page[size]

code-parameter-unknown =
    .meaning = The query string has a parameter that means nothing at this URL.
    .occurs = When it is misspelt, given twice, or meant for another kind of URL: `filter`, `sort` and `page` are for lists.
    .remedy = Leave it out, or take the name that the detail suggests.
    .example = `includ` is no parameter of this URL. Did you mean `include`?
    .blamed = parameter includ

code-json-invalid =
    .meaning = The body is not JSON.
    .occurs = When it is empty, cut off, not UTF-8, or has a mistake at the place that the detail names.
    .remedy = Send the document as a JSON library writes it.
    .example = The body is empty; it must be a JSON:API document.

code-document-invalid =
    .meaning = The body is JSON, but not a JSON:API document for this request.
    .occurs = When `data` is missing or of the wrong kind, or a resource object, a relationship or a linkage is not formed as JSON:API says.
    .remedy = Correct what the pointer leads to.
    .example = The document must have the member `data`.
    .blamed = pointer

code-internal =
    .meaning = The server failed; this is not the client's fault.
    .occurs = Never, if all goes well. The cause is in the server's log.
    .remedy = Try again later, and tell whoever runs the server.
    .example = The server failed; the failure has been logged.

code-unavailable =
    .meaning = The server can't answer just now.
    .occurs = When the database is busy or can't be reached.
    .remedy = Wait the seconds that `Retry-After` says, and send the same request again.
    .example = The server is busy; please try again.

code-header-invalid =
    .meaning = A header of the request is not of the form that it must have.
    .occurs = With an `Idempotency-Key` that is empty, too long, given twice, or has spaces in it.
    .remedy = Send the header as the detail describes it.
    .example = `Idempotency-Key` is one word of 1 to 255 visible ASCII characters.
    .blamed = header Idempotency-Key
