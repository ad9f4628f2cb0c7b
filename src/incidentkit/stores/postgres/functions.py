"""The functions of the schema: a queue whose order is decided where each statement sees the newest.

Inside one SQL statement everything sees one snapshot, so it could not wait for another
transaction and then look what that one did. The statements of a PL/pgSQL function each see what is
committed. So whatever changes the order of a subject's tasks meets at an advisory lock of that
subject, and then looks. Claims wait for nobody: they take what is not locked.
"""

from __future__ import annotations

from incidentkit.ports.rows import LAPSES_BEFORE_PARKING
from incidentkit.stores.claiming import PARKED_WHY
from incidentkit.stores.postgres.faults import CHANGED, REFUSED

MIGRATION_LOCK = 6_045_116_100_117_115
"""The advisory lock that migrations take alone, and everything that writes shares."""
_WALKED = 64
_STEADY = (
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
LANGUAGE plpgsql {_STEADY} AS $$
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
) RETURNS boolean LANGUAGE plpgsql {_STEADY} AS $$
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
LANGUAGE plpgsql {_STEADY} AS $$
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
LANGUAGE plpgsql {_STEADY} AS $$
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
) RETURNS boolean[] LANGUAGE plpgsql {_STEADY} AS $$
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

SOONEST = """
CREATE FUNCTION ik_soonest(p_tenant text, p_skip text[], OUT channels text[], OUT soonest bigint)
LANGUAGE plpgsql AS $$
DECLARE name text; at_ bigint; step bigint;
BEGIN
  channels := '{}';
  SELECT t.channel, t.next_at INTO name, at_ FROM ik_task AS t WHERE t.state = 'ready'
    ORDER BY t.channel, t.next_at LIMIT 1;
  WHILE FOUND LOOP
    IF name <> ALL (p_skip) THEN
      channels := channels || name;
      soonest := least(soonest, at_);
    END IF;
    SELECT t.channel, t.next_at INTO name, at_ FROM ik_task AS t WHERE t.state = 'ready'
      AND t.channel > name ORDER BY t.channel, t.next_at LIMIT 1;
  END LOOP;
  IF p_tenant IS NULL THEN RETURN; END IF;
  soonest := NULL;
  SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant = p_tenant
    ORDER BY t.priority LIMIT 1;
  WHILE FOUND LOOP
    SELECT min(x.next_at) INTO at_ FROM unnest(channels) AS c(channel), LATERAL (
      SELECT t.next_at FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant = p_tenant
      AND t.priority = step AND t.channel = c.channel ORDER BY t.next_at LIMIT 1
    ) AS x;
    soonest := least(soonest, at_);
    SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready'
      AND t.tenant = p_tenant AND t.priority > step ORDER BY t.priority LIMIT 1;
  END LOOP;
END $$
"""

LEASED = """
CREATE FUNCTION ik_leased(p_tenant text, p_skip text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE found_ bigint;
BEGIN
  SELECT t.next_at INTO found_ FROM ik_task AS t WHERE t.state = 'leased'
    AND (p_tenant IS NULL OR t.tenant = p_tenant) AND t.channel <> ALL (p_skip)
    ORDER BY t.next_at LIMIT 1;
  RETURN found_;
END $$
"""

_ROW = """
  o_at bigint, o_next_at bigint, o_served text, o_rank bigint[], o_tenant text, o_id text,
  o_queue text, o_subject text, o_ord bigint, o_priority bigint, o_due_at bigint,
  o_channel text, o_body text, o_token text, o_tries bigint, o_lapses bigint, o_until bigint
"""
_HANDED = """o_tenant := got.tenant; o_id := got.id; o_queue := got.queue; o_subject := got.subject;
  o_ord := got.ord; o_priority := got.priority; o_due_at := got.due_at;
  o_channel := got.channel; o_body := got.body; o_tries := got.tries + 1; o_until := until;
  o_token := replace(gen_random_uuid()::text, '-', '');"""

LAPSED = f"""
CREATE FUNCTION ik_lapsed(p_now bigint, p_tenant text, p_skip text[]) RETURNS SETOF ik_task
LANGUAGE plpgsql AS $$
DECLARE got ik_task%ROWTYPE; promoted boolean;
BEGIN
  LOOP
    SELECT t.* INTO got FROM ik_task AS t WHERE t.state = 'leased' AND t.next_at <= p_now
      AND (p_tenant IS NULL OR t.tenant = p_tenant) AND t.channel <> ALL (p_skip)
      ORDER BY t.next_at, t.tenant, t.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    IF got.lapses + 1 < {LAPSES_BEFORE_PARKING} THEN
      RETURN NEXT got;
      EXIT;
    END IF;
    -- Whoever holds the subject may wait for this very row, so nobody is waited for here.
    EXIT WHEN NOT pg_try_advisory_xact_lock(hashtext(got.tenant), ik_subject(got.subject));
    UPDATE ik_task AS t SET state = 'parked', token = '', lapses = t.lapses + 1,
      why = '{PARKED_WHY}' WHERE t.tenant = got.tenant AND t.id = got.id;
    promoted := ik_promote(got.tenant, got.subject);
  END LOOP;
END $$
"""

