// The client drives the server: `node built/test/drive.js http://127.0.0.1:8080`. Leaves with 1 at the first surprise.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ApiError, Client, type ErrorCode } from '../src/index.js'

const url = process.argv[2]
assert.ok(url, 'usage: drive.js URL')
const run = randomUUID().slice(0, 8)
const password = 'correct horse battery'

async function signUp(name: string) {
  const api = new Client({ url: url! })
  const email = `${name}.${run}@example.com`
  const user = await api.create('user', { attributes: { name: `${name} ${run}`, email, password } })
  assert.equal(user.attributes.email, email)
  const session = await api.create('session', { attributes: { email, password } }, { include: ['user'] })
  assert.equal(session.related.user?.attributes.name, `${name} ${run}`)
  api.token = session.document.meta.token
  return { api, user }
}

async function refused(request: Promise<unknown>, status: number, code: ErrorCode): Promise<ApiError> {
  const error = await request.then(() => assert.fail(`expected ${status} ${code}`), error => error)
  assert.ok(error instanceof ApiError, String(error))
  assert.equal(error.status, status, error.message)
  assert.ok(error.has(code), JSON.stringify(error.errors))
  return error
}

const ana = await signUp('ana')
const bo = await signUp('bo')
const cy = await signUp('cy')

const garden = await ana.api.create(
  'chat',
  { attributes: { title: `Garden, ${run}` }, related: { members: [bo.user, cy.user] } },
  { include: ['members', 'viewer_membership'] },
)
assert.equal(garden.related.members.length, 3)
assert.equal(garden.related.viewer_membership?.attributes.role, 'admin')
assert.equal(garden.meta.permissions?.manage_members, true)
console.log('typescript: a group, with what was included')

const direct = await ana.api.create('direct_conversation', { attributes: { user_id: bo.user.id } }, { include: ['chat'] })
const again = await bo.api.create('direct_conversation', { attributes: { user_id: ana.user.id } })
assert.equal(again.document.meta.created, false)
assert.equal(again.id, direct.id)

for (const content of ['one', 'in:two, or\\so', 'three', 'four']) {
  await bo.api.create('message', { attributes: { content }, related: { chat: garden } })
}
const chats = await ana.api.list('chat', {
  include: ['last_message.author', 'members'],
  fields: { user: ['name'], chat: ['title', 'members', 'last_message', 'unread_message_count'] },
  filter: { chat_type: 'group', title: { pre: 'garden,' }, created_at: { gt: '2020-01-01T00:00:00Z' }, search: 'garden' },
  sort: ['-last_message_at', 'title'],
  page: { number: 1, size: 5 },
})
assert.equal(chats.total, 1)
const [chat] = chats
assert.equal(chat?.attributes.unread_message_count, 4)
assert.equal(chat.related.last_message?.attributes.content, 'four')
assert.equal(chat.related.last_message.related.author?.attributes.name, `bo ${run}`)
assert.deepEqual(chat.related.members.map(member => member.attributes.name).sort(), [`ana ${run}`, `bo ${run}`, `cy ${run}`])
assert.equal('created_at' in chat.attributes, false)
console.log('typescript: a list with include, fields, filter, sort and page')

const walked: (string | null)[] = []
const first = await ana.api.list('message', { filter: { chat: garden.id }, sort: ['created_at'], page: { size: 3 } })
for await (const message of first.all()) walked.push(message.attributes.content)
assert.deepEqual(walked, ['one', 'in:two, or\\so', 'three', 'four'])
const contents = async (filter: Parameters<typeof ana.api.list<'message'>>[1]) =>
  (await ana.api.list('message', filter)).data.map(message => message.attributes.content)
assert.deepEqual(await contents({ filter: { chat: garden.id, content: 'in:two, or\\so' } }), ['in:two, or\\so'])
assert.deepEqual(await contents({ filter: { chat: garden.id, content: ['one', 'in:two, or\\so'] }, sort: ['created_at'] }), ['one', 'in:two, or\\so'])
assert.deepEqual(await contents({ filter: { chat: garden.id, content: { '!in': ['one', 'three', 'four'] } } }), ['in:two, or\\so'])
console.log('typescript: pages by cursor, and values that look like operators')

const found = await ana.api.list('direct_conversation', { search_peer: `bo ${run}`, include: ['second_user'] })
assert.deepEqual(found.data.map(one => one.related.second_user?.id), [bo.user.id])
const author = await ana.api.related(first.data[0]!, 'author')
assert.equal(author?.attributes.name, `bo ${run}`)
const members = await ana.api.related(garden, 'members', { sort: ['-name'], page: { size: 1, total: true, number: 1 } })
assert.equal(members.total, 3)
assert.equal(members.data[0]?.attributes.name, `cy ${run}`)

const renamed = await ana.api.update(garden, { attributes: { title: 'Orchard' } })
assert.equal(renamed.attributes.title, 'Orchard')
await ana.api.remove(garden, 'members', [cy.user])
assert.equal((await ana.api.get('chat', garden.id)).attributes.member_count, 2)
await refused(cy.api.get('chat', garden.id), 404, 'not_found')
const membership = (await ana.api.get('chat', garden.id, { include: ['viewer_membership'] })).related.viewer_membership!
const newest = (await ana.api.list('message', { filter: { chat: garden.id }, page: { size: 1 } })).data[0]!
await ana.api.replace(membership, 'last_read_message', newest)
assert.equal((await ana.api.get('chat', garden.id)).attributes.unread_message_count, 0)
await refused(ana.api.replace(membership, 'last_read_message', null), 403, 'field_read_only')
const reaction = await ana.api.create('reaction', { attributes: { emoji: '👍' }, related: { message: newest } })
await ana.api.delete(reaction)
await refused(ana.api.get('reaction', reaction.id), 404, 'not_found')
console.log('typescript: updates, relationships and deletes')

const blank = await refused(ana.api.create('message', { attributes: { content: ' ' }, related: { chat: garden } }), 422, 'field_invalid')
assert.equal(blank.errors[0]?.source?.pointer, '/data/attributes/content')
await refused(new Client({ url, token: 'ter_no' }).list('chat'), 401, 'unauthorized')
await refused(ana.api.list('chat', { sort: ['titel' as 'title'] }), 400, 'sort_unknown')
console.log('typescript: errors by code')
