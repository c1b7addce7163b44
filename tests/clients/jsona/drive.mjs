// jsona, as published, drives the server: `node drive.mjs http://127.0.0.1:8080/api/v1`.
//
// Prints a line per step and leaves with status 1 at the first surprise.
// Jsona makes objects of documents and documents of objects, and asks nothing: `fetch` carries both. An object has
// the resource's `links` and `meta` as properties beside its attributes, and sends them back among those.
// <https://github.com/olosegres/jsona>

import assert from 'node:assert/strict'
import Jsona from 'jsona'
import { ask, asked, awkward, bear, password, person, refused, steps } from './steps.mjs'

const step = steps('jsona')
const jsona = new Jsona()
const everything = 'include=chat,first_user,second_user'

const get = async url => jsona.deserialize(await asked('GET', url))
const write = (method, url) => async (stuff, includeNames) =>
  jsona.deserialize(await asked(method, url, jsona.serialize({ stuff, includeNames })))
const post = (url, stuff, includeNames) => write('POST', url)(stuff, includeNames)
const patch = (url, stuff, includeNames) => write('PATCH', url)(stuff, includeNames)
const refusal = (status, code, method, url, stuff) =>
  refused(status, code, method, url, stuff && jsona.serialize({ stuff }))

const ids = models => models.map(({ id }) => id)
const names = models => models.map(({ name }) => name)

const [ada, bo, cy] = await step('signs three people up', async () => {
  const signUp = name => post('users', { type: 'user', ...person(name) })
  return [await signUp('ada'), await signUp('bo'), await signUp('cy')]
})

await step('is told 401 for a wrong password, and for no token at all', async () => {
  await refusal(401, 'invalid_credentials', 'POST', 'sessions', { type: 'session', email: ada.email, password: 'wrong' })
  await refusal(401, 'unauthorized', 'GET', 'direct_conversations')
})

const session = await step('signs in', async () => {
  const document = await asked('POST', 'sessions', jsona.serialize({ stuff: { type: 'session', email: ada.email, password } }))
  bear(document.meta.token)
  const session = jsona.deserialize(document)
  assert.equal(session.user.id, ada.id)
  return session
})

const withBo = await step('creates a direct conversation, and finds it linked to what it included', async () => {
  const conversation = await post(`direct_conversations?${everything}`, { type: 'direct_conversation', user_id: bo.id })
  assert.equal(conversation.user_id, bo.id)
  assert.equal(conversation.chat.chat_type, 'direct')
  assert.equal(conversation.first_user.name, ada.name)
  assert.equal(conversation.second_user.name, bo.name)
  return conversation
})

const withCy = await step('creates another one', () =>
  post('direct_conversations', { type: 'direct_conversation', user_id: cy.id }))

await step('walks the pages by links.next, with every included object linked and nothing lost', async () => {
  const seen = []
  let next = `direct_conversations?${everything}&sort=-chat_updated_at&page[size]=1`
  while (next) {
    const document = await asked('GET', next)
    const [conversation] = jsona.deserialize(document)
    assert.equal(conversation.chat.updated_at, conversation.chat_updated_at)
    // The chat leads back to the conversation it was reached from.
    assert.equal(conversation.chat.direct_conversation.chat.id, conversation.chat.id)
    assert.equal(conversation.first_user.name, ada.name)
    assert.equal(conversation.second_user.id, conversation.user_id)
    const { attributes, relationships } = jsona.serialize({ stuff: conversation }).data
    const { links, ...rest } = attributes
    const [resource] = document.data
    assert.deepEqual([rest, links], [resource.attributes, resource.links])
    for (const name in relationships) assert.deepEqual(relationships[name].data, resource.relationships[name].data, name)
    assert.deepEqual(Object.keys(relationships), Object.keys(resource.relationships))
    seen.push(conversation.id)
    next = document.links.next
  }
  assert.deepEqual(seen, [withCy.id, withBo.id])
})

await step('finds an object once, wherever it is linked', async () => {
  const [first, second] = await get(`direct_conversations?${everything}`)
  assert.equal(first.first_user, second.first_user)
})

await step('asks for sparse fieldsets', async () => {
  const [user] = await get(`users?filter[name]=${encodeURIComponent(bo.name)}&fields[user]=name`)
  assert.deepEqual([user.name, 'created_at' in user, user.relationshipNames], [bo.name, false, undefined])
})

