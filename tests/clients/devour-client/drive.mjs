// devour-client, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// Types are singular here and paths plural. By default devour makes both plural, so every model but one says
// `type`: paths stay as devour makes them.
// <https://github.com/devour-js/devour-client>

import assert from 'node:assert/strict'
import JsonApi from 'devour-client'
import { awkward, failure, password, person, root, steps } from './steps.mjs'

const step = steps('devour-client')
const everything = 'chat,first_user,second_user'
const one = type => ({ jsonApi: 'hasOne', type })
const many = type => ({ jsonApi: 'hasMany', type })

/** A client with the models defined, reading errors as its README shows. */
function client (settings = {}) {
  const errorBuilder = ({ status, code, title, detail, source }) => ({ status, code, title, detail, source })
  const api = new JsonApi({ apiUrl: root, logger: false, errorBuilder, ...settings })
  const define = (type, attributes, options) => api.define(type, attributes, { type, ...options })
  define('user', { name: '', email: '', password: '', first_name: '', created_at: '', updated_at: '' })
  define('session', { email: '', password: '', expires_at: '', user: one('user') }, { readOnly: ['user'] })
  define('direct_conversation', {
    user_id: '', chat_updated_at: '', created_at: '', chat: one('chat'), first_user: one('user'), second_user: one('user')
  }, { readOnly: ['chat', 'first_user', 'second_user'] })
  define('chat', { chat_type: '', title: '', member_count: 0, updated_at: '', members: many('user') })
  define('message', { content: '', created_at: '', chat: one('chat'), author: one('user') }, { readOnly: ['author'] })
  return api
}

/** The errors of `request`, which devour files under the last part of each pointer, or under a number. */
async function refusal (request, at, status, code) {
  const errors = await failure(request)
  const error = errors[at]
  assert.ok(error, `nothing at ${at} in ${JSON.stringify(errors)}`)
  assert.equal(error.code, code)
  assert.equal(error.status, String(status))
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}

const ids = answer => answer.data.map(resource => resource.id)
const api = client()
const anonymous = client()

const [ada, bo, cy] = await step('signs three people up', async () => {
  const signUp = async name => (await api.create('user', person(name))).data
  return [await signUp('ada'), await signUp('bo'), await signUp('cy')]
})

await step('is told 401 for a wrong password, and for no token at all', async () => {
  await refusal(api.create('session', { email: ada.email, password: 'not that one' }), 0, 401, 'invalid_credentials')
  await refusal(anonymous.findAll('direct_conversation'), 0, 401, 'unauthorized')
})

const session = await step('signs in', async () => {
  const { data, meta } = await api.create('session', { email: ada.email, password })
  assert.equal(data.user.id, ada.id)
  api.bearer = meta.token
  return data
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const { data, meta } = await api.create('direct_conversation', { user_id: bo.id }, { include: everything })
  assert.equal(meta.created, true)
  assert.equal(data.user_id, bo.id)
  assert.equal(data.chat.chat_type, 'direct')
  assert.equal(data.first_user.name, ada.name)
  assert.equal(data.second_user.name, bo.name)
  return data
})

const withCy = await step('creates another one', async () =>
  (await api.create('direct_conversation', { user_id: cy.id })).data)

