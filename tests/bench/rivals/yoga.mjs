// GraphQL Yoga with graphql-jit, and dataloader for what is batched within a request.

import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import DataLoader from 'dataloader'
import { createSchema, createYoga } from 'graphql-yoga'
import { resolvers, schema } from './graph.mjs'
import { open } from './rows.mjs'

const rows = await open(process.argv[2])
const loader = work => new DataLoader(async keys => work(keys), { cache: false })
const from = resolvers(rows)
const yoga = createYoga({
  schema: createSchema({
    typeDefs: schema,
    resolvers: {
      ...from,
      Entry: {
        ...from.Entry,
        author: (row, _, context) => context.people.load(row),
        tags: (row, _, context) => context.tags.load(row)
      },
      Tag: { entries: (tag, { first }, context) => context.tagged(first).load(tag) }
    }
  }),
  context: () => {
    const sizes = new Map()
    return {
      people: loader(rows.peopleOf),
      tags: loader(rows.tagsOf),
      tagged (size) {
        if (!sizes.has(size)) sizes.set(size, loader(tags => rows.entriesOf(tags, size)))
        return sizes.get(size)
      }
    }
  },
  plugins: [useGraphQlJit()],
  logging: false,
  graphiql: false,
  landingPage: false
})
const server = createServer(yoga)
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`, rows.driver))