await step('follows a related URL that its object was given', async () => {
  assert.equal((await get(`${withBo.links.self}/second_user`)).name, bo.name)
})

await step('updates a user by sending back the whole fetched object', async () => {
  const fetched = await get(`users/${ada.id}`)
  assert.ok(fetched.links.self, 'which has its links among its attributes')
  const updated = await patch(fetched.links.self, { ...fetched, first_name: awkward })
  assert.deepEqual([updated.first_name, updated.name], [awkward, ada.name])
  assert.equal((await get(`users/${ada.id}`)).first_name, awkward)
})

const group = await step('creates a group, with the members it names', async () => {
  const stuff = { type: 'chat', title: 'Tertulia', members: [bo, cy], relationshipNames: ['members'] }
  const group = await post('chats?include=members', stuff)
  assert.equal(group.chat_type, 'group')
  assert.deepEqual(names(group.members), [ada.name, bo.name, cy.name])
  return group
})

await step('takes a member out through the relationship and puts it back, with all its attributes in the linkage', async () => {
  const url = `chats/${group.id}/relationships/members`
  const members = async method => {
    await asked(method, url, jsona.serialize({ stuff: [cy] }))
    return names(await get(`chats/${group.id}/members`))
  }
  assert.deepEqual(await members('DELETE'), [ada.name, bo.name])
  assert.deepEqual(await members('POST'), [ada.name, bo.name, cy.name])
})

await step('updates the group by sending back the whole fetched compound document', async () => {
  const include = ['members', 'viewer_membership', 'last_message', 'initiator']
  const url = `chats/${group.id}?include=${include}`
  const fetched = await get(url)
  const updated = await patch(url, { ...fetched, title: 'Café Gijón' }, include)
  assert.equal(updated.title, 'Café Gijón')
  assert.deepEqual(names(updated.members), names(fetched.members))
  assert.equal(updated.viewer_membership.role, 'admin')
})

await step('archives a chat by its membership, found among what was included and sent back whole', async () => {
  const chat = await get(`chats/${withBo.chat.id}?include=viewer_membership`)
  const mine = chat.viewer_membership
  const updated = await patch(mine.links.self, { ...mine, archived: true })
  assert.equal(updated.archived, true)
  assert.deepEqual(ids(await get('chats?filter[archived]=true')), [chat.id])
})

await step('writes, edits and deletes a message', async () => {
  const stuff = { type: 'message', content: awkward, chat: group, relationshipNames: ['chat'] }
  const message = await post('messages?include=author', stuff)
  assert.equal(message.content, awkward)
  const edited = await patch(message.links.self, { ...message, content: 'Another time' })
  assert.equal(edited.content, 'Another time')
  const [listed] = await get(`chats/${group.id}/messages?include=author,chat.last_message`)
  assert.deepEqual([listed.content, listed.author.name, listed.chat.last_message.id], ['Another time', ada.name, message.id])
  await asked('DELETE', listed.links.self)
  assert.deepEqual((await get(`chats/${group.id}/messages`)).map(({ content, deleted }) => [content, deleted]), [[null, true]])
})

await step('is told 422, 409, 404 and 400', async () => {
  const self = await refusal(422, 'self_conversation', 'POST', 'direct_conversations', { type: 'direct_conversation', user_id: ada.id })
  assert.equal(self.source.pointer, '/data/attributes/user_id')
  await refusal(409, 'type_mismatch', 'POST', 'users', { type: 'users', ...person('dee') })
  await refusal(404, 'not_found', 'GET', `chats/${ada.id}`)
  await refusal(400, 'sort_unknown', 'GET', 'direct_conversations?sort=chat_updated')
})

await step('deletes a chat', async () => {
  const { chat } = await get(`direct_conversations/${withCy.id}?include=chat`)
  assert.equal((await ask('DELETE', chat.links.self)).status, 204)
  await refusal(404, 'not_found', 'GET', chat.links.self)
  assert.deepEqual(ids(await get('direct_conversations')), [withBo.id])
})

await step('signs out, and the token is dead', async () => {
  await asked('DELETE', session.links.self)
  await refusal(401, 'unauthorized', 'GET', 'direct_conversations')
})
