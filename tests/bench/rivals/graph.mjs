// The schema that both servers over SQLite answer: of Loyalty Commons' own, what is asked of it here.

import { cursor, identity, moment } from './rows.mjs'

export const schema = `
  enum Kind { ${['BEST_PRACTICE', 'STORY'].join(' ')} }
  type Query { entries(first: Int = 20, after: String): EntryConnection! entry(slug: String!): Entry }
  type Entry {
    id: ID! slug: String! title: String! summary: String! kind: Kind! updatedAt: String! author: Person tags: [Tag!]!
  }
  type Person { name: String! }
  type Tag { name: String! entries(first: Int = 20): EntryConnection! }
  type EntryConnection { nodes: [Entry!]! edges: [EntryEdge!]! pageInfo: PageInfo! totalCount: Int! }
  type EntryEdge { cursor: String! node: Entry! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`

// Author, tags and a tag's entries come from loaders, which are the server's own and so not here.
export const resolvers = rows => ({
  Query: {
    entries: (_, { first, after }) => rows.page(first, after),
    entry: (_, { slug }) => rows.entry(slug)
  },
  Entry: { id: row => identity('Entry', row), updatedAt: row => moment(row.updated) },
  EntryConnection: {
    nodes: page => page.rows,
    edges: page => page.rows,
    totalCount: () => rows.count(),
    pageInfo: page => page
  },
  EntryEdge: { cursor, node: row => row },
  PageInfo: {
    hasNextPage: page => page.more,
    hasPreviousPage: page => page.before,
    startCursor: page => page.rows.length ? cursor(page.rows[0]) : null,
    endCursor: page => page.rows.length ? cursor(page.rows.at(-1)) : null
  }
})
