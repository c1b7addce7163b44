# Every sentence that an error says, as it is written where the error arises.
# A variable in a name ending in -phrase holds words that are themselves in this file.

## Of several: a word the client most probably meant, or all of them; behind any other sentence
did-you-mean = Did you mean `{ $word }`?
there-are = There are `{ $words }`.

## The request as a whole
token-missing = A bearer token is needed.
token-invalid = The bearer token is not valid.
too-many-requests = Too many requests; come back in { $seconds } s.
busy = The server is busy; please try again.
failed = The server failed; the failure has been logged.
method-not-allowed = `{ $method }` is not for this URL; try { $allowed }.
not-changeable-here = What is at this URL can't be changed by `{ $method }`; try { $allowed }.
nothing-here = There is nothing at `{ $path }`.
reference-gone = Something that this request refers to is gone.
query-too-long = A query string has at most { $most } bytes.
body-too-large = A request body has at most { $most } bytes.
body-late = The body did not arrive in time.
body-unreadable = The body could not be read.
body-broke-off = The body broke off.
body-is-form = The body is the bytes themselves, not a form.
body-is-coded = The body must come without a content coding.
bytes-gone = The bytes are gone.
range-outside = There are { $size } bytes; the range lies outside of them.

## Media types
not-acceptable = Every `{ $type }` in `Accept` has a parameter other than `ext` and `profile`, or an extension that this URL doesn't support.
content-type-missing = `Content-Type` is missing; it must be `{ $type }`.
content-type-one = `Content-Type` must be one media type, `{ $type }`.
content-type-wrong = `Content-Type` must be `{ $type }`.
extension-needed = This URL needs `Content-Type: { $type }; ext="{ $extension }"`.
media-parameter-unknown = The media type parameter `{ $name }` is neither `ext` nor `profile`.
extension-unknown = The extension `{ $extension }` is not supported at this URL.

## Query parameters
parameter-illegal = `{ $name }` is not a legal name for a query parameter.
parameter-value = The value of `{ $name }` { $problem-phrase }.
has-nul = has the character U+0000 in it
has-percent = has a `%` that two hexadecimal digits don't follow; a percent sign is written `%25`
not-utf-8 = is not UTF-8
parameter-elsewhere = `{ $name }` means nothing at this URL.
parameter-twice = `{ $name }` is given twice.
parameter-unknown = `{ $name }` is no parameter of this URL.
parameter-fields-only = `{ $name }` is no parameter of this URL: it takes `fields` only.

## Sparse fieldsets, include, sort
type-unknown = There is no type `{ $type }`.
field-set-unknown = `{ $type }` has no field `{ $name }`.
include-many = At most { $most } relationships can be included at once.
include-deep = `{ $path }` has more than { $most } steps.
include-elsewhere = `{ $path }` doesn't begin with `{ $name }`, the relationship of this URL.
include-unknown = `{ $path }` can't be included: `{ $type }` has no includable relationship `{ $step }`.
sort-unknown = `{ $name }` is no sort field of `{ $type }`.
sort-many = `{ $name }` takes at most { $most } fields.
sort-no-cursor = `{ $name }` can't be paged by cursor; use `page[number]`.

## Filters
filter-unknown = `{ $key }` is no filter of `{ $type }`.
operator-unknown = `{ $word }` is no operator; there are `{ $words }`.
filter-no-list = `{ $key }` takes no list.
filter-no-operator = `{ $key }` takes no operator.
filter-no-text = `{ $name }` is no text: it can't be searched in.
filter-long-list = A list has at most { $most } values.
filter-flag = The value is `1` or `0`.
filter-wrong = `{ $value }` is no { $what-phrase }.
no-uuid = `{ $value }` is no UUID.
an-instant = instant as in RFC 3339
a-flag = `true` or `false`
a-whole-number = whole number
filter-none-of = `{ $value }` is none of `{ $words }`.
filter-needs = `{ $key }` can be filtered by only along with { $needed-phrase }.
filter-classes = `{ $one }` and `{ $two }` are of different types: they can't be compared.
expression-condition = A condition is expected here, such as `eq(name,'Ana')`.
expression-no-condition = `{ $word }` is no condition: one is written `eq(name,'Ana')`.
expression-deep = An expression has at most { $most } levels of parentheses.
expression-dear = The expressions of this request look at too many related resources.
expression-flag = `{ $name }` is compared with `true` or `false`.
expression-number = `{ $name }` is compared with a whole number without quotes.
expression-text = `{ $name }` is compared with a text in single quotes.
expression-to-many = `{ $name }` leads to any number of resources: say `any`, `all` or `count` of it.
expression-to-one = `{ $name }` leads to one resource at most: say `has` of it.

