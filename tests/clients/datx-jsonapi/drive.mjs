// @datx/jsonapi, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// It sends no `Accept` (so `*/*` it is), every relationship that a model declares with whatever it writes, set or not,
// and of a fetched model the attributes that changed. Its README's decorators are applied by hand, as JavaScript has
// none. A path is what a model says, a type by default.
// <https://datx.dev/docs/jsonapi/jsonapi-basic-configuration>

import assert from 'node:assert/strict'
import datx from '@datx/core'
import jsonapi from '@datx/jsonapi'
import { awkward, failure, password, person, root, steps } from './steps.mjs'

const step = steps('@datx/jsonapi')
const { Collection, Field, Model } = datx
const { config, fetchModelRefLink, getModelLinks, getModelRefLinks, jsonapiCollection, jsonapiModel, saveRelationship } = jsonapi
const include = ['chat', 'first_user', 'second_user']
const date = { parse: value => value && new Date(value) }
config.baseUrl = `${root}/`

/** A model of `type` with these fields, each with what its decorator would be given. */
function model (type, fields) {
  class Typed extends jsonapiModel(Model) {
    static type = type
    static endpoint = `${type}s`
  }
  Field({ isIdentifier: true })(Typed.prototype, 'id')
  for (const name in fields) Field(fields[name])(Typed.prototype, name)
  return Typed
}
const one = type => ({ toOne: type })
const User = model('user', { name: {}, email: {}, password: {}, first_name: {}, created_at: date })
const Session = model('session', { email: {}, password: {}, user: one('user') })
const Membership = model('chat_membership', { role: {}, archived: {}, chat: one('chat'), last_read_message: one('message') })
const Chat = model('chat', {
  chat_type: {}, title: {}, member_count: {}, updated_at: date, members: { toMany: 'user' }, viewer_membership: one('chat_membership')
})
const DirectConversation = model('direct_conversation', {
  user_id: {}, chat_updated_at: date, chat: one('chat'), first_user: one('user'), second_user: one('user')
})
const Message = model('message', {
  content: {}, deleted: {}, created_at: date, chat: one('chat'), author: one('user'), parent: one('message')
})
class Store extends jsonapiCollection(Collection) {
  static types = [User, Session, Membership, Chat, DirectConversation, Message]
}

const store = new Store()
const create = (Type, attributes, queryParams) => store.add(attributes, Type).save({ queryParams })
const get = async (Type, queryParams) => (await store.getMany(Type, { queryParams })).data
const find = async (Type, id, queryParams) => (await store.getOne(Type, id, { queryParams })).data
const custom = (key, value) => ({ custom: [{ key, value }] })
const ids = models => models.map(({ id }) => id)
const names = models => models.map(({ name }) => name)

/** The first error of `request`, which datx throws an answer with. */
async function refusal (request, status, code) {
  const answer = await failure(request)
  assert.equal(answer.status, status, answer)
  assert.ok(Array.isArray(answer.error), `no errors in ${answer.error}`)
  const [error] = answer.error
  assert.equal(error.code, code)
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}

const [ada, bo, cy] = await step('signs three people up', async () => {
  const signUp = name => create(User, person(name))
  return [await signUp('ada'), await signUp('bo'), await signUp('cy')]
})

await step('is told 401 for a wrong password, and for no token at all', async () => {
  await refusal(create(Session, { email: ada.email, password: 'wrong' }), 401, 'invalid_credentials')
  await refusal(get(DirectConversation), 401, 'unauthorized')
})

const session = await step('signs in', async () => {
  // A saved model comes without the document's meta, which has the token: whatever answers are transformed by sees it.
  config.transformResponse = answer => {
    const token = answer.data?.meta?.token
    if (token) config.defaultFetchOptions.headers.Authorization = `Bearer ${token}`
    return answer
  }
  const session = await create(Session, { email: ada.email, password })
  assert.equal(session.user, ada)
  return session
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const conversation = await create(DirectConversation, { user_id: bo.id }, { include })
  assert.equal(conversation.user_id, bo.id)
  assert.equal(conversation.chat.chat_type, 'direct')
  assert.equal(conversation.first_user, ada, 'the model that the store has already')
  assert.equal(conversation.second_user, bo)
  return conversation
})

const withCy = await step('creates another one', () => create(DirectConversation, { user_id: cy.id }, { include: 'chat' }))

