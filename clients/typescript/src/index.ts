export * from './client.js'
export * from './documents.js'
export * from './query.js'
export type { ErrorCode, Types } from './types.js'