## Pages
page-unknown = `{ $name }` is no page parameter; there are `{ $words }`.
page-mixed = `{ $name }` doesn't go together with the other page parameters.
page-large = A page has at most { $most } resources.
page-number = `{ $name }` is a whole number from { $least }.
page-cursor = `{ $name }` is no cursor of this list in this order.
page-total = `page[total]` is `true` or `false`, or with cursors `estimate`.
page-needs = This list is paged by cursor, unless { $needed-phrase } is given.
page-flag = `{ $name }` is `true` or `false`.
page-of-linkage = This is a page of that relationship: say `page[{ $key }]`.
page-of-included = An included relationship takes no `{ $key }`: it begins with the first page, and `links.next` goes on.
path-not-included = `{ $path }` is nothing that `include` asks for.
included-unlike = `{ $name }` of the same type is included by another path as well, but not alike.

## Documents
body-empty = The body is empty; it must be a JSON:API document.
byte-order-mark = The body begins with a byte order mark, which JSON doesn't allow.
not-json = The body is not JSON: { $error }.
document-unreadable = The document can't be read.
document-no-object = The document must be an object, not { $found-phrase }.
document-without = The document must have the member `{ $name }`.
member-string = `{ $name }` must be a string, not { $found-phrase }.
type-missing = The member `type` is missing.
object-expected = An object is expected here, not { $found-phrase }.
resource-without-id = The resource object must have an `id`.
relationship-without-data = A relationship in a request must have the member `data`.
linkage-wrong = Linkage must be null, a resource identifier object or an array of them, not { $found-phrase }.
identifier-without-id = A resource identifier object must have an `id` or a `lid`.
attributes-misfit = The attributes don't fit: { $error }.
a-null = null
a-boolean = a boolean
a-number = a number
a-string = a string
an-array = an array
an-object = an object
an-integer = an integer of 64 bits
or = { $first-phrase } or { $last-phrase }

## Values of attributes
must-not-be-null = Must not be null.
must-not-have-nul = Must not have the character U+0000 in it.
must-be-not = Must be { $wanted-phrase }, not { $found-phrase }.
must-be-instant = Must be an RFC 3339 date and time with an offset, such as `{ $example }`.
must-be-short = Must have at most { $most } characters.
must-be-between = Must have { $least } to { $most } characters.
must-be-from-to = Must be from { $least } to { $most }.
must-not-be-negative = Must not be negative.
must-not-be-blank = Must not be blank.
must-be-uri = Must be an absolute http or https URI.
must-be-anonymous = Must not have user info before the host.
must-be-uuid = Must be a UUID.
must-be-email = Must be an e-mail address.
must-be-emoji = Must be one emoji.
must-be-one-of = Must be { $words-phrase }.
must-be-visible-title = Must have a character that can be seen; no title is null.
must-be-visible-text = Must have a character that can be seen; no text is null.
must-be-file-name = Must be the name of a file: something visible, without control characters and slashes.
must-be-media-type = Must be a media type, like `{ $example }`.
must-be-mute-rule = Must be null, or have just the member `until`: null for ever, or an RFC 3339 instant.
not-allowed-value = The value is not allowed.
not-allowed = Is not allowed.
required = `{ $name }` is required.

