// mercurius with its just-in-time compiler and its own loaders, which batch within a request.

import Fastify from 'fastify'
import mercurius from 'mercurius'
import { resolvers, schema } from './graph.mjs'
import { open } from './rows.mjs'

const rows = await open(process.argv[2])
const loader = work => ({ loader: async queries => work(queries), opts: { cache: false } })
const app = Fastify()
app.register(mercurius, {
  schema,
  resolvers: resolvers(rows),
  loaders: {
    Entry: {
      author: loader(queries => rows.peopleOf(queries.map(each => each.obj))),
      tags: loader(queries => rows.tagsOf(queries.map(each => each.obj)))
    },
    Tag: {
      entries: loader(queries => rows.entriesOf(queries.map(each => each.obj), queries[0].params.first))
    }
  },
  jit: 1
})
console.log(await app.listen({ port: 0, host: '127.0.0.1' }), rows.driver)
