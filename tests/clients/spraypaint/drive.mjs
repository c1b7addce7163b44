// spraypaint, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// Attributes are camelCased by the library on its side. It never follows links: it counts pages. Its token header
// is `Token token="…"` unless `generateAuthHeader` is overridden, which its users do for Bearer.
// <https://www.graphiti.dev/js/>

import assert from 'node:assert/strict'
import { attr, belongsTo, hasMany, SpraypaintBase } from 'spraypaint'
import { awkward, failure, password, person, root, steps } from './steps.mjs'

const step = steps('spraypaint')
const everything = ['chat', 'first_user', 'second_user']

const Base = SpraypaintBase.extend({
  static: { baseUrl: root, apiNamespace: '', keyCase: { server: 'snake', client: 'snake' } }
})
Base.generateAuthHeader = token => `Bearer ${token}`
const read = { persist: false }
const model = (jsonapiType, endpoint, attrs) => Base.extend({ static: { jsonapiType, endpoint }, attrs })

const User = model('user', '/users', {
  name: attr(), email: attr(), password: attr(), first_name: attr(), created_at: attr(read), updated_at: attr(read)
})
const Session = model('session', '/sessions', {
  email: attr(), password: attr(), expires_at: attr(read), user: belongsTo({ type: User })
})
const Chat = model('chat', '/chats', {
  chat_type: attr(), title: attr(), member_count: attr(read), updated_at: attr(read), members: hasMany({ type: User })
})
const DirectConversation = model('direct_conversation', '/direct_conversations', {
  user_id: attr(),
  chat_updated_at: attr(read),
  chat: belongsTo({ type: Chat }),
  first_user: belongsTo({ type: User }),
  second_user: belongsTo({ type: User })
})
const Message = model('message', '/messages', {
  content: attr(), deleted: attr(read), chat: belongsTo({ type: Chat }), author: belongsTo({ type: User })
})

/** The first error of `request`, which spraypaint throws with the answer in hand. */
async function refusal (request, status, code) {
  const { response } = await failure(request)
  assert.equal(response?.status, status)
  const [error] = (await response.json()).errors
  assert.equal(error.code, code)
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}

/** What a refused save leaves in `errors`. */
async function invalid (record) {
  assert.equal(await record.save(), false)
  return record.errors
}

const ids = ({ data }) => data.map(resource => resource.id)

async function signUp (name) {
  const user = new User(person(name))
  assert.equal(await user.save(), true, JSON.stringify(user.errors))
  assert.ok(user.isPersisted && user.created_at)
  return user
}

const [ada, bo, cy] = await step('signs three people up', async () =>
  [await signUp('ada'), await signUp('bo'), await signUp('cy')])

await step('is told 401 for a wrong password, and for no token at all', async () => {
  await refusal(new Session({ email: ada.email, password: 'not that one' }).save(), 401, 'invalid_credentials')
  await refusal(DirectConversation.all(), 401, 'unauthorized')
})

const session = await step('signs in', async () => {
  // The token is in a header and in the document's meta, and a model is given neither: a filter after the fetch is.
  Session.afterFetch = (_, json) => { if (json?.meta?.token) Base.jwt = json.meta.token }
  const session = new Session({ email: ada.email, password })
  assert.equal(await session.save(), true)
  assert.ok(Base.jwt, 'a token')
  return session
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const conversation = new DirectConversation({ user_id: bo.id })
  assert.equal(await conversation.save({ returnScope: DirectConversation.includes(everything) }), true)
  assert.equal(conversation.user_id, bo.id)
  assert.equal(conversation.chat.chat_type, 'direct')
  assert.equal(conversation.first_user.name, ada.name)
  assert.equal(conversation.second_user.name, bo.name)
  return conversation
})

const withCy = await step('creates another one', async () => {
  const conversation = new DirectConversation({ user_id: cy.id })
  assert.equal(await conversation.save({ returnScope: DirectConversation.includes('chat') }), true)
  return conversation
})