await step('walks the pages by next, with every included object linked', async () => {
  const fresh = new Store()
  const seen = []
  const queryParams = { include, sort: '-chat_updated_at', ...custom('page[size]', '1') }
  let page = await fresh.getMany(DirectConversation, { queryParams })
  for (;;) {
    const [conversation, ...rest] = page.data
    assert.deepEqual(rest, [])
    assert.deepEqual(conversation.chat.updated_at, conversation.chat_updated_at)
    assert.ok(conversation.chat_updated_at instanceof Date)
    assert.equal(conversation.first_user.name, ada.name)
    assert.equal(conversation.second_user.id, conversation.user_id)
    assert.ok(conversation.second_user.name)
    seen.push(conversation.id)
    if (!page.next) break
    page = await page.next()
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
  const { data, responses } = await fresh.getAll(DirectConversation, { queryParams })
  assert.deepEqual([ids(data), responses.length], [seen, 2])
})

await step('filters, searches for a peer, and asks for sparse fieldsets', async () => {
  assert.deepEqual(ids(await get(User, { filter: { id: `in:${bo.id},${cy.id}` }, sort: ['name', '-created_at'] })), [bo.id, cy.id])
  const fresh = new Store()
  const queryParams = { include: 'second_user', fields: { user: ['name'] }, ...custom('search_peer', bo.name.toUpperCase()) }
  const { data: [found, ...rest] } = await fresh.getMany(DirectConversation, { queryParams })
  assert.deepEqual([found.id, found.second_user.name, found.second_user.created_at, rest], [withBo.id, bo.name, undefined, []])
})

await step('follows the links of a relationship and of a model', async () => {
  assert.equal((await fetchModelRefLink(withBo, 'second_user', 'related')).data, bo)
  const { related } = getModelRefLinks(withBo.chat).members
  assert.deepEqual(names((await store.request(related.replace(config.baseUrl, ''))).data), [ada.name, bo.name])
  assert.equal(getModelLinks(withBo).self, `${root}/direct_conversations/${withBo.id}`)
})

await step('updates a user, with every relationship sent along', async () => {
  const fetched = await find(User, ada.id)
  fetched.first_name = awkward
  assert.equal((await fetched.save()).first_name, awkward)
  assert.equal((await new Store().getOne(User, ada.id)).data.first_name, awkward)
})

const group = await step('creates a group, with the members it names', async () => {
  const group = await create(Chat, { title: 'Tertulia', members: [bo, cy] }, { include: 'members' })
  assert.equal(group.chat_type, 'group')
  assert.deepEqual(names(group.members), [ada.name, bo.name, cy.name])
  return group
})

await step('updates the group and a membership, with every relationship sent along', async () => {
  const fetched = await find(Chat, group.id, { include: 'members,viewer_membership' })
  fetched.title = 'Café Gijón'
  assert.equal((await fetched.save()).title, 'Café Gijón')
  const mine = fetched.viewer_membership
  mine.archived = true
  assert.deepEqual([(await mine.save()).archived, mine.role], [true, 'admin'])
  assert.deepEqual(ids(await get(Chat, { filter: { archived: 'true' } })), [group.id])
})

await step('is told 403 for replacing all members through the relationship', async () => {
  await refusal(saveRelationship(group, 'members'), 403, 'forbidden')
})

await step('writes, edits, reads and deletes a message', async () => {
  const message = await create(Message, { content: awkward, chat: group }, { include: 'author' })
  assert.deepEqual([message.content, message.author], [awkward, ada])
  message.content = 'Another time'
  await message.save()
  const [listed, ...rest] = await get(Message, { filter: { chat: group.id }, include: 'author,chat' })
  assert.deepEqual([listed.content, listed.author.name, listed.chat.title, rest], ['Another time', ada.name, 'Café Gijón', []])
  const mine = group.viewer_membership
  mine.last_read_message = listed
  await saveRelationship(mine, 'last_read_message')
  await listed.destroy()
  assert.equal((await new Store().getOne(Message, message.id)).data.deleted, true)
})

await step('is told of several problems at once, 400, 409 and 422', async () => {
  const { error } = await failure(create(User, { name: '', email: 'nowhere', password: 'short' }))
  assert.deepEqual(error.map(({ source }) => source.pointer).sort(), ['email', 'name', 'password'].map(it => `/data/attributes/${it}`))
  await refusal(create(DirectConversation, { user_id: ada.id }), 422, 'self_conversation')
  const { source } = await refusal(get(DirectConversation, { sort: 'chat_updated' }), 400, 'sort_unknown')
  assert.equal(source.parameter, 'sort')
  // By default a type is its path.
  class Users extends User {
    static type = 'users'
    static endpoint = undefined
  }
  class Other extends jsonapiCollection(Collection) {
    static types = [Users]
  }
  await refusal(new Other().add(person('dee'), Users).save(), 409, 'type_mismatch')
})

await step('deletes a chat', async () => {
  const { id } = withCy.chat
  await withCy.chat.destroy()
  await refusal(find(Chat, id), 404, 'not_found')
  assert.deepEqual(ids(await get(DirectConversation)), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  await session.destroy()
  await refusal(get(DirectConversation), 401, 'unauthorized')
})
