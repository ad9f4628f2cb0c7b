"""The functions of the schema: a queue whose order is decided where each statement sees the newest.

Inside one SQL statement everything sees one snapshot, so it could not wait for another
transaction and then look what that one did. The statements of a PL/pgSQL function each see what is
committed. So whatever changes the order of a subject's tasks meets at an advisory lock of that
subject, and then looks. Claims wait for nobody: they take what is not locked.
"""

from __future__ import annotations

from incidentkit.stores.postgres.faults import CHANGED, REFUSED

MIGRATION_LOCK = 6_045_116_100_117_115
"""The advisory lock that migrations take alone, and everything that writes shares."""
STEADY = (
    "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off"
)

# Not now(): in a host's transaction that is when the transaction began, and time would stand still.
NOW = """
CREATE FUNCTION ik_now() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint $$
"""

REQUIRE = f"""
CREATE FUNCTION ik_require(ok boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF ok IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '{REFUSED}', MESSAGE = 'refused';
  END IF;
  RETURN true;
END $$
"""

ENTER = f"""
CREATE FUNCTION ik_enter(p_number bigint, p_epoch bigint, p_now bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE found record; entered boolean;
BEGIN
  entered := pg_advisory_xact_lock_shared({MIGRATION_LOCK}) IS NULL;
  SELECT s.number, s.epoch INTO found FROM ik_schema AS s;
  IF found.number <> p_number OR found.epoch <> p_epoch THEN
    RAISE EXCEPTION USING ERRCODE = '{CHANGED}', MESSAGE = 'the schema was changed';
  END IF;
  RETURN coalesce(p_now, ik_now());
END $$
"""

SUBJECT = """
CREATE FUNCTION ik_subject(p_subject text) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT hashtext(p_subject) & 1023 $$
"""

LOCK = f"""
CREATE FUNCTION ik_lock(p_tenant text, p_subjects text[], p_tasks text[]) RETURNS boolean
LANGUAGE plpgsql {STEADY} AS $$
DECLARE mine integer := hashtext(p_tenant); held text; locked boolean;
BEGIN
  IF cardinality(p_tasks) = 1 AND cardinality(p_subjects) = 0 THEN
    SELECT t.subject INTO held FROM ik_task AS t WHERE t.tenant = p_tenant AND t.id = p_tasks[1];
    IF FOUND THEN
      locked := pg_advisory_xact_lock(mine, ik_subject(held)) IS NULL;
    END IF;
    RETURN true;
  END IF;
  PERFORM pg_advisory_xact_lock(mine, x.n) FROM (
    SELECT ik_subject(s.subject) AS n FROM unnest(p_subjects) AS s(subject) UNION ALL
    SELECT ik_subject(t.subject) FROM ik_task AS t
      WHERE t.tenant = p_tenant AND t.id = ANY (p_tasks)
    ORDER BY 1
  ) AS x;
  RETURN true;
END $$
"""

PROMOTE = """
CREATE FUNCTION ik_promote(p_tenant text, p_subject text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE head record; waiting record;
BEGIN
  SELECT t.id, t.ord INTO waiting FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.subject = p_subject AND t.state = 'blocked'
    ORDER BY t.ord, t.id LIMIT 1;
  IF NOT FOUND THEN RETURN false; END IF;
  SELECT t.id, t.ord, t.state INTO head FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.subject = p_subject AND t.state IN ('ready', 'leased')
    FOR UPDATE;
  IF FOUND THEN
    IF head.state = 'leased' OR (head.ord, head.id) < (waiting.ord, waiting.id) THEN
      RETURN false;
    END IF;
    UPDATE ik_task SET state = 'blocked' WHERE tenant = p_tenant AND id = head.id;
  END IF;
  UPDATE ik_task SET state = 'ready' WHERE tenant = p_tenant AND id = waiting.id;
  RETURN true;
END $$
"""

ADD = """
CREATE FUNCTION ik_add(
  p_tenant text, p_id text, p_queue text, p_subject text, p_ord bigint, p_priority bigint,
  p_due bigint, p_channel text, p_body text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE old record; head record; becomes text := 'ready';
BEGIN
  SELECT t.subject, t.ord, t.state INTO old FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.id = p_id FOR UPDATE;
  IF FOUND THEN
    IF old.subject = p_subject AND old.ord = p_ord AND old.state IN ('ready', 'blocked') THEN
      becomes := old.state;
    ELSE
      becomes := 'blocked';
    END IF;
    UPDATE ik_task SET queue = p_queue, subject = p_subject, ord = p_ord, priority = p_priority,
      due_at = p_due, channel = p_channel, body = p_body, state = becomes, next_at = p_due,
      token = '', tries = 0, lapses = 0, why = ''
      WHERE tenant = p_tenant AND id = p_id;
    IF old.subject <> p_subject OR old.ord <> p_ord OR old.state NOT IN ('ready', 'blocked') THEN
      PERFORM ik_promote(p_tenant, p_subject);
      IF old.subject <> p_subject THEN
        PERFORM ik_promote(p_tenant, old.subject);
      END IF;
    END IF;
    RETURN;
  END IF;
  SELECT t.id, t.ord, t.state INTO head FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.subject = p_subject AND t.state IN ('ready', 'leased')
    FOR UPDATE;
  IF FOUND THEN
    IF head.state = 'ready' AND (p_ord, p_id) < (head.ord, head.id COLLATE "C") THEN
      UPDATE ik_task SET state = 'blocked' WHERE tenant = p_tenant AND id = head.id;
    ELSE
      becomes := 'blocked';
    END IF;
  END IF;
  INSERT INTO ik_task (tenant, id, queue, subject, ord, priority, due_at, channel, body, state,
    next_at, token, tries, lapses, why)
    VALUES (p_tenant, p_id, p_queue, p_subject, p_ord, p_priority, p_due, p_channel, p_body,
      becomes, p_due, '', 0, 0, '');
END $$
"""

