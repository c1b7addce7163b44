// What must not compile. Every line below `@ts-expect-error` is a mistake that the compiler has to find, else it fails.

import { Client } from '../src/index.js'

export async function mistakes(api: Client) {
  // @ts-expect-error: there is no such type
  await api.list('chats')
  // @ts-expect-error: no such relationship
  await api.list('chat', { include: ['member'] })
  // @ts-expect-error: no such relationship at the end of the path
  await api.list('chat', { include: ['last_message.writer'] })
  // @ts-expect-error: five steps
  await api.list('message', { include: ['chat.last_message.chat.last_message.chat'] })
  // @ts-expect-error: unbounded, so never included
  await api.list('chat', { include: ['messages'] })
  // @ts-expect-error: can't be sorted by
  await api.list('message', { sort: ['content'] })
  // @ts-expect-error: no such word
  await api.list('chat', { filter: { chat_type: 'groups' } })
  // @ts-expect-error: no such filter
  await api.list('chat', { filter: { password: 'x' } })
  // @ts-expect-error: no such operator
  await api.list('chat', { filter: { title: { like: 'x' } } })
  // @ts-expect-error: styles don't mix
  await api.list('chat', { page: { number: 1, offset: 1 } })
  // @ts-expect-error: only direct conversations have it
  await api.list('chat', { search_peer: 'x' })
  // @ts-expect-error: required
  await api.create('user', { attributes: { name: 'x', password: 'x' } })
  // @ts-expect-error: the chat is required
  await api.create('message', { attributes: { content: 'x' } })
  // @ts-expect-error: another type
  await api.create('message', { related: { chat: { type: 'user', id: 'x' } } })
  // @ts-expect-error: read-only
  await api.create('chat', { attributes: { member_count: 1 } })
  // @ts-expect-error: the server makes the ids of users
  await api.create('user', { id: 'x', attributes: { name: 'x', email: 'x', password: 'x' } })
  // @ts-expect-error: inboxes are not made
  await api.create('inbox', {})
  // @ts-expect-error: a reaction never changes
  await api.update({ type: 'reaction', id: 'x' }, {})

  const chat = await api.get('chat', 'x', { include: ['last_message.author'] })
  const author: { name: string } | undefined = chat.related.last_message?.related.author?.attributes
  // @ts-expect-error: might be null
  chat.related.last_message.id
  // @ts-expect-error: only its identifier is there
  chat.related.initiator?.attributes
  // @ts-expect-error: not included
  chat.related.members
  // @ts-expect-error: never shown
  chat.attributes.initial_message
  const sparse = await api.get('chat', 'x', { fields: { chat: ['title'] } })
  const title: string | null = sparse.attributes.title
  // @ts-expect-error: not asked for
  sparse.attributes.open
  // @ts-expect-error: not asked for
  sparse.related.initiator
  return [author, title]
}
