// coloquent, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// It takes a type for its path. Types are singular here and paths plural, so an interceptor of its axios adds the `s`.
// It never follows links: it counts pages, by offset and limit. A relationship is declared in one direction only (it
// builds what linkage leads to, for ever), and all relationships to a type are included, or none (it looks for each
// of them among what was included). Of a failing read it keeps a message, and no errors.
// <https://github.com/DavidDuwaer/coloquent>

import assert from 'node:assert/strict'
import coloquent from 'coloquent'
import { awkward, failure, password, person, root, steps } from './steps.mjs'

const { Model, PaginationStrategy } = coloquent
const step = steps('coloquent')
const everything = ['chat', 'first_user', 'second_user']

class Base extends Model {
  getJsonApiBaseUrl () { return `${root}/` }
}
/** A property of a model is a field of its class, which a superclass's constructor can't set. */
const of = jsonApiType => class extends Base {
  jsonApiType = jsonApiType
  static with (names) { return this.query().with(names) }
}

class User extends of('user') {}
class Membership extends of('chat_membership') {}
class Session extends of('session') {
  user () { return this.hasOne(User, 'user') }
}
class Chat extends of('chat') {
  members () { return this.hasMany(User, 'members') }
  viewer_membership () { return this.hasOne(Membership, 'viewer_membership') }
}
/** `fresh` includes every relationship that is declared, and messages can't be: whoever needs them declares them apart. */
class ChatWithMessages extends Chat {
  messages () { return this.hasMany(Message, 'messages') }
}
class DirectConversation extends of('direct_conversation') {
  chat () { return this.hasOne(Chat, 'chat') }
  first_user () { return this.hasOne(User, 'first_user') }
  second_user () { return this.hasOne(User, 'second_user') }
}
class Message extends of('message') {
  author () { return this.hasOne(User, 'author') }
  chat () { return this.hasOne(Chat, 'chat') }
}
new User() // the first model makes the client
const axios = Model.getHttpClient().getImplementingClient()
axios.interceptors.request.use(config => ({ ...config, url: config.url.replace(/^\w*[^\Ws]\b/, '$&s') }))

/** A model with these attributes and relationships, as a form would make it. */
function make (Type, attributes, relations = {}) {
  const model = new Type()
  for (const name in attributes) model.setAttribute(name, attributes[name])
  for (const name in relations) model.setRelation(name, relations[name])
  return model
}
const create = async (...of) => (await make(...of).save()).getModel()
const get = async query => (await query).getData()
const id = model => model.getApiId()
const ids = models => models.map(id)
const name = model => model.getAttribute('name')
const names = models => models.map(name)

/** The first error of a save or delete, which coloquent leaves in axios' error. */
async function refusal (request, status, code) {
  const { response } = await failure(request)
  assert.equal(response?.status, status)
  const [error] = response.data.errors
  assert.equal(error.code, code)
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}
/** A read that fails leaves no more than this. */
const unread = async (request, status) => assert.match((await failure(request)).message, new RegExp(`status code ${status}`))

const [ada, bo, cy] = await step('signs three people up', async () => {
  const signUp = name => create(User, person(name))
  return [await signUp('ada'), await signUp('bo'), await signUp('cy')]
})
const email = ada.getAttribute('email')

await step('is told 401 for a wrong password, and for no token at all', async () => {
  await refusal(create(Session, { email, password: 'wrong' }), 401, 'invalid_credentials')
  await unread(DirectConversation.get(), 401)
})

const session = await step('signs in', async () => {
  const answer = await make(Session, { email, password }).save()
  const { headers, data } = answer.getHttpClientResponse().getUnderlying()
  assert.equal(headers.authorization, `Bearer ${data.meta.token}`)
  axios.defaults.headers.Authorization = headers.authorization
  return answer.getModel()
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const created = await create(DirectConversation, { user_id: id(bo) })
  const conversation = await get(DirectConversation.with(everything).find(id(created)))
  assert.equal(conversation.getAttribute('user_id'), id(bo))
  assert.equal(conversation.getRelation('chat').getAttribute('chat_type'), 'direct')
  assert.equal(name(conversation.getRelation('first_user')), name(ada))
  assert.equal(name(conversation.getRelation('second_user')), name(bo))
  return conversation
})

const withCy = await step('creates another one', () => create(DirectConversation, { user_id: id(cy) }))