ADD_ALL = f"""
CREATE FUNCTION ik_add_all(
  p_tenant text, p_ids text[], p_queues text[], p_subjects text[], p_ords bigint[],
  p_priorities bigint[], p_dues bigint[], p_channels text[], p_bodies text[]
) RETURNS boolean LANGUAGE plpgsql {STEADY} AS $$
DECLARE made text[]; wanted bigint := cardinality(p_ids);
BEGIN
  -- Most are new, and the first of their subject: no other index stands in their way.
  WITH fresh AS (
    INSERT INTO ik_task (tenant, id, queue, subject, ord, priority, due_at, channel, body, state,
      next_at, token, tries, lapses, why)
      SELECT p_tenant, u.id, u.queue, u.subject, u.ord, u.priority, u.due, u.channel, u.body,
        'ready', u.due, '', 0, 0, '' FROM unnest(p_ids, p_queues, p_subjects, p_ords,
        p_priorities, p_dues, p_channels, p_bodies)
        AS u(id, queue, subject, ord, priority, due, channel, body)
      ON CONFLICT DO NOTHING RETURNING id
  ) SELECT array_agg(fresh.id) INTO made FROM fresh;
  IF cardinality(made) = wanted THEN RETURN true; END IF;
  FOR n IN 1 .. wanted LOOP
    CONTINUE WHEN p_ids[n] = ANY (made);
    PERFORM ik_add(p_tenant, p_ids[n], p_queues[n], p_subjects[n], p_ords[n], p_priorities[n],
      p_dues[n], p_channels[n], p_bodies[n]);
  END LOOP;
  RETURN true;
END $$
"""

CANCEL = f"""
CREATE FUNCTION ik_cancel(p_tenant text, p_ids text[]) RETURNS boolean
LANGUAGE plpgsql {STEADY} AS $$
DECLARE was record; name text;
BEGIN
  FOREACH name IN ARRAY p_ids LOOP
    DELETE FROM ik_task AS t WHERE t.tenant = p_tenant AND t.id = name
      RETURNING t.state, t.subject INTO was;
    IF FOUND AND was.state IN ('ready', 'leased') THEN
      PERFORM ik_promote(p_tenant, was.subject);
    END IF;
  END LOOP;
  RETURN true;
END $$
"""

MOVE = f"""
CREATE FUNCTION ik_move(p_tenant text, p_ids text[], p_dues bigint[]) RETURNS boolean
LANGUAGE plpgsql {STEADY} AS $$
DECLARE was record;
BEGIN
  FOR n IN 1 .. cardinality(p_ids) LOOP
    SELECT t.state, t.subject INTO was FROM ik_task AS t
      WHERE t.tenant = p_tenant AND t.id = p_ids[n] FOR UPDATE;
    CONTINUE WHEN NOT FOUND OR was.state = 'leased';
    UPDATE ik_task AS t SET next_at = p_dues[n], due_at = p_dues[n],
      lapses = CASE was.state WHEN 'parked' THEN 0 ELSE t.lapses END,
      state = CASE was.state WHEN 'parked' THEN 'blocked' ELSE t.state END
      WHERE t.tenant = p_tenant AND t.id = p_ids[n];
    IF was.state = 'parked' THEN
      PERFORM ik_promote(p_tenant, was.subject);
    END IF;
  END LOOP;
  RETURN true;
END $$
"""

SETTLE = f"""
CREATE FUNCTION ik_settle(
  p_tenant text, p_ids text[], p_tokens text[], p_states text[], p_ats bigint[], p_whys text[]
) RETURNS boolean[] LANGUAGE plpgsql {STEADY} AS $$
DECLARE owner text; promoted boolean; answers boolean[] := '{{}}';
BEGIN
  FOR n IN 1 .. cardinality(p_ids) LOOP
    IF p_states[n] = 'done' THEN
      DELETE FROM ik_task AS t WHERE t.tenant = p_tenant AND t.id = p_ids[n]
        AND t.state = 'leased' AND t.token = p_tokens[n] RETURNING t.subject INTO owner;
    ELSE
      UPDATE ik_task AS t SET state = p_states[n], token = '', why = p_whys[n],
        next_at = coalesce(p_ats[n], t.next_at)
        WHERE t.tenant = p_tenant AND t.id = p_ids[n]
        AND t.state = 'leased' AND t.token = p_tokens[n] RETURNING t.subject INTO owner;
    END IF;
    answers := answers || FOUND;
    IF FOUND THEN
      promoted := ik_promote(p_tenant, owner);
    END IF;
  END LOOP;
  RETURN answers;
END $$
"""

ALL = (NOW, REQUIRE, ENTER, SUBJECT, LOCK, PROMOTE, ADD, ADD_ALL, CANCEL, MOVE, SETTLE)
"""In the order in which they are made."""
