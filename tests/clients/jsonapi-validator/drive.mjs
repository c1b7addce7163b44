// jsonapi-validator, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// The library holds documents against its schema of JSON:API 1.0, and asks nothing: `fetch` does. Every kind of
// answer is held against it. Pages by cursor have what came with 1.1, and their schema is made of the library's.
// <https://github.com/elliotttf/jsonapi-validator>

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import validator from 'jsonapi-validator'
import { ask, awkward, bear, password, person, steps } from './steps.mjs'

const step = steps('jsonapi-validator')
const { Validator } = validator
const schema = createRequire(import.meta.url)('jsonapi-validator/lib/schema.json')
const published = new Validator()

/** What is wrong with a document, a line each. */
function flaws (document, by = published) {
  try {
    by.validate(document)
    return []
  } catch (error) {
    return error.errors.map(({ dataPath, message, params }) => `${dataPath} ${message} ${JSON.stringify(params)}`)
  }
}

/** The document that a request is answered with, which must be valid. */
async function valid (status, method, place, data) {
  const answer = await ask(method, place, data && { data })
  assert.equal(answer.status, status, JSON.stringify(answer.document))
  assert.deepEqual(flaws(answer.document), [], JSON.stringify(answer.document, null, 2))
  return answer.document
}
const get = place => valid(200, 'GET', place)
const create = async (type, attributes, query = '', relationships = {}) =>
  (await valid(201, 'POST', `${type}s${query}`, { type, attributes, relationships })).data
const refused = async (status, code, method, place, data) => {
  const { errors } = await valid(status, method, place, data)
  assert.equal(errors[0].code, code)
  return errors
}
const everything = '?include=chat,first_user,second_user'
const identifier = ({ type, id }) => ({ type, id })

const [ada, bo, cy] = await step('validates who is signed up', async () =>
  [await create('user', person('ada')), await create('user', person('bo')), await create('user', person('cy'))])

const session = await step('validates a session, and a 401 for a wrong password and for no token', async () => {
  const { email } = ada.attributes
  await refused(401, 'invalid_credentials', 'POST', 'sessions', { type: 'session', attributes: { email, password: 'wrong' } })
  await refused(401, 'unauthorized', 'GET', 'direct_conversations')
  const { data, meta } = await valid(201, 'POST', 'sessions', { type: 'session', attributes: { email, password } })
  bear(meta.token)
  return data
})

const [withBo, withCy] = await step('validates what is created, or was there, with and without includes', async () => {
  const withBo = await create('direct_conversation', { user_id: bo.id }, everything)
  const again = { type: 'direct_conversation', attributes: { user_id: bo.id } }
  const { data, meta } = await valid(200, 'POST', `direct_conversations${everything}`, again)
  assert.deepEqual([data.id, meta.created], [withBo.id, false])
  return [withBo, await create('direct_conversation', { user_id: cy.id })]
})

