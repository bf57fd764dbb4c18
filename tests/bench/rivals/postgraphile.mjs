// PostGraphile over PostgreSQL, of whose schema it makes GraphQL.

import { createServer } from 'node:http'
import { PgSimplifyInflectionPreset } from '@graphile/simplify-inflection'
import { grafserv } from 'postgraphile/grafserv/node'
import { makePgService } from 'postgraphile/adaptors/pg'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { postgraphile } from 'postgraphile'

const preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset],
  pgServices: [makePgService({ connectionString: process.argv[2], schemas: ['bench'], poolConfig: { max: 8 } })],
  grafserv: { graphqlPath: '/graphql', graphiql: false, websockets: false, watch: false },
  grafast: { explain: false },
  schema: { defaultBehavior: '' }
}
const server = createServer()
server.on('error', error => { throw error })
const serving = postgraphile(preset).createServ(grafserv)
await serving.addTo(server)
if (process.argv[3] === 'print') {
  const { printSchema } = await import('graphql')
  console.log(printSchema((await serving.getSchema?.() ?? (await postgraphile(preset).getSchema()))))
}
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
