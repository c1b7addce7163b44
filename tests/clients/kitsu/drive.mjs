// kitsu, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// Types are singular here and paths plural, so kitsu must pluralise neither (it would do so to both):
// reads name the path, writes go through `request`, which takes type and path apart.
// <https://github.com/wopian/kitsu/tree/master/packages/kitsu>

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import Kitsu from 'kitsu'
import { awkward, password, person, root as baseURL, steps } from './steps.mjs'

const step = steps('kitsu')
const everything = 'chat,first_user,second_user'

const settings = { baseURL, pluralize: false, camelCaseTypes: false, resourceCase: 'none' }
const api = new Kitsu(settings)
const anonymous = new Kitsu(settings)

const create = (path, type, body, params) =>
  api.request({ method: 'POST', url: path, type, body, params })
const update = (path, type, body, params) =>
  api.request({ method: 'PATCH', url: `${path}/${body.id}`, type, body, params })

/** The error of `request`, which must fail with this status and code and say so in `errors`, where kitsu puts them. */
async function refusal (request, status, code) {
  const error = await request.then(
    answer => assert.fail(`expected ${status} ${code}, got ${answer.status}`),
    failure => failure
  )
  assert.equal(error.response?.status, status, error.stack)
  assert.ok(Array.isArray(error.errors), `no errors in ${JSON.stringify(error.response.data)}`)
  const [first] = error.errors
  assert.equal(first.code, code, JSON.stringify(error.errors))
  assert.equal(first.status, String(status))
  assert.ok(first.title && first.detail, 'an error has a title and a detail')
  assert.equal('data' in error.response.data, false, 'no data beside errors')
  return first
}

const ids = document => document.data.map(resource => resource.id)

async function signUp (name) {
  const { email, ...rest } = person(name)
  const { data, status } = await create('users', 'user', { email, ...rest })
  assert.equal(status, 201)
  assert.equal(data.email, email, 'a new user sees their own address')
  assert.equal('password' in data, false)
  return data
}

const { ada, bo, cy } = await step('signs three people up', async () => ({
  ada: await signUp('ada'), bo: await signUp('bo'), cy: await signUp('cy')
}))

await step('is told 401 for a wrong password, and for no token at all', async () => {
  const body = { email: ada.email, password: 'not that one' }
  await refusal(create('sessions', 'session', body), 401, 'invalid_credentials')
  await refusal(anonymous.get('direct_conversations'), 401, 'unauthorized')
})

const session = await step('signs in', async () => {
  const answer = await create('sessions', 'session', { email: ada.email, password })
  assert.equal(answer.status, 201)
  assert.equal(answer.headers.authorization, `Bearer ${answer.meta.token}`)
  assert.equal(answer.data.user.data.id, ada.id)
  api.headers.Authorization = answer.headers.authorization
  return answer.data
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const body = { user_id: bo.id }
  const { data, status, headers } = await create('direct_conversations', 'direct_conversation', body, { include: everything })
  assert.equal(status, 201)
  assert.equal(headers.location, data.links.self)
  assert.equal(data.user_id, bo.id)
  assert.equal(data.chat.data.chat_type, 'direct')
  assert.equal(data.first_user.data.name, ada.name)
  assert.equal(data.second_user.data.name, bo.name)
  return data
})

await step('is given the same conversation when it asks again', async () => {
  const again = await create('direct_conversations', 'direct_conversation', { user_id: bo.id })
  assert.equal(again.status, 200)
  assert.equal(again.data.id, withBo.id)
  assert.equal(again.meta.created, false)
})

const withCy = await step('creates another one', async () => {
  await sleep(10) // so that the two differ in the milliseconds they are sorted by
  const { data } = await create('direct_conversations', 'direct_conversation', { user_id: cy.id })
  return data
})

await step('lists by sort in both directions', async () => {
  const newest = await api.get('direct_conversations', { params: { sort: '-chat_updated_at' } })
  assert.deepEqual(ids(newest), [withCy.id, withBo.id])
  const oldest = await api.get('direct_conversations', { params: { sort: 'chat_updated_at' } })
  assert.deepEqual(ids(oldest), [withBo.id, withCy.id])
})

