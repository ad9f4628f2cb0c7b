"""The functions that hand tasks out: whose turn it is, what is due, and the turn of a worker.

Every statement in a function costs more to begin than to run, and whatever looks at the front of
the queue walks over the dead rows of what was handed out before. So a turn begins with one look at
all fronts, and what comes after begins where that look ended.
"""

from __future__ import annotations

from incidentkit.ports.rows import LAPSES_BEFORE_PARKING
from incidentkit.stores.claiming import PARKED_WHY
from incidentkit.stores.postgres.faults import CHANGED
from incidentkit.stores.postgres.functions import MIGRATION_LOCK, STEADY

_WALKED = 64
_FRONTS_READ = 24

SOONEST = """
CREATE FUNCTION ik_soonest(
  p_tenant text, p_skip text[], OUT channels text[], OUT fronts bigint[], OUT soonest bigint
) LANGUAGE plpgsql AS $$
DECLARE name text; at_ bigint; step bigint;
BEGIN
  channels := '{}'; fronts := '{}';
  SELECT t.channel, t.next_at INTO name, at_ FROM ik_task AS t WHERE t.state = 'ready'
    ORDER BY t.channel, t.next_at LIMIT 1;
  WHILE FOUND LOOP
    IF name <> ALL (p_skip) THEN
      channels := channels || name; fronts := fronts || at_;
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
    SELECT min(x.next_at) INTO at_ FROM unnest(channels, fronts) AS c(channel, front), LATERAL (
      SELECT t.next_at FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant = p_tenant
      AND t.priority = step AND t.channel = c.channel AND t.next_at >= c.front
      ORDER BY t.next_at LIMIT 1
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
_HANDED = """o_tenant := got.tenant; o_id := got.id; o_queue := got.queue;
  o_subject := got.subject; o_ord := got.ord; o_priority := got.priority; o_due_at := got.due_at;
  o_channel := got.channel; o_body := got.body; o_tries := got.tries; o_token := got.token;
  o_lapses := got.lapses; o_until := until;
  RETURN NEXT;"""
_FRESH = "replace(gen_random_uuid()::text, '-', '')"

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

_DUE = """SELECT x.id FROM {fronts} AS c(channel, front), LATERAL (
  SELECT t.id, t.next_at FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant = name
  AND t.priority = step AND t.channel = c.channel AND t.next_at BETWEEN c.front AND moment
  ORDER BY t.next_at, t.id LIMIT {most} FOR UPDATE SKIP LOCKED
) AS x ORDER BY x.next_at, x.id LIMIT {most}"""
_LEASE = f"""UPDATE ik_task AS t SET state = 'leased', token = {_FRESH}, tries = t.tries + 1,
  next_at = until WHERE t.tenant = name AND t.id ="""
_FRONTS = "unnest(channels, fronts)"

TURN = f"""
CREATE FUNCTION ik_turn(
  p_tenants text[], p_ids text[], p_tokens text[], p_states text[], p_ats bigint[], p_whys text[],
  p_number bigint, p_now bigint, p_lease bigint, p_limit bigint, p_tenant text, p_skip text[],
  p_served text
) RETURNS TABLE (o_settled boolean[], {_ROW}) LANGUAGE plpgsql {STEADY} AS $$
DECLARE
  entered boolean := pg_advisory_xact_lock_shared({MIGRATION_LOCK}) IS NULL;
  durable text := current_setting('synchronous_commit');
  moment bigint := coalesce(p_now, ik_now()); until bigint := moment + p_lease;
  one text; locked boolean; waits boolean; number_ bigint; got ik_task%ROWTYPE; ids text[];
  leased bigint; ready bigint; channels text[] := '{{}}'; fronts bigint[] := '{{}}';
  steps bigint[] := '{{}}'; first_ text; channel_ text; front bigint; several boolean := false;
  names text[]; going text[]; again text[]; name text; step bigint; here bigint; most bigint;
  share bigint; before bigint; taken bigint := 0; round_ bigint := 0; turn bigint; n integer := 0;
  m integer; walking boolean := false; further text;
  last_ bigint[] := '{{}}';
