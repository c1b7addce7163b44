// Resources as a client sees them: linkage replaced by what was included, exactly as far as the include paths go.

import type { ErrorCode, Types } from './types.js'

export type Type = keyof Types
type One<T extends Type> = Types[T]['one']
type Many<T extends Type> = Types[T]['many']
type Unbounded<T extends Type> = Types[T]['unbounded']
type Related<T extends Type> = One<T> & Many<T> & Unbounded<T>
export type Relationship<T extends Type> = keyof Related<T> & string
/** The type that a relationship leads to. */
export type Target<T extends Type, R extends string> = R extends keyof Related<T> ? Extract<Related<T>[R], Type> : never
export type IsMany<T extends Type, R extends string> = R extends keyof Many<T> | keyof Unbounded<T> ? true : false

type Shorter = [never, 0, 1, 2, 3]
type Step<T extends Type> = (keyof One<T> | keyof Many<T>) & string

/** What `include` takes: paths of at most four steps. */
export type Path<T extends Type, Steps extends number = 4> = [Steps] extends [0]
  ? never
  : { [R in Step<T>]: R | `${R}.${Path<Target<T, R>, Shorter[Steps] & number>}` }[Step<T>]

/** The first steps of paths, and what follows one of them. */
type Head<I extends string> = I extends `${infer First}.${string}` ? First : I
type Behind<I extends string, R extends string> = I extends `${R}.${infer Rest}` ? Rest : never

export interface Identifier<T extends Type> {
  type: T
  id: string
}

/** Which fields of which types are asked for. */
export type Fields = { readonly [T in Type]?: readonly (keyof Types[T]['attributes'] | Relationship<T>)[] }

type Picked<T extends Type, F extends Fields> = F extends { readonly [K in T]: readonly (infer Name)[] } ? Name : unknown
type Kept<Members, Names> = unknown extends Names ? Members : Pick<Members, Names & keyof Members>

/** A resource; `I` are the paths that were included, `F` the fields that were asked for. */
export interface Resource<T extends Type, I extends string = never, F extends Fields = {}> extends Identifier<T> {
  attributes: Kept<Types[T]['attributes'], Picked<T, F>>
  related: Kept<
    {
      [R in keyof One<T>]: R extends Head<I>
        ? Resource<Extract<One<T>[R], Type>, Behind<I, R & string>, F> | null
        : Identifier<Extract<One<T>[R], Type>> | null
    } & {
      [R in keyof Many<T> as R extends Head<I> ? R : never]: Resource<Extract<Many<T>[R], Type>, Behind<I, R & string>, F>[]
    },
    Picked<T, F>
  >
  links: { self: string }
  meta: Types[T]['meta'] & { page?: { cursor: string } }
}

export interface ErrorObject {
  status: string
  code: ErrorCode
  title: string
  detail: string
  source?: { pointer?: string; parameter?: string; header?: string }
  meta?: Record<string, unknown>
}

/** The server refused. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly errors: readonly ErrorObject[],
  ) {
    super(errors.map(error => error.detail).join(' ') || `status ${status}`)
    this.name = 'ApiError'
  }

  /** Whether one of the errors has this code. */
  has(code: ErrorCode): boolean {
    return this.errors.some(error => error.code === code)
  }
}

// As on the wire.
interface Raw {
  type: string
  id: string
  attributes?: Record<string, unknown>
  relationships?: Record<string, { data?: Identifier<Type> | Identifier<Type>[] | null }>
  links: { self: string }
  meta?: Record<string, unknown>
}

export interface RawDocument {
  data: Raw | Raw[] | null
  included?: Raw[]
  links: Record<string, string | { href: string } | null>
  meta?: Record<string, unknown>
}

/** Resources with their linkage resolved, each of them one object however often it is linked to. */
export function resolve(document: RawDocument): unknown {
  const primary = Array.isArray(document.data) ? document.data : document.data ? [document.data] : []
  const all = new Map([...primary, ...(document.included ?? [])].map(raw => [key(raw), { raw, made: shell(raw) }]))
  for (const { raw, made } of all.values()) {
    for (const [name, { data }] of Object.entries(raw.relationships ?? {})) {
      const find = (one: Identifier<Type>) => all.get(key(one))?.made ?? one
      if (data !== undefined) made.related[name] = Array.isArray(data) ? data.map(find) : data && find(data)
    }
  }
  const made = (raw: Raw) => all.get(key(raw))?.made
  return Array.isArray(document.data) ? document.data.map(made) : document.data && made(document.data)
}

function key({ type, id }: { type: string; id: string }): string {
  return `${type} ${id}`
}

function shell({ type, id, attributes, links, meta }: Raw) {
  const related: Record<string, unknown> = {}
  return { type, id, attributes: attributes ?? {}, related, links, meta: meta ?? {} }
}
