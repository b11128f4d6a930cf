//! The tables of the server, in the file of the log.

/// What brings the server's tables from each version to the next. The list only ever grows; what was released is never
/// changed.
pub(super) const MIGRATIONS: &[&str] = &["
CREATE TABLE server_executions (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    stage TEXT NOT NULL,
    service TEXT NOT NULL,
    context TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    triggered_at INTEGER NOT NULL,  -- nanoseconds since 1970-01-01T00:00:00Z
    is_open INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX server_executions_by_time ON server_executions (project, triggered_at, id);
CREATE INDEX server_executions_by_context ON server_executions (context, project, triggered_at);
CREATE INDEX server_executions_open ON server_executions (id) WHERE is_open = 1;

CREATE TABLE server_contexts (
    project TEXT NOT NULL,
    context TEXT NOT NULL,
    name TEXT NOT NULL,
    service TEXT NOT NULL,
    state TEXT NOT NULL,
    is_over INTEGER NOT NULL,
    time INTEGER NOT NULL,          -- nanoseconds since 1970-01-01T00:00:00Z
    view TEXT NOT NULL,             -- how it stands, as Keptn says it
    outcome TEXT NOT NULL,          -- what it came to
    PRIMARY KEY (context, project)
) STRICT;
CREATE INDEX server_contexts_by_time ON server_contexts (project, time, context);

CREATE TABLE server_images (
    project TEXT NOT NULL,
    stage TEXT NOT NULL,
    service TEXT NOT NULL,
    image TEXT NOT NULL,
    PRIMARY KEY (project, stage, service)
) STRICT;

CREATE TABLE server_latest (        -- the newest event of each type
    project TEXT NOT NULL,
    stage TEXT NOT NULL,
    service TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    context TEXT NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (project, stage, service, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE server_roots (         -- the first event of each context
    context TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO server_roots (context, position)
    SELECT context, position FROM events WHERE context IS NOT NULL ORDER BY position;
INSERT INTO server_latest (project, stage, service, type, id, context, time)
    SELECT project, stage, service, type, id, coalesce(context, ''), max(time)
    FROM events WHERE service <> '' AND time IS NOT NULL GROUP BY project, stage, service, type;

-- As triggers, because others append to the log, too.
CREATE TRIGGER server_event_comes AFTER INSERT ON events BEGIN
    INSERT OR IGNORE INTO server_roots (context, position)
        SELECT NEW.context, NEW.position WHERE NEW.context IS NOT NULL;
    INSERT INTO server_latest (project, stage, service, type, id, context, time)
        SELECT NEW.project, NEW.stage, NEW.service, NEW.type, NEW.id, coalesce(NEW.context, ''), NEW.time
        WHERE NEW.service <> '' AND NEW.time IS NOT NULL
        ON CONFLICT DO UPDATE SET id = excluded.id, context = excluded.context, time = excluded.time
            WHERE excluded.time >= time;
END;
CREATE TRIGGER server_event_goes AFTER DELETE ON events BEGIN
    DELETE FROM server_roots WHERE context = OLD.context AND position = OLD.position;
    DELETE FROM server_latest WHERE project = OLD.project AND stage = OLD.stage AND service = OLD.service
        AND type = OLD.type AND id = OLD.id;
END;

CREATE INDEX server_events_by_project ON events (project, time, id, stage, service);
CREATE INDEX server_events_by_type ON events (project, type, time, id, stage, service);
"];