await step('validates every page of a list, its totals and the empty page behind the last one', async () => {
  const seen = []
  let next = `direct_conversations${everything}&sort=-chat_updated_at&page[number]=1&page[size]=1`
  while (next) {
    const { data, included, links, meta } = await get(next)
    assert.equal(included.length, 3)
    assert.equal(meta.total, 2)
    seen.push(data[0].id)
    next = links.next
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
  assert.deepEqual((await get('direct_conversations?page[offset]=9&page[limit]=5')).data, [])
})

const group = await step('validates a group with members, messages, replies, reactions, a file and a request', async () => {
  const group = await create('chat', { title: awkward }, '?include=members', { members: { data: [bo, cy].map(identifier) } })
  const chat = { data: identifier(group) }
  const message = await create('message', { content: awkward }, '?include=author,chat', { chat })
  const to = { message: { data: identifier(message) } }
  await create('message', { content: 'A reply' }, '?include=parent', { chat, parent: to.message })
  await create('reaction', { emoji: '🎲' }, '?include=message.author', to)
  await create('attachment', { name: 'map.png', mime_type: 'image/png' }, '?include=message', to)
  await create('chat_request', { user_id: (await create('user', person('dee'))).id }, '?include=chat,recipient')
  return group
})

await step('validates every collection and every resource of it', async () => {
  const types = ['users', 'sessions', 'chats', 'chat_memberships', 'direct_conversations', 'messages', 'attachments', 'reactions', 'chat_requests']
  for (const type of types) {
    const { data } = await get(`${type}?page[number]=1&page[size]=2${type === 'messages' ? `&filter[chat]=${group.id}` : ''}`)
    assert.ok(data.length, type)
    for (const { links } of data) await get(links.self)
  }
})

await step('validates everything that a chat leads to: related resources, linkage, to one and to many', async () => {
  const { data } = await get(`chats/${group.id}?include=last_message.author,members,viewer_membership,chat_memberships.user`)
  for (const [name, { links }] of Object.entries(data.relationships)) {
    const page = /^messages$/.test(name) ? '?page[number]=1' : ''
    await get(links.self + page)
    await get(links.related + page)
  }
  assert.equal((await get(`chats/${group.id}/direct_conversation`)).data, null)
  await get(`inboxes/${ada.id}?include=user`)
})

await step('validates what is updated, and sparse fieldsets', async () => {
  const fetched = (await get(`users/${ada.id}`)).data
  const { data } = await valid(200, 'PATCH', `users/${ada.id}`, { ...fetched, attributes: { ...fetched.attributes, first_name: awkward } })
  assert.equal(data.attributes.first_name, awkward)
  const sparse = await get(`direct_conversations${everything}&fields[direct_conversation]=second_user&fields[user]=`)
  assert.deepEqual(sparse.data[0].attributes ?? {}, {})
})

await step('validates pages by cursor, but for what 1.1 added', async () => {
  const place = `messages?filter[chat]=${group.id}&include=author&page[size]=1`
  const { document } = await ask('GET', place)
  // An end of the list that is null, and a profile; the rest is that it's no document of another kind either.
  const places = new Set(flaws(document).map(flaw => flaw.split(' ')[0]))
  assert.deepEqual(places, new Set([".links['prev']", '.jsonapi', '']))
  const newer = structuredClone(schema)
  newer.definitions.jsonapi.properties.profile = { type: 'array', items: { type: 'string' } }
  newer.definitions.links.additionalProperties = { oneOf: [{ $ref: '#/definitions/link' }, { type: 'null' }] }
  const validator = new Validator(newer)
  assert.deepEqual(flaws(document, validator), [])
  assert.deepEqual(flaws((await ask('GET', document.links.next)).document, validator), [])
})

await step('validates 400, 403, 404, 405, 409 and 422, with several problems at once', async () => {
  const conversation = attributes => ({ type: 'direct_conversation', attributes })
  const errors = await refused(422, 'field_invalid', 'POST', 'users', { type: 'user', attributes: { name: '', email: 'nowhere', password: 'short' } })
  assert.equal(errors.length, 3)
  await refused(422, 'self_conversation', 'POST', 'direct_conversations', conversation({ user_id: ada.id }))
  await refused(400, 'sort_unknown', 'GET', 'direct_conversations?sort=chat_updated')
  await refused(400, 'filter_invalid', 'GET', 'messages?filter[created_at]=gt:yesterday')
  await refused(400, 'document_invalid', 'POST', 'users', [])
  await refused(403, 'forbidden', 'PATCH', `users/${bo.id}`, { ...identifier(bo), attributes: {} })
  await refused(404, 'not_found', 'GET', `chats/${ada.id}`)
  await refused(404, 'not_found', 'GET', 'nowhere')
  await refused(405, 'method_not_allowed', 'DELETE', `direct_conversations/${withBo.id}`)
  await refused(409, 'type_mismatch', 'POST', 'users', { type: 'users', attributes: person('eve') })
})

await step('deletes a chat and signs out, with nothing to validate, and validates what is said then', async () => {
  const gone = `chats/${withCy.relationships.chat.data.id}`
  assert.deepEqual([(await ask('DELETE', gone)).status, (await ask('DELETE', session.links.self)).document], [204, undefined])
  await refused(401, 'unauthorized', 'GET', gone)
})