BEGIN
  o_settled := '{{}}'; o_served := p_served; o_at := moment;
  IF cardinality(p_ids) = 1 AND p_states[1] = 'done' THEN
    SELECT t.subject INTO one FROM ik_task AS t
      WHERE t.tenant = p_tenants[1] AND t.id = p_ids[1];
    IF FOUND THEN
      locked := pg_advisory_xact_lock(hashtext(p_tenants[1]), ik_subject(one)) IS NULL;
    END IF;
    -- Whoever adds to the subject has let go of its lock, so this sees what waits.
    DELETE FROM ik_task AS t WHERE t.tenant = p_tenants[1] AND t.id = p_ids[1]
      AND t.state = 'leased' AND t.token = p_tokens[1] RETURNING t.subject, EXISTS (
        SELECT 1 FROM ik_task AS b WHERE b.tenant = t.tenant AND b.subject = t.subject
        AND b.state = 'blocked') INTO one, waits;
    o_settled := ARRAY[FOUND];
    IF waits THEN
      locked := ik_promote(p_tenants[1], one);
    END IF;
  ELSIF cardinality(p_ids) = 0 THEN
    -- A lease that the server forgets in a crash costs the send that the crash interrupted.
    locked := set_config('synchronous_commit', 'off', true) IS NULL;
  ELSE
    FOR one IN SELECT DISTINCT x FROM unnest(p_tenants) AS x ORDER BY x LOOP
      locked := ik_lock(one, '{{}}', ARRAY(
        SELECT p_ids[i] FROM generate_subscripts(p_ids, 1) AS i WHERE p_tenants[i] = one));
    END LOOP;
    FOR i IN 1 .. cardinality(p_ids) LOOP
      o_settled := o_settled || ik_settle(p_tenants[i], p_ids[i:i], p_tokens[i:i],
        p_states[i:i], p_ats[i:i], p_whys[i:i]);
    END LOOP;
  END IF;

  SELECT t.tenant, t.priority, t.channel, t.next_at, (
      SELECT l.next_at FROM ik_task AS l WHERE l.state = 'leased'
      AND (p_tenant IS NULL OR l.tenant = p_tenant) AND l.channel <> ALL (p_skip)
      ORDER BY l.next_at LIMIT 1
    ), (SELECT s.number FROM ik_schema AS s)
    INTO name, step, channel_, front, leased, number_ FROM ik_task AS t WHERE t.state = 'ready'
    ORDER BY t.tenant, t.priority, t.channel, t.next_at LIMIT 1;
  IF name IS NULL THEN
    leased := ik_leased(p_tenant, p_skip);
    SELECT s.number INTO number_ FROM ik_schema AS s;
  END IF;
  IF number_ IS DISTINCT FROM p_number THEN
    RAISE EXCEPTION USING ERRCODE = '{CHANGED}', MESSAGE = 'the schema was changed';
  END IF;
  IF leased <= moment THEN
    -- How often a task was lost with its worker is never forgotten.
    locked := set_config('synchronous_commit', durable, true) IS NULL;
    FOR got IN SELECT * FROM ik_lapsed(moment, p_tenant, p_skip) LOOP
      UPDATE ik_task AS t SET token = {_FRESH}, tries = t.tries + 1, lapses = t.lapses + 1,
        next_at = until WHERE t.tenant = got.tenant AND t.id = got.id RETURNING t.* INTO got;
      o_rank := ARRAY[0, 0, 0];
      {_HANDED}
      taken := 1;
    END LOOP;
    -- What was parked may have set the first task of a channel free.
    several := true;
    leased := ik_leased(p_tenant, p_skip);
  END IF;
  IF taken > 0 THEN
    SELECT least(s.soonest, leased) INTO o_next_at FROM ik_soonest(p_tenant, p_skip) AS s;
    o_id := NULL;
    RETURN NEXT;
    RETURN;
  END IF;

  several := several OR p_tenant IS NOT NULL; first_ := name;
  WHILE name IS NOT NULL AND NOT several LOOP
    IF channel_ <> ALL (p_skip) THEN
      steps := steps || step; channels := channels || channel_; fronts := fronts || front;
      ready := least(ready, front);
    END IF;
    SELECT t.tenant, t.priority, t.channel, t.next_at INTO name, step, channel_, front
      FROM ik_task AS t WHERE t.state = 'ready'
      AND (t.tenant, t.priority, t.channel) > (name, step, channel_)
      ORDER BY t.tenant, t.priority, t.channel, t.next_at LIMIT 1;
    n := n + 1; several := name <> first_ OR n = {_FRONTS_READ};
  END LOOP;

  IF several IS NOT TRUE THEN
    -- All that waits is of one tenant, and every front of its queue is known.
    n := 1; name := first_; here := 0;
    WHILE ready <= moment AND n <= cardinality(steps) AND taken < p_limit LOOP
      m := n; step := steps[n];
      WHILE steps[m + 1] = step LOOP m := m + 1; END LOOP;
      IF m > n OR p_limit > 1 THEN
        ids := ARRAY({
    _DUE.format(fronts="unnest(channels[n:m], fronts[n:m])", most="p_limit - taken")
});
        FOR got IN {_LEASE} ANY (ids) RETURNING t.* LOOP
          o_rank := ARRAY[0, taken + array_position(ids, got.id), 0];
          {_HANDED}
        END LOOP;
        taken := taken + cardinality(ids);
      ELSIF fronts[n] <= moment THEN
        channel_ := channels[n]; front := fronts[n];
        {_LEASE} (
          SELECT d.id FROM ik_task AS d WHERE d.state = 'ready' AND d.tenant = name
          AND d.priority = step AND d.channel = channel_ AND d.next_at BETWEEN front AND moment
          ORDER BY d.next_at, d.id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING t.tenant, t.id, t.queue, t.subject, t.ord, t.priority,
          t.due_at, t.channel, t.body, t.token, t.tries, t.lapses, (
          SELECT d.next_at FROM ik_task AS d WHERE d.state = 'ready' AND d.tenant = name
          AND d.priority = step AND d.channel = channel_ AND d.next_at >= front AND d.id <> t.id
          ORDER BY d.next_at LIMIT 1
        ) INTO o_tenant, o_id, o_queue, o_subject, o_ord, o_priority,
          o_due_at, o_channel, o_body, o_token, o_tries, o_lapses, front;
        IF FOUND THEN
          o_rank := ARRAY[0, 0, 0]; o_until := until; taken := 1; fronts[n] := front;
          RETURN NEXT;
        END IF;
      END IF;
      n := m + 1;
    END LOOP;
    IF taken > 0 THEN
      o_served := name;
      IF p_limit > 1 OR cardinality(ids) > 0 THEN
        SELECT min(x.next_at) INTO ready FROM unnest(steps, channels, fronts)
          AS c(step, channel, front), LATERAL (
          SELECT t.next_at FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant = name
          AND t.priority = c.step AND t.channel = c.channel AND t.next_at >= c.front
          ORDER BY t.next_at LIMIT 1
        ) AS x;
      ELSE
        ready := NULL;
        FOREACH front IN ARRAY fronts LOOP ready := least(ready, front); END LOOP;
      END IF;
    END IF;
    o_id := NULL;
    o_next_at := least(ready, leased, CASE WHEN taken > 0 THEN until END);
    RETURN NEXT;
    RETURN;
  END IF;

  SELECT s.channels, s.fronts, s.soonest INTO channels, fronts, ready
    FROM ik_soonest(p_tenant, p_skip) AS s;
  IF ready <= moment THEN
    IF p_tenant IS NOT NULL THEN
      going := ARRAY[p_tenant];
    ELSE
      SELECT t.names, t.walked, t.further INTO names, going, further
        FROM ik_tenants(moment, p_limit, channels, p_served) AS t;
      walking := going IS NOT NULL; going := coalesce(going, names);
    END IF;
    LOOP
      again := '{{}}'; turn := 0; before := taken;
      share := CASE round_ WHEN 0 THEN 1
        ELSE ceil((p_limit - taken)::numeric / greatest(cardinality(going), 1)) END;
      FOREACH name IN ARRAY going LOOP
        EXIT WHEN taken >= p_limit;
        most := least(share, p_limit - taken); here := 0;
        SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready'
          AND t.tenant = name ORDER BY t.priority LIMIT 1;
        WHILE step IS NOT NULL LOOP
          ids := ARRAY({_DUE.format(fronts=_FRONTS, most="most - here")});
          FOR got IN {_LEASE} ANY (ids) RETURNING t.* LOOP
            o_rank := ARRAY[round_, here + array_position(ids, got.id), turn];
            {_HANDED}
          END LOOP;
          here := here + cardinality(ids);
          EXIT WHEN here >= most;
          SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready'
            AND t.tenant = name AND t.priority > step ORDER BY t.priority LIMIT 1;
        END LOOP;
        taken := taken + here; turn := turn + 1;
        IF here > 0 AND ARRAY[round_, here, turn] > last_ THEN
          -- Rows go out in the order of their ranks, and so the last one tells.
          last_ := ARRAY[round_, here, turn]; o_served := name;
        END IF;
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

ALL = (SOONEST, LEASED, LAPSED, TENANTS, TURN)
"""In the order in which they are made."""
