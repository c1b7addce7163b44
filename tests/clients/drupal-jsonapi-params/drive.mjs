// drupal-jsonapi-params, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// The library writes queries and asks nothing: `fetch` carries them, encoded as they are by default, or raw. What
// JSON:API defines it writes as any other client, and so are filters for equality. Other operators, values that are
// lists and groups are written in a dialect of Drupal's own, which is refused here: an operator stands before the
// value (`ct:bo`), or in `addCustomParam`.
// <https://github.com/d34dman/drupal-jsonapi-params>

import assert from 'node:assert/strict'
import { DrupalJsonApiParams } from 'drupal-jsonapi-params'
import { asked, awkward, bear, password, person, refused, steps } from './steps.mjs'

const step = steps('drupal-jsonapi-params')
const raw = { encode: false }
const params = () => new DrupalJsonApiParams()

const get = (path, query, options) => asked('GET', `${path}?${query.getQueryString(options)}`)
const create = async (type, attributes, relationships, query = params()) =>
  asked('POST', `${type}s?${query.getQueryString()}`, { data: { type, attributes, relationships } })
const ids = ({ data }) => data.map(({ id }) => id)
const linked = ({ included }, { data: { type, id } }) => included.find(it => it.type === type && it.id === id)

const [ada, bo, cy] = await step('signs three people up, and one of them in', async () => {
  const signUp = async name => (await create('user', person(name))).data
  const people = [await signUp('ada'), await signUp('bo'), await signUp('cy')]
  const { meta } = await create('session', { email: people[0].attributes.email, password })
  bear(meta.token)
  return people
})

const everything = () => params().addInclude(['chat', 'first_user', 'second_user'])

const withBo = await step('creates a direct conversation, and finds what it asked to be included', async () => {
  const document = await create('direct_conversation', { user_id: bo.id }, {}, everything())
  const { chat, second_user: second } = document.data.relationships
  assert.equal(linked(document, chat).attributes.chat_type, 'direct')
  assert.equal(linked(document, second).attributes.name, bo.attributes.name)
  return document.data
})

const withCy = await step('creates another one', async () => (await create('direct_conversation', { user_id: cy.id })).data)

for (const [how, options] of [['encoded', undefined], ['raw', raw]]) {
  await step(`counts through the pages to an empty one, ${how}, with everything included`, async () => {
    const seen = []
    for (let offset = 0; ; offset++) {
      const query = everything().addSort('chat_updated_at', 'DESC').addPageLimit(1).addPageOffset(offset)
      const document = await get('direct_conversations', query, options)
      if (document.data.length === 0) break
      const [{ id, attributes, relationships }] = document.data
      assert.equal(linked(document, relationships.chat).attributes.updated_at, attributes.chat_updated_at)
      assert.equal(linked(document, relationships.first_user).id, ada.id)
      assert.equal(linked(document, relationships.second_user).id, attributes.user_id)
      seen.push(id)
    }
    assert.deepEqual(seen, [withCy.id, withBo.id])
  })
}

await step('reads links.next back and walks on by it', async () => {
  const query = everything().addSort('chat_updated_at').addPageLimit(1)
  const first = await get('direct_conversations', query)
  const next = params().initializeWithQueryString(new URL(first.links.next).search.slice(1))
  assert.deepEqual(next.getQueryObject(), { ...query.getQueryObject(), page: { limit: '1', offset: '1' } })
  assert.deepEqual([...ids(first), ...ids(await get('direct_conversations', next))], [withBo.id, withCy.id])
})

await step('filters for equality, by several attributes', async () => {
  const users = query => get('users', query, raw).then(ids)
  assert.deepEqual(await users(params().addFilter('name', bo.attributes.name)), [bo.id])
  assert.deepEqual(await users(params().addFilter('name', bo.attributes.name).addFilter('id', cy.id)), [])
  assert.deepEqual(ids(await get('direct_conversations', params().addFilter('user_id', cy.id))), [withCy.id])
})

await step('filters by operators before the value and in parameters of its own, and by lists', async () => {
  const users = query => get('users', query.addSort('name')).then(ids)
  const run = ada.attributes.name.slice('ada'.length)
  assert.deepEqual(await users(params().addFilter('name', `suf:${run}`).addFilter('id', `!eq:${ada.id}`)), [bo.id, cy.id])
  assert.deepEqual(await users(params().addCustomParam({ filter: { id: [bo.id, cy.id] } })), [bo.id, cy.id])
  assert.deepEqual(await users(params().addCustomParam({ filter: { name: { suf: run, pre: 'BO' } } })), [bo.id])
})

await step('sorts by several attributes, asks for sparse fieldsets, and searches for a peer', async () => {
  const query = params().addSort('created_at', 'DESC').addSort('updated_at').addFields('direct_conversation', ['second_user', 'user_id'])
    .addFields('user', ['name']).addInclude(['second_user']).addCustomParam({ search_peer: bo.attributes.name })
  const { data: [found, ...rest], included } = await get('direct_conversations', query)
  assert.deepEqual([found.id, found.attributes, rest], [withBo.id, { user_id: bo.id }, []])
  assert.deepEqual(included.map(({ attributes }) => attributes), [{ name: bo.attributes.name }])
})

await step('finds messages by their chat and their text', async () => {
  const chat = withBo.relationships.chat
  const { data } = await create('message', { content: awkward }, { chat: { data: chat.data } })
  const query = text => params().addFilter('chat', chat.data.id).addFilter('content', `ct:${text}`).addInclude(['author'])
  assert.deepEqual(ids(await get('messages', query('<FIRST>" & only 🎲'))), [data.id])
  assert.deepEqual(ids(await get('messages', query('second'))), [])
})

await step('is told 400 for what only Drupal understands, naming the parameter', async () => {
  const refusal = async (query, code, parameter) => {
    const error = await refused(400, code, 'GET', `users?${query.getQueryString()}`)
    assert.equal(error.source.parameter, parameter)
  }
  await refusal(params().addFilter('name', 'bo', 'CONTAINS'), 'filter_unknown', 'filter[name][value]')
  await refusal(params().addFilter('id', [bo.id, cy.id], 'IN'), 'parameter_unknown', 'filter[id][condition][path]')
  await refusal(params().addFilter('name', null, 'IS NULL'), 'parameter_unknown', 'filter[name][condition][path]')
  await refusal(params().addGroup('either', 'OR'), 'parameter_unknown', 'filter[either][group][conjunction]')
})

await step('is told 400 for a sort and a field that nothing has, 401 and 404', async () => {
  const at = async (code, query, parameter) => {
    const error = await refused(400, code, 'GET', `users?${query.getQueryString()}`)
    assert.equal(error.source.parameter, parameter)
  }
  await at('sort_unknown', params().addSort('field_a.id'), 'sort')
  await at('field_set_unknown', params().addFields('node--article', ['title']), 'fields[node--article]')
  await at('include_unknown', params().addInclude(['field_a.id']), 'include')
  await at('page_invalid', params().addPageLimit(500), 'page[limit]')
  await refused(404, 'not_found', 'GET', `users/${withBo.id}?${params().addFields('user', ['name']).getQueryString()}`)
  bear('nothing')
  await refused(401, 'unauthorized', 'GET', `users?${everything().getQueryString()}`)
})