## Resources in writes
no-such = There is no such `{ $type }`, or you may not see it.
no-such-at-all = There is no such `{ $type }`.
id-mismatch = The id is not the one in the URL.
back-mismatch = `{ $name }` is not the one in the URL.
type-mismatch = This URL is for `{ $type }`, not for `{ $sent }`.
client-id-forbidden = The id of a `{ $type }` is made by the server.
id-no-uuid = The id is no UUID.
id-in-use = This id is in use.
attribute-unknown = `{ $type }` has no attribute `{ $name }`.
relationship-unknown = `{ $type }` has no relationship `{ $name }`.
member-unknown = `{ $type }` has no member `{ $name }`.
set-elsewhere = `{ $name }` can't be set here: update `{ $other }`.
updates-only = `{ $name }` is for updates only.
not-yours-to-set = You may not set `{ $name }` here.
create-only = `{ $name }` is set on create only.
server-only = `{ $name }` is set by the server alone.
relationship-read-only = This relationship is read-only.
relationship-of-others = This relationship is somebody else's own.
linkage-to-one = `{ $name }` holds one resource or none: its linkage is no array.
linkage-to-many = The linkage of a to-many relationship is an array.
linkage-type = This relationship holds `{ $type }`, not `{ $sent }`.
no-replacement = `{ $name }` can't be replaced: add and remove members by its own URL.

## Atomic operations
operations-array = `{ $name }` must be an array, not { $found-phrase }.
operations-many = A request has at most { $most } operations, not { $count }.
operations-none = There must be at least one operation.
operations-beside = `{ $name }` can't stand beside `{ $operations }`.
operation-word = `op` must be `add`, `update` or `remove`, not `{ $word }`.
operation-without-op = An operation must have the member `op`.
operation-ref-and-href = An operation has `ref` or `href`, not both.
ref-without-id = A `ref` must have an `id` or a `lid`.
ref-with-both = A `ref` has an `id` or a `lid`, not both.
add-to-resource = An `add` is for a collection or a relationship, not for a resource.
update-target = An `update` is for a resource or a relationship.
remove-target = A `remove` is for a resource or a relationship.
remove-without-target = A `remove` must have a `ref` or an `href`.
operation-without-data = The operation must have the member `data`.
update-without-id = The resource object of an `update` must have an `id` or a `lid`.
member-name-long = A name has at most { $most } bytes.
lid-nowhere = No `{ $type }` of this document has the local id `{ $lid }`.
lid-unknown = No earlier `add` gives a `{ $type }` the local id `{ $lid }`.
lid-twice = Another `{ $type }` has the local id `{ $lid }` already.
operations-slow = So many changes of passwords are too much for one request.
operation-reference-gone = Something that this operation refers to is gone.
operation-no-add = No operation can add a `{ $type }`.
operation-no-add-here = No operation can add anything at this URL.
operation-no-update = No operation can update a `{ $type }`.
operation-no-remove = No operation can remove a `{ $type }`.
operation-no-replacement = This relationship can't be replaced: add and remove members.
operation-to-one = A to-one relationship has no members: update it.
href-foreign = `{ $href }` is no URL of a resource, a collection or a relationship below `{ $base }`.
href-plain = An `href` has neither a query nor a fragment.

## Users and sessions
wrong-credentials = No account has this e-mail address and password.
account-gone = Your account is gone.
account-removed-by-others = Only the user can remove the account.
account-changed-by-others = Only the user can change the account.
sign-up-closed = Nobody can sign up here by themselves: ask the operator.
email-taken = This e-mail address already has an account.
password-needed = `current_password` is needed to change `email` or `password`.
password-wrong = This is not the present password.