for (const strategy of [PaginationStrategy.OffsetBased, PaginationStrategy.PageBased]) {
  await step(`counts through the pages to an empty one, strategy ${strategy}, with every included object linked`, async () => {
    class Paged extends DirectConversation {
      static pageSize = 1
      static paginationStrategy = strategy
    }
    const query = Paged.query().with(everything).orderBy('chat_updated_at', 'desc')
    const seen = []
    for (let number = 1; ; number++) {
      const [conversation] = await get(query.get(number))
      if (!conversation) break
      const { chat, first_user: first, second_user: second } = conversation.getRelations()
      assert.equal(chat.getAttribute('updated_at'), conversation.getAttribute('chat_updated_at'))
      assert.equal(name(first), name(ada))
      assert.equal(id(second), conversation.getAttribute('user_id'))
      assert.ok(name(second))
      seen.push(id(conversation))
    }
    assert.deepEqual(seen, [id(withCy), id(withBo)])
  })
}

await step('filters, searches for a peer, asks for sparse fieldsets, and takes the first', async () => {
  const found = await get(DirectConversation.where('user_id', id(bo)).with(everything).get())
  assert.deepEqual(ids(found), [id(withBo)])
  const query = DirectConversation.option('search_peer', name(bo).toUpperCase()).with(everything)
  const first = await get(query.option('fields[user]', 'name').first())
  assert.deepEqual(first.getRelation('second_user').getAttributes(), { name: name(bo) })
  const users = User.where('id', `in:${ids([cy, bo])}`)
  assert.deepEqual(names(await get(users.orderBy('name').get())), [name(bo), name(cy)])
})

await step('follows relationships to one and to many', async () => {
  assert.equal(name(await get(withBo.first_user().first())), name(ada))
  assert.deepEqual(names(await get(withBo.getRelation('chat').members().orderBy('name', 'desc').get())), [name(bo), name(ada)])
  // `get` of one asks for a page of it.
  await unread(withBo.first_user().get(), 400)
})

await step('updates a user by sending back the whole fetched object', async () => {
  const fetched = await get(User.find(id(ada)))
  fetched.setAttribute('first_name', awkward)
  const updated = (await fetched.save()).getModel()
  assert.deepEqual([updated.getAttribute('first_name'), name(updated)], [awkward, name(ada)])
  assert.equal((await fetched.fresh()).getAttribute('first_name'), awkward)
})

const group = await step('creates a group, with the members it names', async () => {
  const group = await create(Chat, { title: 'Tertulia' }, { members: [bo, cy] })
  assert.equal(group.getAttribute('chat_type'), 'group')
  const fetched = await get(Chat.with(['members', 'viewer_membership']).find(id(group)))
  assert.deepEqual(names(fetched.getRelation('members')), [name(ada), name(bo), name(cy)])
  return fetched
})

await step('updates the group, with its members and its membership sent along', async () => {
  group.setAttribute('title', 'Café Gijón')
  await group.save()
  const fresh = await group.fresh()
  assert.equal(fresh.getAttribute('title'), 'Café Gijón')
  assert.equal(fresh.getRelation('members').length, 3)
  const mine = fresh.getRelation('viewer_membership')
  mine.setAttribute('archived', true)
  assert.equal((await mine.save()).getModel().getAttribute('archived'), true)
  assert.deepEqual(ids(await get(Chat.where('archived', true).get())), [id(group)])
})

await step('writes, edits and deletes a message', async () => {
  const message = await create(Message, { content: awkward }, { chat: group })
  assert.equal(message.getAttribute('content'), awkward)
  message.setAttribute('content', 'Another time')
  await message.save()
  const chat = await get(ChatWithMessages.find(id(group)))
  await unread(chat.fresh(), 400)
  const [listed, ...rest] = await get(chat.messages().with(['author', 'chat']).get())
  assert.deepEqual([listed.getAttribute('content'), name(listed.getRelation('author')), rest], ['Another time', name(ada), []])
  await listed.delete()
  assert.equal((await get(Message.find(id(message)))).getAttribute('deleted'), true)
})

await step('is told of several problems at once, 409 and 422', async () => {
  const { response } = await failure(create(User, { name: '', email: 'nowhere', password: 'short' }))
  assert.deepEqual(response.data.errors.map(({ source }) => source.pointer).sort(), ['email', 'name', 'password'].map(it => `/data/attributes/${it}`))
  await refusal(create(DirectConversation, { user_id: id(ada) }), 422, 'self_conversation')
  await unread(DirectConversation.query().orderBy('chat_updated').get(), 400)
  // By default a type is plural, as its path.
  await refusal(create(of('users'), person('dee')), 409, 'type_mismatch')
})

await step('deletes a chat', async () => {
  const { chat } = (await get(DirectConversation.with(everything).find(id(withCy)))).getRelations()
  await chat.delete()
  await unread(Chat.find(id(chat)), 404)
  await refusal(chat.delete(), 404, 'not_found')
  assert.deepEqual(ids(await get(DirectConversation.get())), [id(withBo)])
})

await step('signs out, and the token is dead', async () => {
  await session.delete()
  await unread(DirectConversation.get(), 401)
})