TENANTS = f"""
CREATE FUNCTION ik_tenants(
  p_now bigint, p_limit bigint, p_channels text[], p_served text,
  OUT names text[], OUT walked text[], OUT further text
) LANGUAGE plpgsql AS $$
DECLARE
  least_ text; last_ text; due bigint; page bigint := 4 * least(p_limit, 1000) + 64;
BEGIN
  SELECT t.tenant INTO least_ FROM ik_task AS t WHERE t.state = 'ready' ORDER BY t.tenant LIMIT 1;
  SELECT t.tenant INTO last_ FROM ik_task AS t WHERE t.state = 'ready'
    ORDER BY t.tenant DESC LIMIT 1;
  IF least_ = last_ THEN
    names := ARRAY[least_];
    RETURN;
  END IF;
  SELECT array_agg(DISTINCT x.tenant), count(*) INTO names, due FROM (
    SELECT d.tenant FROM unnest(p_channels) AS c(channel), LATERAL (
      SELECT t.tenant, t.next_at FROM ik_task AS t WHERE t.state = 'ready'
      AND t.channel = c.channel AND t.next_at <= p_now ORDER BY t.next_at LIMIT page
    ) AS d ORDER BY d.next_at LIMIT page
  ) AS x;
  names := ARRAY(SELECT x FROM unnest(names) AS x
    ORDER BY x COLLATE "C" <= p_served, x COLLATE "C");
  IF due < page THEN RETURN; END IF;
  -- Too many to read them all: tenant by tenant, behind the one that was served last.
  walked := ARRAY(
    WITH RECURSIVE w(tenant) AS (
      (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant > p_served
       ORDER BY t.tenant LIMIT 1)
      UNION ALL
      SELECT (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready'
        AND t.tenant > w.tenant ORDER BY t.tenant LIMIT 1) FROM w WHERE w.tenant IS NOT NULL
    ) SELECT w.tenant FROM w WHERE w.tenant IS NOT NULL LIMIT {_WALKED});
  walked := walked || ARRAY(
    WITH RECURSIVE w(tenant) AS (
      (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant <= p_served
       ORDER BY t.tenant LIMIT 1)
      UNION ALL
      SELECT (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready'
        AND t.tenant > w.tenant AND t.tenant <= p_served ORDER BY t.tenant LIMIT 1)
        FROM w WHERE w.tenant IS NOT NULL
    ) SELECT w.tenant FROM w WHERE w.tenant IS NOT NULL
    LIMIT {_WALKED} - cardinality(walked));
  further := walked[cardinality(walked)];
  walked := ARRAY(SELECT g.tenant FROM unnest(walked) WITH ORDINALITY AS g(tenant, n)
    WHERE EXISTS (SELECT 1 FROM ik_task AS t WHERE t.state = 'ready'
    AND t.tenant = g.tenant AND t.channel = ANY (p_channels) AND t.next_at <= p_now)
    ORDER BY g.n);
END $$
"""

