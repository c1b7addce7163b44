// jsonapi-serializer, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// The library makes documents of objects and objects of documents, and asks nothing: `fetch` carries both. By default
// it makes types plural and names dash-cased; here objects are camelCased and documents in snake_case, by the options
// its README names. Of a resource it keeps neither type nor links, and of linkage only what was included.
// <https://github.com/SeyZ/jsonapi-serializer>

import assert from 'node:assert/strict'
import library from 'jsonapi-serializer'
import { ask, asked, awkward, bear, password, person, refused, steps } from './steps.mjs'

const step = steps('jsonapi-serializer')
const { Serializer, Deserializer } = library
const everything = 'include=chat,first_user,second_user'

const read = document => new Deserializer({ keyForAttribute: 'camelCase' }).deserialize(document)

/** The document of an object, all of whose properties are attributes but those of `relationships`, by their types. */
function written (type, object, relationships = {}) {
  const attributes = Object.keys(object).filter(name => !['id', 'links', 'meta'].includes(name))
  const references = Object.fromEntries(Object.keys(relationships).map(name => [name, { ref: 'id' }]))
  const typeForAttribute = name => relationships[name]
  return new Serializer(type, { attributes, keyForAttribute: 'snake_case', pluralizeType: false, typeForAttribute, ...references })
    .serialize(object)
}

const get = async place => read(await asked('GET', place))
const create = async (type, object, relationships, include = '') =>
  read(await asked('POST', `${type}s?include=${include}`, written(type, object, relationships)))
const update = async (place, type, object, relationships) =>
  read(await asked('PATCH', place, written(type, object, relationships)))
const ids = objects => objects.map(({ id }) => id)
const names = objects => objects.map(({ name }) => name)

const [ada, bo, cy] = await step('signs three people up', async () =>
  [await create('user', person('ada')), await create('user', person('bo')), await create('user', person('cy'))])

await step('is told 401 for a wrong password, and for no token at all', async () => {
  const wrong = written('session', { email: ada.email, password: 'wrong' })
  await refused(401, 'invalid_credentials', 'POST', 'sessions', wrong)
  await refused(401, 'unauthorized', 'GET', 'direct_conversations')
})

const session = await step('signs in', async () => {
  const document = await asked('POST', 'sessions?include=user', written('session', { email: ada.email, password }))
  bear(document.meta.token)
  const session = await read(document)
  assert.equal(session.user.name, ada.name)
  return session
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const conversation = await create('direct_conversation', { userId: bo.id }, {}, 'chat,first_user,second_user')
  assert.equal(conversation.userId, bo.id)
  assert.equal(conversation.chat.chatType, 'direct')
  assert.equal(conversation.firstUser.name, ada.name)
  assert.equal(conversation.secondUser.name, bo.name)
  return conversation
})

const withCy = await step('creates another one', () => create('direct_conversation', { userId: cy.id }))