await step('walks the pages by links.next, with every included object linked', async () => {
  const params = { include: everything, sort: '-chat_updated_at', page: { size: 1 } }
  const seen = []
  let page = await api.get('direct_conversations', { params })
  for (;;) {
    const [conversation] = page.data
    seen.push(conversation.id)
    assert.equal(page.data.length, 1)
    assert.equal(conversation.chat.data.updated_at, conversation.chat_updated_at)
    assert.equal(conversation.first_user.data.name, ada.name)
    assert.equal(conversation.second_user.data.id, conversation.user_id)
    assert.ok(conversation.second_user.data.name)
    if (!page.links.next) break
    page = await api.request({ url: page.links.next })
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('finds an empty page behind the last one', async () => {
  const params = { page: { number: 9, size: 10 } }
  assert.deepEqual((await api.get('direct_conversations', { params })).data, [])
})

await step('searches for a peer, and asks for sparse fieldsets', async () => {
  const params = { search_peer: bo.name.toUpperCase(), include: 'second_user', fields: { user: 'name' } }
  const found = await api.get('direct_conversations', { params })
  assert.deepEqual(ids(found), [withBo.id])
  const peer = found.data[0].second_user.data
  assert.equal(peer.name, bo.name)
  assert.equal('created_at' in peer, false)
})

await step('follows a related URL', async () => {
  const { data } = await api.get(`direct_conversations/${withBo.id}/second_user`)
  assert.equal(data.name, bo.name)
})

await step('updates a user by sending back the whole fetched object', async () => {
  const first_name = awkward
  const fetched = (await api.get(`users/${ada.id}`)).data
  const { data, status } = await update('users', 'user', { ...fetched, first_name })
  assert.equal(status, 200)
  assert.equal(data.first_name, first_name)
  assert.equal(data.name, ada.name)
  assert.equal((await api.get(`users/${ada.id}`)).data.first_name, first_name)
})

const group = await step('creates a group, with the members it names', async () => {
  const members = { data: [bo, cy].map(({ id }) => ({ type: 'user', id })) }
  const { data, status } = await create('chats', 'chat', { title: 'Tertulia', members }, { include: 'members' })
  assert.equal(status, 201)
  assert.equal(data.chat_type, 'group')
  assert.deepEqual(new Set(data.members.data.map(({ name }) => name)), new Set([ada.name, bo.name, cy.name]))
  return data
})

await step('updates the group by sending back the whole fetched compound document', async () => {
  const params = { include: 'members,viewer_membership' }
  const fetched = (await api.get(`chats/${group.id}`, { params })).data
  const { data, status } = await update('chats', 'chat', { ...fetched, title: 'Café Gijón' }, params)
  assert.equal(status, 200)
  assert.equal(data.title, 'Café Gijón')
  assert.equal(data.member_count, 3)
  assert.equal(data.viewer_membership.data.role, 'admin')
})

await step('archives a chat by its membership, sent back whole', async () => {
  const mine = (await api.get(`chats/${withBo.chat.data.id}/viewer_membership`)).data
  const { data, status } = await update('chat_memberships', 'chat_membership', { ...mine, archived: true })
  assert.equal(status, 200)
  assert.equal(data.archived, true)
  const archived = await api.get('chats', { params: { filter: { archived: true } } })
  assert.deepEqual(ids(archived), [withBo.chat.data.id])
})

await step('is told 422 for a conversation with oneself, pointing at the attribute', async () => {
  const body = { user_id: ada.id }
  const error = await refusal(create('direct_conversations', 'direct_conversation', body), 422, 'self_conversation')
  assert.equal(error.source.pointer, '/data/attributes/user_id')
})

await step('is told 400 for an unknown sort, naming the parameter', async () => {
  const request = api.get('direct_conversations', { params: { sort: 'chat_updated' } })
  const error = await refusal(request, 400, 'sort_unknown')
  assert.equal(error.source.parameter, 'sort')
})

await step('is told 409 for the plural type that it makes by default', async () => {
  const byDefault = new Kitsu({ baseURL, headers: { Authorization: api.headers.Authorization } })
  await refusal(byDefault.post('user', person('dee')), 409, 'type_mismatch')
})

await step('deletes a chat, with the body it sends along', async () => {
  const chat = withCy.chat.data.id
  assert.equal((await api.delete('chats', chat)).status, 204)
  const error = await refusal(api.get(`chats/${chat}`), 404, 'not_found')
  assert.equal(error.status, '404')
  assert.deepEqual(ids(await api.get('direct_conversations')), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  assert.equal((await api.delete('sessions', session.id)).status, 204)
  await refusal(api.get('direct_conversations'), 401, 'unauthorized')
})