## Chats and members
chat-with-oneself = A direct conversation takes two: this is your own id.
conversation-exists = You have a direct conversation with this user already.
asks-first = This user wants to be asked first: send a chat request.
some-ask-first = Some of these users want to be asked first, or haven't said yes.
some-gone = One of these users is gone.
group-only = Only a group has one: this chat is direct.
direct-has-two = A direct chat has exactly one other member.
name-the-members = Name the other members; a group of nobody else needs `chat_type` `group`.
group-full = A group has at most { $most } members.
admins-only = Only an admin of the group may do this.
direct-keeps-two = A direct chat always has its two participants.
already-member = This user is a member of the chat already.
membership-of-others = Only the member, or an admin of the group, may change a membership.
last-admin = The last admin of a group can't step down: make somebody else an admin first.
two-pointers = Either `{ $one }` or `{ $other }` moves the pointer, not both at once.
read-for-good = What was read can't be made unread.
message-elsewhere = This is a message of another chat.
newer-messages = There are messages that are newer than this one.

## Chat requests
request-to-oneself = A request goes to somebody else: this is your own id.
request-active = You have an active conversation with this user.
request-declined = This user has declined your request.
request-exists = There is a request between you and this user already.
request-answered-by-others = Only the recipient can answer a request.
request-transition = A request that is `{ $present }` can't become `{ $wanted }`.
request-sender-gone = The account of whoever asked is gone.
request-withdrawn-by-others = Only the sender can withdraw a request.
request-answered = This request has been answered: it can't be withdrawn.

## Messages, reactions, attachments
content-required = `content` is required where there is no image, no link and no attachment.
content-kept = A message keeps its text, an image or a link; to take it back, delete it.
parent-wrong = A reply answers a message of the same chat that is neither deleted nor a reply itself.
message-of-others = Only the author can edit a message.
readers-do-not-write = A reader of the chat can't write in it.
deleted-not-edited = A deleted message can't be edited.
message-deleted-by-others = Only the author, or an admin of the group, can delete a message.
message-deleted = This message has been deleted.
authors-only = Only the author of the message may do this.
chat-not-active = The chat is not active: its request was not accepted.
chat-closed = The chat is closed.
peer-gone = The other participant's account was removed.
reaction-exists = You have put this emoji on the message already.
reaction-of-others = Only whoever put a reaction there can take it away.
no-bytes = There are no bytes of this attachment.
no-thumbnail = There is no thumbnail of this attachment.
content-exists = The content of this attachment is there already.
size-mismatch = The content has { $found } bytes; `size` says { $declared }.
media-type-mismatch = The content is `{ $found }`; `mime_type` says `{ $declared }`.
upload-large = An upload has at most { $most } bytes.
attachments-of-others = Only the author of the message can remove its attachments.
attachments-most = A message has at most { $most } attachments.

## Conditions and repeated requests
key-word = `{ $header }` is one word of 1 to { $most } visible ASCII characters.
key-in-flight = A request with this key is still being carried out; ask again a little later.
key-of-other = This `{ $header }` belongs to another request: make a new one for each.
tag-old = This is not what is there any more: fetch it, and decide anew.
date-old = This has changed since: fetch it, and decide anew.
tag-present = This is there already.

## Expressions in filter
expects-paren = A `)` is expected here.
expects-comma = A `,` is expected here.
comparison-begins = A comparison begins with a field or a count.
count-first = A count comes first, and is compared with a number.
count-number = A count is compared with a whole number up to { $most }.
path-long = A path has at most { $most } steps.
expects-value = A value is expected here: `'text'`, `3`, `true`, `false` or `null`.
expression-deep = An expression has at most { $most } levels of parentheses.
expression-over = Nothing is expected behind the end of the expression.
null-unordered = Nothing is greater, less or like null.
search-quoted = Only a text in quotes can be searched for.
expression-long = The expressions of a request have at most { $most } functions.
expression-dear = The expressions of this request look at too many related resources.
expects-field = The name of a field is expected here.
expression-needs = This list takes an expression only along with { $needed-phrase }.
quote-open = This quote is never closed.
not-comparable = `{ $name }` can't be compared.
unbounded = `{ $name }` of `{ $type }` has no bounds, so that nothing can be said of all of it.
relationship-none = `{ $name }` is no relationship of `{ $type }`.
