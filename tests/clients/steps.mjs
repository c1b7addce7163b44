// What the programs in JavaScript share: the root of the API, people with names of their own, and steps.

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