await step('counts through the pages to an empty one, with every included object linked', async () => {
  const scope = DirectConversation.includes(everything).order({ chat_updated_at: 'desc' }).per(1)
  const seen = []
  for (let number = 1; ; number++) {
    const { data, meta } = await scope.page(number).all()
    assert.equal(meta.total, 2)
    if (data.length === 0) break
    const [conversation] = data
    assert.equal(conversation.chat.updated_at, conversation.chat_updated_at)
    assert.equal(conversation.first_user.name, ada.name)
    assert.equal(conversation.second_user.id, conversation.user_id)
    assert.ok(conversation.second_user.name)
    seen.push(conversation.id)
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('searches for a peer, asks for sparse fieldsets, and filters by an object', async () => {
  const scope = DirectConversation.extraParams({ search_peer: bo.name.toUpperCase() })
  const found = await scope.includes('second_user').select({ user: ['name'] }).all()
  assert.deepEqual(ids(found), [withBo.id])
  assert.equal(found.data[0].second_user.name, bo.name)
  assert.equal(found.data[0].second_user.created_at, undefined)
  // An array is joined with commas, which a bare filter takes as they are: lists are told by their operator.
  const both = User.where({ id: { in: [bo.id, cy.id] } })
  assert.deepEqual(ids(await both.where({ name: { pre: 'b' } }).all()), [bo.id])
  const first = await both.order('name').first()
  assert.equal(first.data.id, bo.id)
})

await step('updates a user, sending what changed', async () => {
  const { data } = await User.find(ada.id)
  data.first_name = awkward
  assert.equal(await data.save(), true)
  assert.equal((await User.find(ada.id)).data.first_name, awkward)
})

const group = await step('creates a group, with the members it names', async () => {
  const group = new Chat({ title: 'Tertulia', members: [bo, cy] })
  assert.equal(await group.save({ with: 'members.id', returnScope: Chat.includes('members') }), true, JSON.stringify(group.errors))
  assert.equal(group.chat_type, 'group')
  const { data } = await Chat.includes('members').find(group.id)
  assert.deepEqual(data.members.map(({ name }) => name), [ada.name, bo.name, cy.name])
  return data
})

await step('updates the group, with its members sent along', async () => {
  group.title = 'Café Gijón'
  assert.equal(await group.save({ with: 'members.id' }), true, JSON.stringify(group.errors))
  const { data } = await Chat.includes('members').find(group.id)
  assert.equal(data.title, 'Café Gijón')
  assert.equal(data.members.length, 3)
})

await step('writes, edits and deletes a message', async () => {
  const message = new Message({ content: awkward, chat: group })
  assert.equal(await message.save({ with: 'chat.id' }), true, JSON.stringify(message.errors))
  assert.equal(message.content, awkward)
  message.content = 'Another time'
  assert.equal(await message.save(), true, JSON.stringify(message.errors))
  const { data } = await Message.where({ chat: group.id }).includes('author').all()
  assert.deepEqual(data.map(({ content, author }) => [content, author.name]), [['Another time', ada.name]])
  assert.equal(await data[0].destroy(), true)
  assert.equal((await Message.find(message.id)).data.deleted, true)
})

await step('is told of several problems at once, each at its attribute', async () => {
  const errors = await invalid(new User({ name: '', email: 'nowhere', password: 'short' }))
  assert.deepEqual(Object.keys(errors).sort(), ['email', 'name', 'password'])
  for (const { code, title, message, fullMessage } of Object.values(errors)) {
    assert.equal(code, 'field_invalid')
    assert.ok(title && message && fullMessage)
  }
  const self = await invalid(new DirectConversation({ user_id: ada.id }))
  assert.equal(self.user_id.code, 'self_conversation')
  const missing = await invalid(new User({ name: 'dee', email: person('dee').email }))
  assert.equal(missing.password.code, 'field_required')
})

await step('is told 400 for an unknown sort, naming the parameter', async () => {
  const error = await refusal(DirectConversation.order('chat_updated').all(), 400, 'sort_unknown')
  assert.equal(error.source.parameter, 'sort')
})

await step('deletes a chat', async () => {
  assert.equal(await withCy.chat.destroy(), true)
  await refusal(Chat.find(withCy.chat.id), 404, 'not_found')
  assert.deepEqual(ids(await DirectConversation.all()), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  assert.equal(await session.destroy(), true)
  await refusal(DirectConversation.all(), 401, 'unauthorized')
})
