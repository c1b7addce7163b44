// The client: requests by type, and answers whose types follow from what was asked.

import {
  ApiError,
  resolve,
  type Fields,
  type Identifier,
  type IsMany,
  type Path,
  type RawDocument,
  type Relationship,
  type Resource,
  type Target,
  type Type,
} from './documents.js'
import { encode, type ManyQuery, type OneQuery } from './query.js'
import { paths, type Types } from './types.js'

const MEDIA_TYPE = 'application/vnd.api+json'

type Linked<Members> = { [R in keyof Members]: Identifier<Extract<NonNullable<Members[R]>, Type>> | null }
type LinkedMany<Members> = { [R in keyof Members]: Identifier<Extract<NonNullable<Members[R]>, Type>>[] }
type Parts = { id: unknown; attributes: unknown; one: unknown; many: unknown }
type HasRequired<M> = {} extends M ? false : true
type Part<Name extends string, M> = HasRequired<M> extends true ? { [K in Name]: M } : { [K in Name]?: M }
/** What a write sends: attributes, and identifiers by relationship. */
type Sent<S> = S extends Parts
  ? { id?: S['id'] } & Part<'attributes', S['attributes']> & Part<'related', Linked<S['one']> & LinkedMany<S['many']>>
  : never
export type CreateOf<T extends Type> = Sent<Types[T]['create']>
export type UpdateOf<T extends Type> = Sent<Types[T]['update']>
export type Creatable = { [T in Type]: [Types[T]['create']] extends [never] ? never : T }[Type]
export type Updatable = { [T in Type]: [Types[T]['update']] extends [never] ? never : T }[Type]

/** A single resource, and what the document says beside it. */
export type Answer<R, M = {}> = R & { document: { links: RawDocument['links']; meta: M } }

/** A page of a collection. */
export class Page<R> implements Iterable<R> {
  constructor(
    readonly data: readonly R[],
    readonly links: RawDocument['links'],
    readonly meta: { total?: number; page?: { total?: number } },
    private readonly follow: (url: string) => Promise<Page<R>>,
  ) {}

  get total(): number | undefined {
    return this.meta.total ?? this.meta.page?.total
  }

  /** The next page; null behind the last one. */
  async next(): Promise<Page<R> | null> {
    const link = this.links['next']
    if (!link) return null
    return this.follow(typeof link === 'string' ? link : link.href)
  }

  [Symbol.iterator](): Iterator<R> {
    return this.data[Symbol.iterator]()
  }

  /** This page's resources and those of all that follow. */
  async *all(): AsyncGenerator<R> {
    for (let page: Page<R> | null = this; page; page = await page.next()) yield* page
  }
}

export interface Options {
  /** Where the server is, e.g. `https://chat.example.com`. */
  url: string
  token?: string
  fetch?: typeof globalThis.fetch
}

export class Client {
  /** The bearer token of every request. */
  token: string | undefined
  private readonly base: string
  private readonly fetch: typeof globalThis.fetch

