// @warp-drive/core with @warp-drive/json-api, as published, drives the server:
// `node --conditions=unpkg drive.mjs http://127.0.0.1:8080/api/v1` (the condition names the build that needs no bundler).
//
// Prints a line per step and leaves with status 1 at the first surprise.
// The library leaves the token and the Content-Type to a handler of the application; requests are made by the
// builders of @warp-drive/utilities, which pluralise paths and keep types.
// <https://docs.warp-drive.io/>

import assert from 'node:assert/strict'
import { recordIdentifierFor as key, useRecommendedStore } from '@warp-drive/core'
import { setupSignals } from '@warp-drive/core/configure'
import { checkout, withDefaults } from '@warp-drive/core/reactive'
import { JSONAPICache } from '@warp-drive/json-api'
import { setBuildURLConfig } from '@warp-drive/utilities'
import {
  createRecord, deleteRecord, findRecord, query, serializePatch, serializeResources, updateRecord
} from '@warp-drive/utilities/json-api'
import { awkward, failure, password, person, root, steps } from './steps.mjs'

const step = steps('@warp-drive')
const include = ['second_user', 'chat', 'first_user']

// Nothing here is rendered, so nothing has to know when a value changes.
setupSignals(() => ({
  createSignal: () => ({}), consumeSignal () {}, notifySignal () {}, createMemo: (_, __, compute) => compute, willSyncFlushWatchers: () => false
}))
const { origin, pathname } = new URL(root)
setBuildURLConfig({ host: origin, namespace: pathname.slice(1) })

const fields = names => names.map(name => ({ name, kind: 'field' }))
const relationship = kind => (name, type) => ({ name, type, kind, options: { async: false, inverse: null, linksMode: true } })
const one = relationship('belongsTo')
const many = relationship('hasMany')
const schema = (type, ...fields) => withDefaults({ type, fields: fields.flat() })

const schemas = [
  schema('user', fields(['name', 'email', 'password', 'first_name', 'created_at', 'updated_at'])),
  schema('session', fields(['email', 'password', 'expires_at']), one('user', 'user')),
  schema('direct_conversation', fields(['user_id', 'chat_updated_at', 'created_at']),
    one('chat', 'chat'), one('first_user', 'user'), one('second_user', 'user')),
  schema('chat', fields(['chat_type', 'title', 'member_count', 'updated_at']), many('members', 'user')),
  schema('message', fields(['content', 'deleted']), one('chat', 'chat'), one('author', 'user'))
]

let token
const handler = {
  request ({ request }, next) {
    const headers = new Headers(request.headers)
    if (token) headers.set('Authorization', token)
    if (request.body) headers.set('Content-Type', 'application/vnd.api+json')
    return next({ ...request, headers })
  }
}
const Store = useRecommendedStore({ cache: JSONAPICache, schemas, handlers: [handler] })
let store = new Store()

const ids = records => records.map(({ id }) => id)
const names = records => records.map(({ name }) => name)
const fresh = { reload: true }

/** The content of an answer: a document whose data are records. */
const ask = async request => (await store.request(request)).content

/** Sends a new record, and gives back the record, and the headers it was answered with. */
async function save (type, attributes, { include, ...options } = {}) {
  const request = createRecord(store.createRecord(type, attributes), options)
  if (include) request.url += `?include=${include}`
  const record = request.data.record
  const body = JSON.stringify(serializeResources(store.cache, record))
  const { content, response } = await store.request({ ...request, body })
  return { data: content.data, headers: response.headers }
}

/** The first error of `request`, which the library throws with the document in hand. */
async function refusal (request, status, code) {
  const thrown = await failure(request)
  assert.equal(thrown.status, status, thrown.stack)
  const [error] = thrown.content.errors
  assert.equal(error.code, code)
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}

let [ada, bo, cy] = await step('signs three people up', async () => {
  const signUp = async name => (await save('user', person(name))).data
  return [await signUp('ada'), await signUp('bo'), await signUp('cy')]
})

await step('is told 401 for a wrong password, and for no token at all', async () => {
  await refusal(save('session', { email: ada.email, password: 'not that one' }), 401, 'invalid_credentials')
  await refusal(ask(query('direct_conversation')), 401, 'unauthorized')
})

const session = await step('signs in', async () => {
  const { data, headers } = await save('session', { email: ada.email, password })
  assert.ok(data.expires_at)
  token = headers.get('Authorization')
  // A store keeps the password that was sent in it, and would send it back with the whole record.
  store = new Store()
  const people = { 'filter[id]': `in:${ids([ada, bo, cy])}`, sort: 'name' }
  ;[ada, bo, cy] = (await ask(query('user', people))).data
  return (await ask(findRecord('session', data.id))).data
})

const converse = (peer, options) => save('direct_conversation', { user_id: peer.id }, options)

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const { data } = await converse(bo, { include })
  assert.equal(data.user_id, bo.id)
  assert.equal(data.chat.chat_type, 'direct')
  assert.equal(data.first_user.name, ada.name)
  assert.equal(data.second_user.name, bo.name)
  return data
})

const withCy = await step('creates another one', async () => (await converse(cy, { include })).data)