await step('walks the pages by links.next, with every included object linked', async () => {
  const seen = []
  let next = `direct_conversations?${everything},chat.members&sort=-chat_updated_at&page[size]=1`
  while (next) {
    const [conversation, ...rest] = await get(next)
    assert.deepEqual(rest, [])
    assert.equal(conversation.chat.updatedAt, conversation.chatUpdatedAt)
    assert.equal(conversation.firstUser.name, ada.name)
    assert.equal(conversation.secondUser.id, conversation.userId)
    assert.deepEqual(names(conversation.chat.members), [ada.name, conversation.secondUser.name])
    seen.push(conversation.id)
    next = conversation.links.next
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('searches for a peer, asks for sparse fieldsets, and follows a related URL', async () => {
  const [found] = await get(`direct_conversations?search_peer=${encodeURIComponent(bo.name)}&include=second_user&fields[user]=name`)
  assert.equal(found.id, withBo.id)
  assert.deepEqual(found.secondUser, { name: bo.name, id: bo.id })
  assert.equal('firstUser' in found, false, 'nothing is made of linkage that was not included')
  assert.equal((await get(`direct_conversations/${withBo.id}/second_user`)).name, bo.name)
})

await step('updates a user by sending back the whole fetched object', async () => {
  const place = `users/${ada.id}`
  const updated = await update(place, 'user', { ...await get(place), firstName: awkward })
  assert.deepEqual([updated.firstName, updated.name], [awkward, ada.name])
  assert.equal((await get(place)).firstName, awkward)
})

const group = await step('creates a group, with the members it names', async () => {
  const group = await create('chat', { title: 'Tertulia', members: [bo, cy] }, { members: 'user' }, 'members')
  assert.equal(group.chatType, 'group')
  assert.deepEqual(names(group.members), [ada.name, bo.name, cy.name])
  return group
})

await step('updates the group by sending back the whole fetched compound document', async () => {
  const place = `chats/${group.id}?include=members,viewer_membership,last_message,initiator`
  const fetched = await get(place)
  assert.equal(fetched.lastMessage, null)
  const types = { members: 'user', viewerMembership: 'chat_membership', lastMessage: 'message', initiator: 'user', directConversation: 'direct_conversation', chatRequest: 'chat_request' }
  const updated = await update(place, 'chat', { ...fetched, title: 'Café Gijón' }, types)
  assert.deepEqual([updated.title, updated.viewerMembership.role], ['Café Gijón', 'admin'])
  assert.deepEqual(names(updated.members), names(fetched.members))
})

await step('takes a member out through the relationship, and puts it back', async () => {
  const document = new Serializer('user', { pluralizeType: false }).serialize([{ id: cy.id }])
  const members = async () => names(await get(`chats/${group.id}/members`))
  await asked('DELETE', `chats/${group.id}/relationships/members`, document)
  assert.deepEqual(await members(), [ada.name, bo.name])
  await asked('POST', `chats/${group.id}/relationships/members`, document)
  assert.deepEqual(await members(), [ada.name, bo.name, cy.name])
})

await step('writes, edits and deletes a message', async () => {
  const message = await create('message', { content: awkward, chat: group }, { chat: 'chat' }, 'author')
  assert.deepEqual([message.content, message.author.name], [awkward, ada.name])
  const place = `messages/${message.id}`
  const edited = await update(place, 'message', { ...message, content: 'Another time' }, { author: 'user', parent: 'message' })
  assert.equal(edited.content, 'Another time')
  const [listed] = await get(`chats/${group.id}/messages?include=author,chat.members`)
  assert.deepEqual([listed.content, listed.author.name, listed.chat.title], ['Another time', ada.name, 'Café Gijón'])
  await asked('DELETE', place)
  const { content, deleted } = await get(place)
  assert.deepEqual([content, deleted], [null, true])
})

await step('is told 409 and 422 for the plural types and dashed names that it makes by default', async () => {
  const byDefault = new Serializer('user', { attributes: ['name', 'firstName'] })
  await refused(409, 'type_mismatch', 'PATCH', `users/${ada.id}`, byDefault.serialize({ id: ada.id, name: 'Ada' }))
  const singular = new Serializer('user', { attributes: ['firstName'], pluralizeType: false })
  const error = await refused(422, 'field_unknown', 'PATCH', `users/${ada.id}`, singular.serialize({ id: ada.id, firstName: 'Ada' }))
  assert.match(error.detail, /Did you mean `first_name`/)
})

await step('is told 400, 404 and 422', async () => {
  await refused(400, 'sort_unknown', 'GET', 'direct_conversations?sort=chat-updated-at')
  await refused(404, 'not_found', 'GET', `chats/${ada.id}`)
  const self = written('direct_conversation', { userId: ada.id })
  const error = await refused(422, 'self_conversation', 'POST', 'direct_conversations', self)
  assert.equal(error.source.pointer, '/data/attributes/user_id')
})

await step('deletes a chat', async () => {
  const { chat } = await get(`direct_conversations/${withCy.id}?include=chat`)
  assert.equal((await ask('DELETE', `chats/${chat.id}`)).status, 204)
  await refused(404, 'not_found', 'GET', `chats/${chat.id}`)
  assert.deepEqual(ids(await get('direct_conversations')), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  await asked('DELETE', `sessions/${session.id}`)
  await refused(401, 'unauthorized', 'GET', 'direct_conversations')
})