  constructor(options: Options) {
    this.base = `${options.url.replace(/\/+$/, '')}/api/v1`
    this.token = options.token
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis)
  }

  async list<T extends Type, const I extends Path<T> = never, const F extends Fields = {}>(
    type: T,
    query: ManyQuery<T, I, F> = {} as ManyQuery<T, I, F>,
  ): Promise<Page<Resource<T, I, F>>> {
    return this.page(`${this.base}/${paths[type]}${encode(type, query)}`)
  }

  async get<T extends Type, const I extends Path<T> = never, const F extends Fields = {}>(
    type: T,
    id: string,
    query: OneQuery<I, F> = {},
  ): Promise<Answer<Resource<T, I, F>>> {
    return this.one('GET', this.at(type, id) + encode(type, query))
  }

  /** What a relationship leads to: a page, or a resource or null. */
  async related<
    T extends Type,
    R extends Relationship<T>,
    const I extends Path<Target<T, R>> = never,
    const F extends Fields = {},
  >(
    owner: Identifier<T>,
    name: R,
    query: IsMany<T, R> extends true ? ManyQuery<Target<T, R>, I, F> : OneQuery<I, F> = {} as never,
  ): Promise<IsMany<T, R> extends true ? Page<Resource<Target<T, R>, I, F>> : Resource<Target<T, R>, I, F> | null> {
    const url = `${this.at(owner.type, owner.id)}/${name}${encode(owner.type, query)}`
    const document = await this.send('GET', url)
    return (Array.isArray(document?.data) ? this.paged(document) : document && resolve(document)) as never
  }

  async create<T extends Creatable, const I extends Path<T> = never, const F extends Fields = {}>(
    type: T,
    sent: CreateOf<T>,
    query: OneQuery<I, F> = {},
  ): Promise<Answer<Resource<T, I, F>, Types[T]['createdMeta']>> {
    return this.one('POST', `${this.base}/${paths[type]}${encode(type, query)}`, body(type, sent as Body))
  }

  async update<T extends Updatable, const I extends Path<T> = never, const F extends Fields = {}>(
    { type, id }: Identifier<T>,
    sent: Omit<UpdateOf<T>, 'id'>,
    query: OneQuery<I, F> = {},
  ): Promise<Answer<Resource<T, I, F>>> {
    return this.one('PATCH', this.at(type, id) + encode(type, query), body(type, { ...sent, id } as Body))
  }

  async delete({ type, id }: Identifier<Type>): Promise<void> {
    await this.send('DELETE', this.at(type, id))
  }

  /** Adds to a to-many relationship. */
  async add<T extends Type, R extends keyof Types[T]['many'] & string>(
    owner: Identifier<T>,
    name: R,
    members: readonly Identifier<Target<T, R>>[],
  ): Promise<void> {
    await this.send('POST', this.linkage(owner, name), { data: members.map(identifier) })
  }

  /** Removes from a to-many relationship. */
  async remove<T extends Type, R extends keyof Types[T]['many'] & string>(
    owner: Identifier<T>,
    name: R,
    members: readonly Identifier<Target<T, R>>[],
  ): Promise<void> {
    await this.send('DELETE', this.linkage(owner, name), { data: members.map(identifier) })
  }

  /** Sets a to-one relationship. */
  async replace<T extends Type, R extends keyof Types[T]['one'] & string>(
    owner: Identifier<T>,
    name: R,
    member: Identifier<Target<T, R>> | null,
  ): Promise<void> {
    await this.send('PATCH', this.linkage(owner, name), { data: member && identifier(member) })
  }

  private at(type: Type, id: string): string {
    return `${this.base}/${paths[type]}/${encodeURIComponent(id)}`
  }

  private linkage(owner: Identifier<Type>, name: string): string {
    return `${this.at(owner.type, owner.id)}/relationships/${name}`
  }

  private async one<R>(method: string, url: string, sent?: unknown): Promise<R> {
    const document = await this.send(method, url, sent)
    if (!document) throw new ApiError(204, [])
    const { links, meta } = document
    return Object.assign(resolve(document) as object, { document: { links, meta: meta ?? {} } }) as R
  }

  private async page<R>(url: string): Promise<Page<R>> {
    const document = await this.send('GET', url)
    if (!document) throw new ApiError(204, [])
    return this.paged(document)
  }

  private paged<R>(document: RawDocument): Page<R> {
    return new Page(resolve(document) as R[], document.links, document.meta ?? {}, url => this.page(url))
  }

  private async send(method: string, url: string, sent?: unknown): Promise<RawDocument | null> {
    const headers: Record<string, string> = { Accept: MEDIA_TYPE }
    if (this.token) headers['Authorization'] = `Bearer ${this.token}`
    if (sent !== undefined) headers['Content-Type'] = MEDIA_TYPE
    const answer = await this.fetch(url, { method, headers, ...(sent === undefined ? {} : { body: JSON.stringify(sent) }) })
    const text = await answer.text()
    if (answer.ok) return text ? JSON.parse(text) : null
    throw new ApiError(answer.status, errors(text))
  }
}

/** A proxy on the way may answer with something else. */
function errors(text: string) {
  try {
    return JSON.parse(text).errors ?? []
  } catch {
    return []
  }
}

function identifier({ type, id }: Identifier<Type>) {
  return { type, id }
}

/** What a write sends, whatever its type. */
type Body = { id?: unknown; attributes?: unknown; related?: object }

function body(type: Type, sent: Body) {
  const bare = (linked: Identifier<Type> | Identifier<Type>[] | null) =>
    Array.isArray(linked) ? linked.map(identifier) : linked && identifier(linked)
  const relationships = Object.entries(sent.related ?? {}).map(([name, linked]) => [name, { data: bare(linked) }])
  return {
    data: {
      type,
      ...(sent.id === undefined ? {} : { id: sent.id }),
      ...(sent.attributes === undefined ? {} : { attributes: sent.attributes }),
      ...(relationships.length ? { relationships: Object.fromEntries(relationships) } : {}),
    },
  }
}
