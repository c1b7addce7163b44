// jsonapi-react, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// Its hooks are driven in components, which React's test renderer shows without a browser, and its client by itself.
// By default a type is its path: the schema says of each path which type is there. A relationship that isn't included
// is null to it, and it can't send null linkage, nor objects that lead back to themselves: the schema makes such
// relationships read-only, or leaves them out. Of an answer's errors it tells the first that is no 422 as `error`, and
// if there's none all of them as `errors`.
// <https://github.com/aribouius/jsonapi-react>

import assert from 'node:assert/strict'
import library from 'jsonapi-react'
import React from 'react'
import renderer from 'react-test-renderer'
import { awkward, password, person, root, steps } from './steps.mjs'

const step = steps('jsonapi-react')
const { ApiClient, ApiProvider, renderWithData, useMutation, useQuery } = library
const { act, create: render } = renderer
const include = ['chat', 'first_user', 'second_user']

const date = { type: 'date', readOnly: true }
const read = type => ({ type, readOnly: true })
const definitions = {
  user: { fields: { created_at: date, updated_at: date } },
  session: { relationships: { user: read('user') } },
  direct_conversation: {
    fields: { chat_updated_at: date },
    relationships: { chat: read('chat'), first_user: read('user'), second_user: read('user') }
  },
  chat: { fields: { updated_at: date }, relationships: { members: 'user' } },
  chat_membership: {},
  message: { fields: { created_at: date }, relationships: { chat: 'chat', author: read('user') } }
}
const schema = Object.fromEntries(Object.entries(definitions).flatMap(([type, definition]) =>
  [[type, definition], [`${type}s`, { type, ...definition }]]))

/** A client as in a browser, that is without `window` still one. */
const client = (settings = {}) => new ApiClient({ url: root, schema, ssrMode: false, ...settings })
const api = client()

/** The data of an answer that is a success. */
const of = async request => {
  const { data, error, errors } = await request
  assert.deepEqual([error, errors], [undefined, undefined])
  return data
}
const get = (...key) => of(api.fetch(key))
const write = (key, data, options) => of(api.mutate(key, data, options))
const ids = list => list.map(({ id }) => id)
const names = list => list.map(({ name }) => name)

/** The error of `request`, where jsonapi-react tells what is no 422. */
async function refusal (request, status, code) {
  const { data, error } = await request
  assert.equal(data, undefined)
  assert.deepEqual([error?.status, error?.code], [String(status), code], JSON.stringify(error))
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}
/** The 422s of `request`. */
async function invalid (request) {
  const { errors, error } = await request
  assert.equal(error, undefined)
  for (const { status, title, detail } of errors) assert.ok(status === '422' && title && detail)
  return errors
}

/** What `use`, a hook, gives in a component, at each moment; and the end of the component. */
async function shown (use, provided = api) {
  const seen = {}
  const Component = () => { seen.now = use(); return null }
  let tree
  await act(async () => {
    tree = render(React.createElement(ApiProvider, { client: provided }, React.createElement(Component)))
  })
  seen.until = async condition => {
    for (let tries = 0; !condition(seen.now) && tries < 1000; tries++) await act(() => new Promise(resolve => setTimeout(resolve, 10)))
    return seen.now
  }
  seen.end = () => act(async () => tree.unmount())
  return seen
}

const [ada, bo, cy] = await step('signs three people up, by a hook', async () => {
  const component = await shown(() => useMutation('users'))
  const people = []
  for (const name of ['ada', 'bo', 'cy']) {
    await act(async () => { await component.now[0](person(name)) })
    const { data, errors } = component.now[1]
    assert.equal(errors, undefined)
    assert.ok(data.created_at instanceof Date)
    people.push(data)
  }
  await component.end()
  return people
})

await step('is told 401 for a wrong password, and for no token at all', async () => {
  await refusal(api.mutate('sessions', { email: ada.email, password: 'wrong' }), 401, 'invalid_credentials')
  await refusal(api.fetch('direct_conversations'), 401, 'unauthorized')
})

const session = await step('signs in', async () => {
  const { data, meta } = await api.mutate(['sessions', { include: 'user' }], { email: ada.email, password })
  assert.equal(data.user.name, ada.name)
  api.addHeader('Authorization', `Bearer ${meta.token}`)
  return data
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const conversation = await write(['direct_conversations', { include }], { user_id: bo.id })
  assert.equal(conversation.user_id, bo.id)
  assert.equal(conversation.chat.chat_type, 'direct')
  assert.equal(conversation.first_user.name, ada.name)
  assert.equal(conversation.second_user.name, bo.name)
  return conversation
})

const withCy = await step('creates another one', () => write(['direct_conversations', { include: 'chat' }], { user_id: cy.id }))