await step('walks the pages by its own next(), with every included record linked', async () => {
  const seen = []
  let page = await ask(query('direct_conversation', { include, sort: '-chat_updated_at', 'page[size]': 1 }))
  while (page) {
    const [conversation] = page.data
    assert.equal(page.data.length, 1)
    assert.equal(conversation.chat.updated_at, conversation.chat_updated_at)
    assert.equal(conversation.first_user.name, ada.name)
    assert.equal(conversation.second_user.id, conversation.user_id)
    seen.push(conversation.id)
    page = await page.next()
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('searches for a peer, filters, and asks for sparse fieldsets', async () => {
  const found = await ask(query('direct_conversation', { search_peer: bo.name.toUpperCase() }))
  assert.deepEqual(ids(found.data), [withBo.id])
  const params = { 'filter[id]': `in:${bo.id},${cy.id}`, sort: 'name', 'fields[user]': 'name' }
  const both = await ask(query('user', params))
  assert.deepEqual(ids(both.data), [bo.id, cy.id])
})

/** Sends back all of `record` (or, with `patch`, what changed) with `changes`, to where PATCH is meant. */
async function change (record, changes, serialize = serializeResources) {
  const editable = await checkout(record)
  Object.assign(editable, changes)
  const body = JSON.stringify(serialize(store.cache, key(editable)))
  return (await ask({ ...updateRecord(editable, { patch: true }), body })).data
}

await step('updates a user by sending back the whole record, and again with the changes alone', async () => {
  const { data: fetched } = await ask(findRecord('user', ada.id, fresh))
  assert.equal((await change(fetched, { first_name: awkward })).first_name, awkward)
  const patch = (cache, key) => ({ data: serializePatch(cache, key).data })
  await change(fetched, { first_name: 'Ada' }, patch)
  assert.equal((await ask(findRecord('user', ada.id, fresh))).data.first_name, 'Ada')
})

await step('is told 405 for the PUT that it makes by default', async () => {
  const { data: fetched } = await ask(findRecord('user', ada.id, fresh))
  await refusal(ask({ ...updateRecord(fetched), body: '{}' }), 405, 'method_not_allowed')
})

const group = await step('creates a group, with the member it names', async () => {
  const { data } = await save('chat', { title: 'Tertulia', chat_type: 'group', members: [bo] }, { include: 'members' })
  assert.deepEqual(names(data.members), [ada.name, bo.name])
  return data
})

/** No builder makes these requests, and their answer without content is not for the store's cache. */
const members = (method, ...people) => store.requestManager.request({
  url: `${root}/chats/${group.id}/relationships/members`,
  method,
  body: JSON.stringify({ data: people.map(({ id }) => ({ type: 'user', id })) })
})

await step('adds a member, and removes one, through the relationship', async () => {
  // Arrays of related records change by signals, which are off here: the cache is asked.
  const listed = async () => {
    const { data } = await ask(findRecord('chat', group.id, { include: 'members', ...fresh }))
    return ids(store.cache.peek(key(data)).relationships.members.data)
  }
  await members('POST', cy)
  assert.deepEqual(await listed(), ids([ada, bo, cy]))
  await members('DELETE', cy)
  assert.deepEqual(await listed(), ids([ada, bo]))
  await refusal(members('PATCH', cy), 403, 'forbidden')
})

await step('updates the group by sending back the whole record', async () => {
  const { data } = await ask(findRecord('chat', group.id, { include: 'members', ...fresh }))
  assert.equal((await change(data, { title: 'Café Gijón' })).title, 'Café Gijón')
})

await step('writes, edits and deletes a message', async () => {
  const { data } = await save('message', { content: awkward, chat: group }, { include: 'author' })
  assert.equal(data.content, awkward)
  assert.equal(data.author.name, ada.name)
  await change(data, { content: 'Another time' })
  const listed = await ask(query('message', { 'filter[chat]': group.id }))
  assert.deepEqual(listed.data.map(({ content }) => content), ['Another time'])
  store.deleteRecord(data)
  await store.request(deleteRecord(data))
  assert.deepEqual((await ask(query('message', { 'filter[chat]': group.id, 'filter[deleted]': false }))).data.length, 0)
})

await step('finds each problem at the record that has it', async () => {
  const record = store.createRecord('user', { name: '', email: 'nowhere', password: 'short' })
  const body = JSON.stringify(serializeResources(store.cache, key(record)))
  await refusal(ask({ ...createRecord(record), body }), 422, 'field_invalid')
  const pointers = store.cache.getErrors(key(record)).map(({ source }) => source.pointer)
  assert.deepEqual(pointers.sort(), ['email', 'name', 'password'].map(name => `/data/attributes/${name}`))
  await refusal(converse(ada), 422, 'self_conversation')
})

await step('is told 400 for an unknown sort, naming the parameter', async () => {
  const error = await refusal(ask(query('direct_conversation', { sort: 'chat_updated' })), 400, 'sort_unknown')
  assert.equal(error.source.parameter, 'sort')
})

await step('deletes a chat', async () => {
  const { chat } = withCy
  const { id } = chat
  store.deleteRecord(chat)
  await store.request(deleteRecord(chat))
  await refusal(ask(findRecord('chat', id, fresh)), 404, 'not_found')
  assert.deepEqual(ids((await ask(query('direct_conversation', {}, fresh))).data), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  store.deleteRecord(session)
  await store.request(deleteRecord(session))
  await refusal(ask(query('direct_conversation', {}, fresh)), 401, 'unauthorized')
})