await step('walks the pages by links.next, with every included object linked', async () => {
  const params = { include: everything, sort: '-chat_updated_at', page: { size: 1 } }
  const seen = []
  let page = await api.findAll('direct_conversation', params)
  for (;;) {
    const [conversation] = page.data
    assert.equal(page.data.length, 1)
    assert.equal(conversation.chat.updated_at, conversation.chat_updated_at)
    assert.equal(conversation.first_user.name, ada.name)
    assert.equal(conversation.second_user.id, conversation.user_id)
    assert.ok(conversation.second_user.name)
    seen.push(conversation.id)
    if (!page.links.next) break
    page = await api.request(page.links.next)
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('searches for a peer, and asks for sparse fieldsets and a list of ids', async () => {
  const params = { search_peer: bo.name.toUpperCase(), include: 'second_user', fields: { user: 'name' } }
  const found = await api.findAll('direct_conversation', params)
  assert.deepEqual(ids(found), [withBo.id])
  assert.equal(found.data[0].second_user.name, bo.name)
  assert.equal('created_at' in found.data[0].second_user, false)
  const both = await api.findAll('user', { filter: { id: [bo.id, cy.id] }, sort: 'name' })
  assert.deepEqual(ids(both), [bo.id, cy.id])
})

await step('follows a related URL', async () => {
  const related = await api.request(`${root}/direct_conversations/${withBo.id}/first_user`)
  assert.equal(related.data.name, ada.name)
})

await step('updates a user by sending back the whole fetched object', async () => {
  const fetched = (await api.find('user', ada.id)).data
  const { data } = await api.update('user', { ...fetched, first_name: awkward })
  assert.equal(data.first_name, awkward)
  assert.equal(data.name, ada.name)
  assert.equal((await api.find('user', ada.id)).data.first_name, awkward)
})

const group = await step('creates a group, with the member it names', async () => {
  const { data } = await api.create('chat', { title: 'Tertulia', chat_type: 'group', members: [bo] }, { include: 'members' })
  assert.equal(data.chat_type, 'group')
  assert.deepEqual(new Set(data.members.map(member => member.name)), new Set([ada.name, bo.name]))
  return data
})

const names = async () => (await api.one('chat', group.id).all('member').get()).data.map(({ name }) => name)

await step('adds a member, and removes one, through the relationship', async () => {
  await api.one('chat', group.id).relationships('members').post([{ id: cy.id }])
  assert.deepEqual(await names(), [ada.name, bo.name, cy.name])
  await api.one('chat', group.id).relationships('members').destroy([{ type: 'user', id: cy.id }])
  assert.deepEqual(await names(), [ada.name, bo.name])
  const linkage = await api.one('chat', group.id).relationships('members').get()
  assert.deepEqual(ids(linkage), [ada.id, bo.id])
  const replaced = api.one('chat', group.id).relationships('members').patch([{ id: cy.id }])
  await refusal(replaced, 0, 403, 'forbidden')
})

await step('updates the group by sending back the whole fetched compound document', async () => {
  const fetched = (await api.find('chat', group.id, { include: 'members' })).data
  const { data } = await api.update('chat', { ...fetched, title: 'Café Gijón' }, { include: 'members' })
  assert.equal(data.title, 'Café Gijón')
  assert.deepEqual(data.members.map(({ name }) => name), [ada.name, bo.name])
})

await step('writes, edits and deletes a message', async () => {
  const { data } = await api.create('message', { content: awkward, chat: { id: group.id } }, { include: 'author' })
  assert.equal(data.content, awkward)
  assert.equal(data.author.name, ada.name)
  const edited = await api.update('message', { ...data, content: 'Another time' })
  assert.equal(edited.data.content, 'Another time')
  const listed = await api.one('chat', group.id).all('message').get({ include: 'author' })
  assert.deepEqual(listed.data.map(({ content }) => content), ['Another time'])
  await api.destroy('message', data.id)
  assert.equal((await api.find('message', data.id)).data.content, null)
})

await step('is told of several problems at once, each at its attribute', async () => {
  const request = () => api.create('user', { name: '', email: 'nowhere', password: 'short' })
  const name = await refusal(request(), 'name', 422, 'field_invalid')
  assert.equal(name.source.pointer, '/data/attributes/name')
  await refusal(request(), 'email', 422, 'field_invalid')
  await refusal(request(), 'password', 422, 'field_invalid')
})

await step('is told 400 for an unknown sort, naming the parameter', async () => {
  const error = await refusal(api.findAll('direct_conversation', { sort: 'chat_updated' }), 0, 400, 'sort_unknown')
  assert.equal(error.source.parameter, 'sort')
})

await step('is told 409 for the plural type that it makes by default', async () => {
  const byDefault = client({ bearer: api.bearer })
  byDefault.define('user', { name: '', email: '', password: '' })
  await refusal(byDefault.create('user', person('dee')), 'type', 409, 'type_mismatch')
})

await step('deletes a chat', async () => {
  await api.destroy('chat', withCy.chat.id)
  await refusal(api.find('chat', withCy.chat.id), 0, 404, 'not_found')
  assert.deepEqual(ids(await api.findAll('direct_conversation')), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  await api.destroy('session', session.id)
  await refusal(api.findAll('direct_conversation'), 0, 401, 'unauthorized')
})
