// Query parameters, typed by what each type can be asked for.

import type { Fields, Type } from './documents.js'
import { searches, type Types } from './types.js'

type Scalar = string | number | boolean

/** A value, a list of which one fits, or operators that must all hold. */
export type Condition<V extends Scalar> =
  | V
  | readonly V[]
  | {
      [Operator in 'eq' | '!eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'pre' | 'suf' | 'ct' | '!ct']?: V
    } & { in?: readonly V[]; '!in'?: readonly V[] }

export type Filters<T extends Type> = {
  [K in keyof Types[T]['filters']]?: Condition<Extract<Types[T]['filters'][K], Scalar>>
}

type Without<Names extends string> = { [Name in Names]?: never }

/** The three styles of pages. */
export type PageOf =
  | ({ number?: number; size?: number; total?: boolean } & Without<'offset' | 'limit' | 'after' | 'before'>)
  | ({ offset?: number; limit?: number; total?: boolean } & Without<'number' | 'size' | 'after' | 'before'>)
  | ({ after?: string; before?: string; size?: number; total?: boolean } & Without<'number' | 'offset' | 'limit'>)

export interface OneQuery<I extends string = never, F extends Fields = {}> {
  include?: readonly I[]
  fields?: F
}

export type ManyQuery<T extends Type, I extends string = never, F extends Fields = {}> = OneQuery<I, F> & {
  sort?: readonly (Types[T]['sorts'] | `-${Types[T]['sorts']}`)[]
  filter?: Filters<T>
  page?: PageOf
} & Partial<Types[T]['parameters']>

/** A query string with its `?`, or nothing. */
export function encode(type: Type, query: object): string {
  const out = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    if (name === 'filter') filters(out, type, value)
    else if (name === 'page' || name === 'fields') nested(out, name, value)
    else out.append(name, Array.isArray(value) ? value.join(',') : String(value))
  }
  const text = out.toString()
  return text && `?${text}`
}

function nested(out: URLSearchParams, name: string, values: Record<string, unknown>) {
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) out.append(`${name}[${key}]`, Array.isArray(value) ? value.join(',') : String(value))
  }
}

function filters(out: URLSearchParams, type: Type, conditions: Record<string, unknown>) {
  for (const [key, condition] of Object.entries(conditions)) {
    if (condition === undefined) continue
    const name = `filter[${key}]`
    if (searches[type]?.includes(key)) out.append(name, String(condition))
    else if (Array.isArray(condition)) out.append(`${name}[in]`, list(condition))
    else if (typeof condition === 'object' && condition) {
      for (const [operator, value] of Object.entries(condition)) {
        // Brackets hold no `!`, so that a negated operator stands before the value.
        const [label, before] = operator.startsWith('!') ? [name, `${operator}:`] : [`${name}[${operator}]`, '']
        if (value !== undefined) out.append(label, before + (Array.isArray(value) ? list(value) : String(value)))
      }
    } else out.append(`${name}[eq]`, String(condition))
  }
}

function list(values: readonly unknown[]): string {
  return values.map(value => String(value).replace(/[\\,]/g, '\\$&')).join(',')
}
