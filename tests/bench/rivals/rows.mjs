// The rows of a store of Loyalty Commons, read as a good Node service reads them: prepared statements, one for each batch.

import { existsSync } from 'node:fs'

const OPEN = {
  async 'better-sqlite3' (path) {
    const { default: Database } = await import('better-sqlite3')
    return new Database(path, { readonly: true })
  },
  async 'node:sqlite' (path) {
    const { DatabaseSync } = await import('node:sqlite')
    return new DatabaseSync(path, { readOnly: true })
  },
  async libsql (path) {
    const { default: Database } = await import('libsql')
    return new Database(path)
  }
}

export async function open (path) {
  if (!existsSync(path)) throw new Error(`There is no ${path}.`)
  const wanted = process.env.BENCH_DRIVER
  for (const name of wanted ? [wanted] : Object.keys(OPEN)) {
    try {
      const db = await OPEN[name](path)
      db.exec('PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456')
      return { ...reading(db), driver: name }
    } catch (error) {
      if (wanted) throw error
    }
  }
  throw new Error('No driver of SQLite works here.')
}

const COLUMNS = `entry.id, entry.uid, entry.slug, entry.kind, entry.updated_at AS updated, entry.author_id AS author,
  revision.id AS revision, revision.title, revision.summary`
const PUBLISHED = `FROM entry JOIN revision ON revision.id = entry.published_revision_id WHERE entry.status = 'PUBLISHED'`
const NEWEST = 'ORDER BY entry.updated_at DESC, entry.id DESC'

function reading (db) {
  const first = db.prepare(`SELECT ${COLUMNS} ${PUBLISHED} ${NEWEST} LIMIT ?`)
  const after = db.prepare(
    `SELECT ${COLUMNS} ${PUBLISHED} AND (entry.updated_at, entry.id) < (?, ?) ${NEWEST} LIMIT ?`)
  const counted = db.prepare(`SELECT count(*) AS count FROM entry WHERE status = 'PUBLISHED'`)
  const named = db.prepare(`SELECT ${COLUMNS} ${PUBLISHED} AND entry.slug = ?`)
  const people = batched(db, marks => `SELECT id, name FROM person WHERE id IN (${marks})`)
  const tags = batched(db, marks => `SELECT revision_id AS revision, tag.id, tag.name FROM revision_tag
    JOIN tag ON tag.id = tag_id WHERE revision_id IN (${marks}) ORDER BY tag.name`)
  // Only the keys are ranked: titles and summaries are read of those few that are shown.
  const tagged = batched(db, marks => `SELECT ${COLUMNS}, tag FROM (SELECT entry.id AS ranked, tag_id AS tag,
    row_number() OVER (PARTITION BY tag_id ${NEWEST}) AS place
    FROM revision_tag JOIN revision ON revision.id = revision_id
    JOIN entry ON entry.id = revision.entry_id AND entry.published_revision_id = revision.id
    WHERE tag_id IN (${marks}) AND entry.status = 'PUBLISHED') JOIN entry ON entry.id = ranked
    JOIN revision ON revision.id = entry.published_revision_id WHERE place <= ? ORDER BY tag, place`)
  return {
    page (size, cursor) {
      const rows = cursor ? after.all(...decoded(cursor), size + 1) : first.all(size + 1)
      return { rows: rows.slice(0, size), more: rows.length > size, before: Boolean(cursor) }
    },
    count: () => counted.get().count,
    entry: slug => named.get(slug),
    peopleOf (entries) {
      const found = new Map(people([...new Set(entries.map(each => each.author))]).map(each => [each.id, each]))
      return entries.map(each => found.get(each.author))
    },
    tagsOf: entries => grouped(tags(entries.map(each => each.revision)), 'revision', entries.map(each => each.revision)),
    entriesOf (wanted, size) {
      const ids = wanted.map(each => each.id)
      return grouped(tagged([...new Set(ids)], size + 1), 'tag', ids)
        .map(rows => ({ rows: rows.slice(0, size), more: rows.length > size, before: false }))
    }
  }
}

function batched (db, statement) {
  const prepared = new Map()
  return (keys, ...more) => {
    if (!prepared.has(keys.length)) prepared.set(keys.length, db.prepare(statement(keys.map(() => '?').join())))
    return prepared.get(keys.length).all(...keys, ...more)
  }
}

function grouped (rows, key, wanted) {
  const found = new Map()
  for (const row of rows) {
    const group = found.get(row[key])
    if (group) group.push(row)
    else found.set(row[key], [row])
  }
  return wanted.map(each => found.get(each) ?? [])
}

export const moment = text => `${text.slice(0, 10)}T${text.slice(11, 19)}+00:00`
export const identity = (kind, row) => Buffer.concat([Buffer.from(`${kind}:`), Buffer.from(row.uid, 'hex')]).toString('base64url')
export const cursor = row => Buffer.from(JSON.stringify(['UPDATED_DESC', moment(row.updated), row.id])).toString('base64url')

function decoded (text) {
  const [, at, id] = JSON.parse(Buffer.from(text, 'base64url').toString())
  return [`${at.slice(0, 10)} ${at.slice(11, 19)}.000000`, id]
}