await step('walks the pages by links.next, by a hook, with every included object linked', async () => {
  const seen = []
  let key = ['direct_conversations', { include, sort: '-chat_updated_at', page: { size: 1 } }]
  while (key) {
    const component = await shown(() => useQuery(key))
    const { data: [conversation, ...rest], links } = await component.until(({ isLoading }) => !isLoading)
    await component.end()
    assert.deepEqual(rest, [])
    assert.deepEqual(conversation.chat.updated_at, conversation.chat_updated_at)
    assert.equal(conversation.chat.direct_conversation, conversation)
    assert.equal(conversation.first_user.name, ada.name)
    assert.equal(conversation.second_user.id, conversation.user_id)
    assert.ok(conversation.second_user.name)
    seen.push(conversation.id)
    key = links.next?.slice(root.length)
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('renders on a server, with what is asked there', async () => {
  const server = new ApiClient({ url: root, schema, headers: { ...api.config.headers } })
  const Names = () => {
    const { data } = useQuery(['direct_conversations', { include, sort: 'chat_updated_at' }])
    return React.createElement('p', null, (data ?? []).map(({ second_user: { name } }) => name).join())
  }
  const element = React.createElement(ApiProvider, { client: server }, React.createElement(Names))
  const [content, [[, document]]] = await renderWithData(element, server)
  assert.equal(content, `<p>${names([bo, cy])}</p>`)
  assert.equal(document.data.length, 2)
})

await step('filters by a list, searches for a peer, and asks for sparse fieldsets', async () => {
  const both = await get('users', { filter: { id: { in: [bo.id, cy.id] } }, sort: ['name', '-created_at'] })
  assert.deepEqual(ids(both), [bo.id, cy.id])
  const query = { search_peer: bo.name.toUpperCase(), include: 'second_user', fields: { user: ['name'] } }
  const [found, ...rest] = await get('direct_conversations', query)
  assert.deepEqual([found.id, found.second_user.name, found.second_user.active, rest], [withBo.id, bo.name, undefined, []])
})

await step('follows relationships to one and to many', async () => {
  assert.equal((await get('direct_conversations', withBo.id, 'second_user')).name, bo.name)
  assert.deepEqual(names(await get('chats', withBo.chat.id, 'members')), [ada.name, bo.name])
})

await step('updates a user by sending back the whole fetched object, and shows it where it is shown', async () => {
  const component = await shown(() => useQuery(['users', ada.id]))
  const { data } = await component.until(({ isLoading }) => !isLoading)
  await act(async () => { await api.mutate(['users', ada.id], { ...data, first_name: awkward }) })
  const updated = component.now.data
  assert.deepEqual([updated.first_name, updated.name], [awkward, ada.name])
  await component.end()
  assert.equal((await get('users', ada.id)).first_name, awkward)
})

const group = await step('creates a group, with the members it names', async () => {
  const group = await write(['chats', { include: 'members' }], { title: 'Tertulia', members: [bo, cy] })
  assert.equal(group.chat_type, 'group')
  assert.deepEqual(names(group.members), [ada.name, bo.name, cy.name])
  return group
})

await step('updates the group and a membership by sending back whole fetched objects', async () => {
  const key = ['chats', group.id, { include: 'members' }]
  const updated = await write(key, { ...await get(...key), title: 'Café Gijón' })
  assert.deepEqual([updated.title, updated.member_count], ['Café Gijón', 3])
  const membership = await get('chats', group.id, 'viewer_membership')
  assert.equal(membership.chat, null, 'which is sent among the attributes')
  const mine = await write(['chat_memberships', membership.id], { ...membership, archived: true })
  assert.deepEqual([mine.archived, mine.role], [true, 'admin'])
  assert.deepEqual(ids(await get('chats', { filter: { archived: true } })), [group.id])
})

await step('takes a member out through the relationship, and puts it back', async () => {
  const members = async method => {
    await write(['chats', group.id, 'relationships', 'members'], [{ _type: 'user', id: cy.id }], { method })
    return names(await get('chats', group.id, 'members'))
  }
  assert.deepEqual(await members('DELETE'), [ada.name, bo.name])
  assert.deepEqual(await members('POST'), [ada.name, bo.name, cy.name])
})

await step('writes, edits and deletes a message, and a list of them follows', async () => {
  const list = await shown(() => useQuery(['messages', { filter: { chat: group.id }, include: 'author' }]))
  const contents = () => list.now.data?.map(({ content, author }) => [content, author.name])
  await list.until(({ isLoading }) => !isLoading)
  const message = await write(['messages', { include: 'author' }], { content: awkward, chat: { id: group.id } })
  await list.until(() => contents().length)
  assert.deepEqual(contents(), [[awkward, ada.name]])
  await write(['messages', message.id], { content: 'Another time' })
  await list.until(() => contents()[0][0] !== awkward)
  assert.deepEqual(contents(), [['Another time', ada.name]])
  await write(['messages', message.id], undefined, { method: 'DELETE' })
  await list.end()
  assert.equal((await get('messages', message.id)).deleted, true)
})

await step('is told of several problems at once, by a hook, and of a conversation with oneself', async () => {
  const component = await shown(() => useMutation('users'))
  await act(async () => { await component.now[0]({ name: '', email: 'nowhere', password: 'short' }) })
  const { errors } = component.now[1]
  assert.deepEqual(errors.map(({ source }) => source.pointer).sort(), ['email', 'name', 'password'].map(it => `/data/attributes/${it}`))
  await component.end()
  const [self] = await invalid(api.mutate('direct_conversations', { user_id: ada.id }))
  assert.equal(self.code, 'self_conversation')
})

await step('is told 400 for an unknown sort, and 409 for the path that it takes for a type by default', async () => {
  const error = await refusal(api.fetch(['direct_conversations', { sort: 'chat_updated' }]), 400, 'sort_unknown')
  assert.equal(error.source.parameter, 'sort')
  await refusal(client({ schema: {} }).mutate('users', person('dee')), 409, 'type_mismatch')
})

await step('deletes a chat', async () => {
  assert.deepEqual(await api.delete(['chats', withCy.chat.id]), {})
  await refusal(api.fetch(['chats', withCy.chat.id]), 404, 'not_found')
  assert.deepEqual(ids(await get('direct_conversations')), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  await api.delete(['sessions', session.id])
  await refusal(api.fetch('direct_conversations'), 401, 'unauthorized')
})
