// json-api-normalizer and redux-object, as published, drive the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// The one makes entities of documents, by type and id, for a store; the other makes objects of those. Neither asks or
// makes documents: `fetch` carries them. By default types and names are camelCased, and such an entity can't be sent
// back; without that an entity is a resource as it came. Where a relationship has links only, redux-object throws
// when it's looked at, unless told to ignore links.
// <https://github.com/yury-dymov/json-api-normalizer>, <https://github.com/yury-dymov/redux-object>

import assert from 'node:assert/strict'
import normalizer from 'json-api-normalizer'
import reduxObject from 'redux-object'
import { ask, asked, awkward, bear, password, person, refused, steps } from './steps.mjs'

const step = steps('json-api-normalizer')
// Both are CommonJS of modules with a default.
const [normalize, build] = [normalizer.default, reduxObject.default]
const everything = 'include=chat,first_user,second_user'

/** What all answers have said, merged as a reducer would. */
const store = {}

/** An answer's primary data as objects, with its links and meta. */
function keep (document, options) {
  const { meta, ...entities } = normalize(document, { endpoint: 'here', ...options })
  for (const type in entities) store[type] = { ...store[type], ...entities[type] }
  const { data, ...rest } = meta.here
  return { ...rest, objects: data.map(({ type, id }) => build(store, type, id)) }
}

const list = async endpoint => keep(await asked('GET', endpoint))
const get = async endpoint => (await list(endpoint)).objects[0]
const create = async (type, attributes, relationships, include = '') =>
  keep(await asked('POST', `${type}s?include=${include}`, { data: { type, attributes, relationships } })).objects[0]
const linkage = (type, { id }) => ({ type, id })
const ids = ({ objects }) => objects.map(({ id }) => id)
const names = users => users.map(({ name }) => name)

const [ada, bo, cy] = await step('signs three people up', async () =>
  [await create('user', person('ada')), await create('user', person('bo')), await create('user', person('cy'))])

await step('is told 401 for a wrong password, and for no token at all', async () => {
  const data = { type: 'session', attributes: { email: ada.email, password: 'wrong' } }
  await refused(401, 'invalid_credentials', 'POST', 'sessions', { data })
  await refused(401, 'unauthorized', 'GET', 'direct_conversations')
})

const session = await step('signs in', async () => {
  const document = await asked('POST', 'sessions', { data: { type: 'session', attributes: { email: ada.email, password } } })
  const { objects: [session], meta } = keep(document)
  bear(meta.token)
  assert.equal(session.user.name, ada.name, 'the user that the store knows already')
  return session
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const conversation = await create('direct_conversation', { user_id: bo.id }, {}, 'chat,first_user,second_user')
  assert.equal(conversation.userId, bo.id)
  assert.equal(conversation.chat.chatType, 'direct')
  assert.equal(conversation.firstUser.name, ada.name)
  assert.equal(conversation.secondUser.name, bo.name)
  return conversation
})

const withCy = await step('creates another one', () => create('direct_conversation', { user_id: cy.id }))

