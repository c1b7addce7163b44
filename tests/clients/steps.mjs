// What the programs in JavaScript share: the root of the API, people with names of their own, steps, and requests
// for the libraries that make none.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

export const root = process.argv[2] ?? process.env.TERTULIA_API
assert.ok(root, 'usage: node drive.mjs URL, the root of the API')

// A server can be driven twice, so nobody's name or address is fixed.
const run = randomUUID().slice(0, 8)
export const password = 'correct horse "battery" staple'
/** Text that is garbled by whoever escapes too much or too little. */
export const awkward = 'Ada "the <first>" & only 🎲 Łovelace'

/** The attributes somebody signs up with. */
export const person = name => ({ name: `${name} ${run}`, email: `${name}.${run}@example.com`, password })

/** Runs the steps of `client`, and prints a line for each. */
export const steps = client => async (name, run) => {
  const result = await run()
  console.log(`${client}: ${name}`)
  return result
}

/** What `promise` fails with. */
export const failure = promise => promise.then(
  answer => assert.fail(`expected a failure, got ${JSON.stringify(answer)}`),
  error => error
)

const mediaType = 'application/vnd.api+json'
const headers = { Accept: mediaType, 'Content-Type': mediaType }

/** From here on `ask` asks in the name of whom this token was given to. */
export const bear = token => { headers.Authorization = `Bearer ${token}` }

/** Asks by `fetch`, of a path below the root or of an absolute URL, and is answered with a document. */
export async function ask (method, place, document) {
  const url = place.startsWith('http') ? place : `${root}/${place}`
  const response = await fetch(url, { method, headers, body: document && JSON.stringify(document) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, document: text ? JSON.parse(text) : undefined }
}

/** The document of an answer that is a success, or none. */
export async function asked (...request) {
  const { status, document } = await ask(...request)
  assert.ok(status < 300, `${request[0]} ${request[1]}: ${status} ${JSON.stringify(document)}`)
  return document
}

/** The first error of a request, which must be refused with this status and code. */
export async function refused (status, code, ...request) {
  const answer = await ask(...request)
  const said = JSON.stringify(answer.document)
  assert.equal(answer.status, status, said)
  const [error] = answer.document.errors
  assert.equal(error.code, code, said)
  assert.ok(error.title && error.detail, 'an error has a title and a detail')
  return error
}
