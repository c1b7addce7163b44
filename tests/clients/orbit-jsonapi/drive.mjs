// @orbit/jsonapi, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// Orbit makes the ids of new records itself and sends them. Where the server gives the ids (users, sessions), the
// model has a key for them, as orbit's guide says.
// <https://orbitjs.com/docs/data-sources>

import assert from 'node:assert/strict'
import { JSONAPISerializers, JSONAPISource } from '@orbit/jsonapi'
import { RecordKeyMap, RecordSchema } from '@orbit/records'
import { buildSerializerSettingsFor } from '@orbit/serializers'
import { awkward, failure, password, person, root, steps } from './steps.mjs'

const step = steps('@orbit/jsonapi')
const include = ['chat', 'first_user', 'second_user']
const text = { type: 'string' }
const time = { type: 'datetime' }
const one = type => ({ kind: 'hasOne', type })
const many = type => ({ kind: 'hasMany', type })

const models = {
  user: {
    keys: { remote: {} },
    attributes: { name: text, email: text, password: text, first_name: text, created_at: time, updated_at: time }
  },
  session: {
    keys: { remote: {} },
    attributes: { email: text, password: text, expires_at: time },
    relationships: { user: one('user') }
  },
  direct_conversation: {
    attributes: { user_id: text, chat_updated_at: time, created_at: time },
    relationships: { chat: one('chat'), first_user: one('user'), second_user: one('user') }
  },
  chat: {
    attributes: { chat_type: text, title: text, member_count: { type: 'number' }, updated_at: time },
    relationships: { members: many('user') }
  },
  message: {
    attributes: { content: text, deleted: { type: 'boolean' }, created_at: time, updated_at: time },
    relationships: { chat: one('chat'), author: one('user') }
  }
}

const { origin, pathname } = new URL(root)
const schema = new RecordSchema({ models })
const keyMap = new RecordKeyMap()

/** Paths are plural and in snake_case here; by default orbit would dasherise types and relationships in them. */
const serializerSettingsFor = buildSerializerSettingsFor({
  settingsByType: {
    [JSONAPISerializers.ResourceTypePath]: { serializationOptions: { inflectors: ['pluralize'] } },
    [JSONAPISerializers.ResourceFieldPath]: { serializationOptions: { inflectors: [] } }
  }
})
const settings = { schema, keyMap, name: 'remote', host: origin, namespace: pathname.slice(1) }
const api = new JSONAPISource({ ...settings, serializerSettingsFor })
const anonymous = new JSONAPISource({ ...settings, serializerSettingsFor })
// A source holds its queue after a failure until somebody decides: here, that it goes on.
const goesOn = source => source.requestQueue.on('fail', () => source.requestQueue.skip())
goesOn(api)

const record = (type, attributes, relationships) =>
  ({ type, id: schema.generateId(type), attributes, ...(relationships && { relationships }) })
const add = (data, options, source = api) => source.update(t => t.addRecord(data), options)
const remote = ({ type, id }) => keyMap.idToKey(type, 'remote', id)
const identity = ({ type, id }) => ({ type, id })
const ids = records => records.map(({ id }) => id)

/** The records of an answer, and the document they came in. */
async function full (request) {
  const { data, details } = await request
  const { document, response } = [details].flat()[0]
  // What was included becomes operations for other sources; here it is looked up where it came.
  const included = ({ type, id }) => document.included.find(it => it.type === type && [id, keyMap.idToKey(type, 'remote', id)].includes(it.id))
  return { data, document, response, included }
}

/** The first error of `request`, which orbit throws with the document in hand. */
async function refusal (request, status, code) {
  const { response, data } = await failure(request)
  assert.equal(response?.status, status)
  const [error] = data.errors
  assert.equal(error.code, code)
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}

const [ada, bo, cy] = await step('signs three people up', async () => {
  const signUp = name => add(record('user', person(name)))
  return [await signUp('ada'), await signUp('bo'), await signUp('cy')]
})
const name = ({ attributes }) => attributes.name

await step('is told 401 for a wrong password, and for no token at all', async () => {
  const attributes = { email: ada.attributes.email, password: 'not that one' }
  await refusal(add(record('session', attributes)), 401, 'invalid_credentials')
  await refusal(anonymous.query(q => q.findRecords('direct_conversation')), 401, 'unauthorized')
})

const session = await step('signs in', async () => {
  const attributes = { email: ada.attributes.email, password }
  const { data, document, response } = await full(add(record('session', attributes), { fullResponse: true }))
  assert.equal(data.relationships.user.data.id, ada.id)
  assert.ok(data.attributes.expires_at > new Date())
  assert.equal(response.headers.get('authorization'), `Bearer ${document.meta.token}`)
  api.requestProcessor.defaultFetchSettings.headers.Authorization = `Bearer ${document.meta.token}`
  return data
})

const converse = (peer, options) => add(record('direct_conversation', { user_id: remote(peer) }), options)

const withBo = await step('creates a direct conversation with the id it made, and finds what it included', async () => {
  const { data, included } = await full(converse(bo, { include, fullResponse: true }))
  assert.equal(included(data.relationships.chat.data).attributes.chat_type, 'direct')
  assert.equal(data.relationships.first_user.data.id, ada.id)
  assert.equal(included(data.relationships.second_user.data).attributes.name, name(bo))
  const found = await api.query(q => q.findRecord(identity(data)))
  assert.equal(found.attributes.user_id, remote(bo))
  return data
})

const withCy = await step('creates another one, and is told 409 when it does so with another id', async () => {
  const first = await converse(cy)
  await refusal(converse(cy), 409, 'already_exists')
  return first
})