await step('walks the pages by links.next, with every included object linked', async () => {
  for (const type of ['chat', 'user', 'directConversation']) delete store[type]
  const seen = []
  let next = `direct_conversations?${everything}&sort=-chat_updated_at&page[size]=1`
  while (next) {
    const { objects: [conversation, ...rest], links } = await list(next)
    assert.deepEqual(rest, [])
    assert.equal(conversation.chat.updatedAt, conversation.chatUpdatedAt)
    assert.equal(conversation.chat.directConversation.id, conversation.id)
    assert.equal(conversation.firstUser.name, ada.name)
    assert.equal(conversation.secondUser.id, conversation.userId)
    assert.ok(conversation.secondUser.name)
    seen.push(conversation.id)
    next = links.next
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
  assert.deepEqual(Object.keys(store.directConversation).sort(), [...seen].sort(), 'the store has what all pages said')
})

await step('throws where there are links only, and goes on when told to ignore them', async () => {
  const { id } = await get(`chats/${withBo.chat.id}?include=members`)
  const chat = build(store, 'chat', id)
  assert.deepEqual(names(chat.members), [ada.name, bo.name])
  assert.equal(chat.lastMessage, null)
  assert.throws(() => chat.messages, /Remote lazy loading/)
  const eager = build(store, 'chat', id, { eager: true, ignoreLinks: true, includeType: true })
  assert.deepEqual(eager.members.map(({ type }) => type), ['user', 'user'])
  assert.equal(eager.directConversation.chat, eager)
})

await step('searches for a peer, asks for sparse fieldsets, and follows a related URL', async () => {
  for (const type in store) delete store[type]
  const found = await list(`direct_conversations?search_peer=${encodeURIComponent(bo.name)}&include=second_user&fields[user]=name`)
  assert.deepEqual(ids(found), [withBo.id])
  assert.deepEqual(Object.keys(found.objects[0].secondUser).sort(), ['id', 'links', 'name'])
  assert.equal((await get(`direct_conversations/${withBo.id}/second_user`)).name, bo.name)
})

const entity = async endpoint => {
  const { meta: { here: { data: [{ type, id }] } }, ...entities } = normalize(await asked('GET', endpoint), { endpoint: 'here', camelizeKeys: false })
  return entities[type][id]
}
/** Sends a whole entity back, with other attributes. */
const update = async (place, changes) => {
  const data = await entity(place)
  return keep(await asked('PATCH', place, { data: { ...data, attributes: { ...data.attributes, ...changes } } })).objects[0]
}

await step('updates a user by sending back the whole entity, with names as they came', async () => {
  const place = `users/${ada.id}`
  const updated = await update(place, { first_name: awkward })
  assert.deepEqual([updated.firstName, updated.name], [awkward, ada.name])
  assert.equal((await get(place)).firstName, awkward)
  const { firstName } = store.user[ada.id].attributes
  const error = await refused(422, 'field_unknown', 'PATCH', place, { data: { type: 'user', id: ada.id, attributes: { firstName } } })
  assert.match(error.detail, /Did you mean `first_name`/)
})

const group = await step('creates a group with the members it names, and sends it back whole', async () => {
  const members = { data: [bo, cy].map(user => linkage('user', user)) }
  const group = await create('chat', { title: 'Tertulia' }, { members }, 'members')
  assert.equal(group.chatType, 'group')
  assert.deepEqual(names(group.members), [ada.name, bo.name, cy.name])
  const updated = await update(`chats/${group.id}?include=members,viewer_membership`, { title: 'Café Gijón' })
  assert.deepEqual([updated.title, updated.memberCount, updated.viewerMembership.role], ['Café Gijón', 3, 'admin'])
  return group
})

await step('takes a member out through the relationship, and puts it back', async () => {
  const url = `chats/${group.id}/relationships/members`
  await asked('DELETE', url, { data: [linkage('user', cy)] })
  assert.deepEqual(names((await list(`chats/${group.id}/members`)).objects), [ada.name, bo.name])
  await asked('POST', url, { data: [linkage('user', cy)] })
  assert.deepEqual(names((await list(`chats/${group.id}/members`)).objects), [ada.name, bo.name, cy.name])
})

await step('writes, edits and deletes a message', async () => {
  const chat = { data: linkage('chat', group) }
  const message = await create('message', { content: awkward }, { chat }, 'author,chat')
  assert.deepEqual([message.content, message.author.name, message.chat.title], [awkward, ada.name, 'Café Gijón'])
  assert.equal((await update(`messages/${message.id}`, { content: 'Another time' })).content, 'Another time')
  const { objects: [listed], links } = await list(`chats/${group.id}/messages?include=author`)
  assert.deepEqual([listed.content, listed.author.name, links.next], ['Another time', ada.name, null])
  await asked('DELETE', `messages/${message.id}`)
  assert.deepEqual((({ content, deleted }) => [content, deleted])(await get(`messages/${message.id}`)), [null, true])
})

await step('is told 400, 404, 409 and 422', async () => {
  await refused(400, 'sort_unknown', 'GET', 'direct_conversations?sort=chatUpdatedAt')
  await refused(404, 'not_found', 'GET', 'directConversations')
  await refused(409, 'type_mismatch', 'POST', 'users', { data: { type: 'users', attributes: person('dee') } })
  const data = { type: 'direct_conversation', attributes: { user_id: ada.id } }
  await refused(422, 'self_conversation', 'POST', 'direct_conversations', { data })
})

await step('deletes a chat', async () => {
  const place = `chats/${withCy.chat.id}`
  assert.equal((await ask('DELETE', place)).status, 204)
  await refused(404, 'not_found', 'GET', place)
  assert.deepEqual(ids(await list('direct_conversations')), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  await asked('DELETE', session.links.self)
  await refused(401, 'unauthorized', 'GET', 'direct_conversations')
})
