-- The rows of Loyalty Commons as somebody would lay them out for PostGraphile alone: flat, indexed, and without permissions.

CREATE SCHEMA bench;
CREATE TABLE bench.person AS SELECT id, name FROM person;
CREATE TABLE bench.tag AS SELECT id, name FROM tag;
CREATE TABLE bench.entry AS
  SELECT entry.id, entry.slug, entry.kind, title, summary, body, entry.updated_at, entry.author_id,
         (SELECT min(stage) FROM entry_stage WHERE entry_id = entry.id) AS stage
  FROM entry JOIN revision ON revision.id = entry.published_revision_id WHERE entry.status = 'PUBLISHED';
CREATE TABLE bench.entry_tag AS SELECT revision_id AS entry_id, tag_id FROM revision_tag;
CREATE TABLE bench.feedback (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  verbatim text NOT NULL,
  channel text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE bench.person ADD PRIMARY KEY (id);
ALTER TABLE bench.tag ADD PRIMARY KEY (id);
ALTER TABLE bench.entry
  ADD PRIMARY KEY (id), ADD UNIQUE (slug), ADD FOREIGN KEY (author_id) REFERENCES bench.person,
  ALTER slug SET NOT NULL, ALTER kind SET NOT NULL, ALTER title SET NOT NULL, ALTER summary SET NOT NULL,
  ADD texts tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', summary), 'B')
    || to_tsvector('english', body)) STORED;
ALTER TABLE bench.entry_tag
  ADD PRIMARY KEY (entry_id, tag_id),
  ADD FOREIGN KEY (entry_id) REFERENCES bench.entry, ADD FOREIGN KEY (tag_id) REFERENCES bench.tag;
CREATE INDEX ON bench.entry (updated_at, id);
CREATE INDEX ON bench.entry (author_id);
CREATE INDEX ON bench.entry_tag (tag_id);
CREATE INDEX ON bench.entry USING gin (texts);

COMMENT ON COLUMN bench.entry.body IS '@behavior -*';
COMMENT ON COLUMN bench.entry.texts IS '@behavior -*';

CREATE FUNCTION bench.entry_tags(entry bench.entry) RETURNS SETOF bench.tag LANGUAGE sql STABLE AS $$
  SELECT tag.* FROM bench.entry_tag JOIN bench.tag ON tag.id = tag_id WHERE entry_id = entry.id ORDER BY tag.name
$$;
COMMENT ON FUNCTION bench.entry_tags IS '@behavior -connection -typeField:resource:connection +list +typeField:resource:list';
CREATE FUNCTION bench.tag_entries(tag bench.tag) RETURNS SETOF bench.entry LANGUAGE sql STABLE AS $$
  SELECT entry.* FROM bench.entry_tag JOIN bench.entry ON entry.id = entry_id WHERE tag_id = tag.id
  ORDER BY entry.updated_at DESC, entry.id DESC
$$;

CREATE FUNCTION bench.any_word(query text) RETURNS tsquery LANGUAGE sql IMMUTABLE AS $$
  SELECT replace(plainto_tsquery('english', query)::text, '&', '|')::tsquery
$$;
COMMENT ON FUNCTION bench.any_word IS '@behavior -*';
CREATE FUNCTION bench.search(query text) RETURNS SETOF bench.entry LANGUAGE sql STABLE AS $$
  SELECT entry.* FROM bench.any_word(query) AS wanted JOIN bench.entry ON texts @@ wanted ORDER BY ts_rank(texts, wanted) DESC
$$;
CREATE FUNCTION bench.facets(query text) RETURNS TABLE (field text, value text, count bigint) LANGUAGE sql STABLE AS $$
  WITH found AS MATERIALIZED (
    SELECT id, kind, stage FROM bench.any_word(query) AS wanted JOIN bench.entry ON texts @@ wanted)
  SELECT 'kind', kind, count(*) FROM found GROUP BY kind
  UNION ALL SELECT 'stage', stage, count(*) FROM found GROUP BY stage
  UNION ALL SELECT 'tag', tag.name, counted.count FROM (SELECT tag_id, count(*) AS count FROM found
    JOIN bench.entry_tag ON entry_id = found.id GROUP BY tag_id) counted
    JOIN bench.tag ON tag.id = tag_id
$$;
ALTER DATABASE bench SET jit = off;
ANALYZE;