await step('walks the pages by links.next, with every included record linked', async () => {
  const seen = []
  let options = { include, sort: '-chat_updated_at', page: { size: 1 } }
  while (options) {
    const query = api.query(q => q.findRecords('direct_conversation'), { ...options, fullResponse: true })
    const { data: [conversation], document, included } = await full(query)
    const { chat, first_user: first, second_user: second } = conversation.relationships
    assert.equal(Date.parse(included(chat.data).attributes.updated_at), conversation.attributes.chat_updated_at.getTime())
    assert.equal(included(first.data).attributes.name, name(ada))
    assert.equal(included(second.data).id, conversation.attributes.user_id)
    seen.push(conversation.id)
    const next = document.links.next
    options = next && { url: next }
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('filters, sorts and asks for sparse fieldsets', async () => {
  const pair = await api.query(q => q.findRecords('direct_conversation')
    .filter({ attribute: 'user_id', value: remote(bo) }).sort('-created_at'))
  assert.deepEqual(ids(pair), [withBo.id])
  const [user] = await api.query(q => q.findRecords('user').filter({ attribute: 'name', value: name(bo) }),
    { fields: { user: ['name'] } })
  assert.equal(user.id, bo.id)
  assert.deepEqual(Object.keys(user.attributes), ['name'])
})

await step('follows related URLs', async () => {
  const second = await api.query(q => q.findRelatedRecord(identity(withBo), 'second_user'))
  assert.equal(second.id, bo.id)
})

await step('updates a user by sending back the whole fetched record', async () => {
  const fetched = await api.query(q => q.findRecord(identity(ada)))
  const updated = await api.update(t => t.updateRecord({ ...fetched, attributes: { ...fetched.attributes, first_name: awkward } }))
  assert.equal(updated.attributes.first_name, awkward)
  await api.update(t => t.replaceAttribute(identity(ada), 'first_name', 'Ada'))
  assert.equal((await api.query(q => q.findRecord(identity(ada)))).attributes.first_name, 'Ada')
})

const members = async group => (await api.query(q => q.findRelatedRecords(identity(group), 'members'))).map(name)

const group = await step('creates a group, with the member it names', async () => {
  const relationships = { members: { data: [identity(bo)] } }
  const group = await add(record('chat', { title: 'Tertulia', chat_type: 'group' }, relationships))
  assert.deepEqual(await members(group), [name(ada), name(bo)])
  return group
})

await step('adds a member, and removes one, through the relationship', async () => {
  await api.update(t => t.addToRelatedRecords(identity(group), 'members', identity(cy)))
  assert.deepEqual(await members(group), [name(ada), name(bo), name(cy)])
  await api.update(t => t.removeFromRelatedRecords(identity(group), 'members', identity(cy)))
  assert.deepEqual(await members(group), [name(ada), name(bo)])
  const replaced = api.update(t => t.replaceRelatedRecords(identity(group), 'members', [identity(cy)]))
  await refusal(replaced, 403, 'forbidden')
})

await step('updates the group by sending back the whole fetched record', async () => {
  const fetched = await api.query(q => q.findRecord(identity(group)), { include: ['members'] })
  assert.equal(fetched.relationships.members.data.length, 2)
  const updated = await api.update(t => t.updateRecord({ ...fetched, attributes: { ...fetched.attributes, title: 'Café Gijón' } }))
  assert.equal(updated.attributes.title, 'Café Gijón')
})

await step('writes, edits and deletes a message', async () => {
  const chat = { data: identity(group) }
  const message = await add(record('message', { content: awkward }, { chat }), { include: ['author'] })
  assert.equal(message.attributes.content, awkward)
  assert.equal(message.relationships.author.data.id, ada.id)
  await api.update(t => t.replaceAttribute(identity(message), 'content', 'Another time'))
  const related = { filter: [{ relation: 'chat', record: identity(group), op: 'equal' }] }
  const listed = await api.query(q => q.findRecords('message').filter(...related.filter))
  assert.deepEqual(listed.map(({ attributes }) => attributes.content), ['Another time'])
  await api.update(t => t.removeRecord(identity(message)))
  assert.equal((await api.query(q => q.findRecord(identity(message)))).attributes.deleted, true)
})

await step('is told of several problems at once, each at its attribute', async () => {
  const { data, response } = await failure(add(record('user', { name: '', email: 'nowhere', password: 'short' })))
  assert.equal(response.status, 422)
  const pointers = data.errors.map(({ source }) => source.pointer).sort()
  assert.deepEqual(pointers, ['email', 'name', 'password'].map(it => `/data/attributes/${it}`))
  await refusal(converse(ada), 422, 'self_conversation')
})

await step('is told 403 for an id that it may not give, and 400 for an unknown sort', async () => {
  const unkeyed = new RecordSchema({ models: { user: { attributes: models.user.attributes } } })
  const byDefault = new JSONAPISource({ ...settings, schema: unkeyed })
  await refusal(add({ type: 'user', id: unkeyed.generateId('user'), attributes: person('dee') }, {}, byDefault), 403, 'client_id_forbidden')
  const error = await refusal(api.query(q => q.findRecords('direct_conversation').sort('chat_updated')), 400, 'sort_unknown')
  assert.equal(error.source.parameter, 'sort')
})

await step('deletes a chat', async () => {
  const chat = withCy.relationships.chat.data
  await api.update(t => t.removeRecord(chat))
  // Of a 404 orbit keeps no errors: the record is undefined.
  assert.equal(await api.query(q => q.findRecord(chat)), undefined)
  assert.deepEqual(ids(await api.query(q => q.findRecords('direct_conversation'))), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  await api.update(t => t.removeRecord(identity(session)))
  await refusal(api.query(q => q.findRecords('direct_conversation')), 401, 'unauthorized')
})