TURN = f"""
CREATE FUNCTION ik_turn(
  p_tenants text[], p_ids text[], p_tokens text[], p_states text[], p_ats bigint[], p_whys text[],
  p_number bigint, p_now bigint, p_lease bigint, p_limit bigint, p_tenant text, p_skip text[],
  p_served text
) RETURNS TABLE (o_settled boolean[], {_ROW}) LANGUAGE plpgsql {_STEADY} AS $$
DECLARE
  moment bigint := ik_enter(p_number, NULL, p_now); until bigint := moment + p_lease;
  one text; locked boolean; got ik_task%ROWTYPE;
  leased bigint; ready bigint; channels text[]; names text[]; going text[]; again text[];
  name text; step bigint; here bigint; most bigint; share bigint; before bigint;
  taken bigint := 0; round_ bigint := 0; turn bigint; walking boolean := false; further text;
BEGIN
  o_settled := '{{}}'; o_served := p_served; o_at := moment;
  IF cardinality(p_ids) = 1 THEN
    locked := ik_lock(p_tenants[1], '{{}}', p_ids);
    o_settled := ik_settle(p_tenants[1], p_ids, p_tokens, p_states, p_ats, p_whys);
  ELSIF cardinality(p_ids) > 1 THEN
    FOR one IN SELECT DISTINCT x FROM unnest(p_tenants) AS x ORDER BY x LOOP
      locked := ik_lock(one, '{{}}', ARRAY(
        SELECT p_ids[n] FROM generate_subscripts(p_ids, 1) AS n WHERE p_tenants[n] = one));
    END LOOP;
    FOR n IN 1 .. cardinality(p_ids) LOOP
      o_settled := o_settled || ik_settle(p_tenants[n], p_ids[n:n], p_tokens[n:n],
        p_states[n:n], p_ats[n:n], p_whys[n:n]);
    END LOOP;
  END IF;

  leased := ik_leased(p_tenant, p_skip);
  IF leased <= moment THEN
    FOR got IN SELECT * FROM ik_lapsed(moment, p_tenant, p_skip) LOOP
      {_HANDED}
      o_lapses := got.lapses + 1; o_rank := ARRAY[0, 0, 0];
      UPDATE ik_task AS t SET token = o_token, tries = o_tries, lapses = o_lapses,
        next_at = until WHERE t.tenant = got.tenant AND t.id = got.id;
      RETURN NEXT;
      taken := 1;
    END LOOP;
    leased := ik_leased(p_tenant, p_skip);
  END IF;
  -- What was parked may have set the first task of a channel free.
  SELECT s.channels, s.soonest INTO channels, ready FROM ik_soonest(p_tenant, p_skip) AS s;
  IF taken > 0 THEN
    o_next_at := least(ready, leased); o_id := NULL;
    RETURN NEXT;
    RETURN;
  END IF;

  IF ready <= moment THEN
    IF p_tenant IS NOT NULL THEN
      names := ARRAY[p_tenant];
    ELSE
      SELECT t.names, t.walked, t.further INTO names, going, further
        FROM ik_tenants(moment, p_limit, channels, p_served) AS t;
      walking := going IS NOT NULL;
    END IF;
    going := coalesce(going, names);
    LOOP
      again := '{{}}'; turn := 0; before := taken;
      share := CASE round_ WHEN 0 THEN 1
        ELSE ceil((p_limit - taken)::numeric / greatest(cardinality(going), 1)) END;
      FOREACH name IN ARRAY going LOOP
        EXIT WHEN taken >= p_limit;
        most := least(share, p_limit - taken); here := 0;
        SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready'
          AND t.tenant = name ORDER BY t.priority LIMIT 1;
        WHILE FOUND LOOP
          FOR got IN
            SELECT x.* FROM unnest(channels) AS c(channel), LATERAL (
              SELECT t.* FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant = name
              AND t.priority = step AND t.channel = c.channel AND t.next_at <= moment
              ORDER BY t.next_at, t.id LIMIT most - here FOR UPDATE SKIP LOCKED
            ) AS x ORDER BY x.next_at, x.id LIMIT most - here
          LOOP
            {_HANDED}
            o_lapses := got.lapses; o_rank := ARRAY[round_, here, turn];
            UPDATE ik_task AS t SET state = 'leased', token = o_token, tries = o_tries,
              next_at = until WHERE t.tenant = got.tenant AND t.id = got.id;
            here := here + 1;
            RETURN NEXT;
          END LOOP;
          EXIT WHEN here >= most;
          SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready'
            AND t.tenant = name AND t.priority > step ORDER BY t.priority LIMIT 1;
        END LOOP;
        taken := taken + here; turn := turn + 1;
        IF here > 0 THEN o_served := name; END IF;
        IF here = share THEN again := again || name; END IF;
      END LOOP;
      IF taken = 0 AND walking THEN
        -- Nothing is due for those; the next claim looks further on.
        walking := false; o_served := further; going := names;
        CONTINUE;
      END IF;
      EXIT WHEN taken >= p_limit OR cardinality(again) = 0 OR taken = before;
      going := again; round_ := round_ + 1;
    END LOOP;
    SELECT s.soonest INTO ready FROM ik_soonest(p_tenant, p_skip) AS s;
  END IF;
  o_id := NULL;
  o_next_at := least(ready, leased, CASE WHEN taken > 0 THEN until END);
  RETURN NEXT;
END $$
"""

ALL = (
    NOW, REQUIRE, ENTER, SUBJECT, LOCK, PROMOTE, ADD, ADD_ALL, CANCEL, MOVE, SETTLE, SOONEST,
    LEASED, LAPSED, TENANTS, TURN,
)  # fmt: skip
"""In the order in which they are made."""
