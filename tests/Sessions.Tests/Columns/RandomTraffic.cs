using Npgsql;

namespace Sessions.Tests.Columns;

/// <summary>
/// Writes what silos write, at random: in several transactions at a time, some of which are rolled back or take long. A session
/// is changed by one transaction at a time, as its silo does it.
/// </summary>
internal sealed class RandomTraffic(NpgsqlDataSource database, string project, Random random) : IAsyncDisposable
{
    private const int Ids = 12;

    private readonly List<Session> _sessions = [];
    private readonly List<Work> _open = [];

    /// <summary>Makes one random change, or ends a transaction.</summary>
    public async Task Step()
    {
        if (_open.Count < 3 && random.Next(3) > 0)
        {
            _open.Add(await Begin());
        }

        if (_open.Count == 0)
        {
            return;
        }

        Work work = _open[random.Next(_open.Count)];
        switch (random.Next(14))
        {
            case < 2:
                await End(work, commit: random.Next(4) > 0);
                break;
            case < 5:
                await BeginSession(work);
                break;
            case < 8:
                await Append(work);
                break;
            case < 10:
                await Checkpoint(work);
                break;
            case 10:
                await Replay(work);
                break;
            case 11:
                await Erase(work);
                break;
            case 12:
                await Delete(work);
                break;
            default:
                await Merge(work);
                break;
        }
    }

    /// <summary>Ends all transactions.</summary>
    public async Task Finish()
    {
        foreach (Work work in _open.ToArray())
        {
            await End(work, commit: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Work work in _open)
        {
            await work.Connection.DisposeAsync();
        }
    }

    private async Task<Work> Begin()
    {
        NpgsqlConnection connection = await database.OpenConnectionAsync();
        return new Work(connection, await connection.BeginTransactionAsync());
    }

    private async Task End(Work work, bool commit)
    {
        await (commit ? work.Transaction.CommitAsync() : work.Transaction.RollbackAsync());
        await work.Connection.DisposeAsync();
        _open.Remove(work);
        foreach (Session session in work.Mine)
        {
            session.Held = false;
            if (!commit)
            {
                (session.Number, session.Row, session.IsGone, session.IsNew) = session.Before;
                _ = session.IsNew && _sessions.Remove(session);
            }

            session.IsNew = false;
        }
    }

    private Session? Take(Work work)
    {
        Session[] free = [.. _sessions.Where(session => !session.IsGone && (!session.Held || work.Mine.Contains(session)))];
        return free.Length == 0 ? null : Hold(work, free[random.Next(free.Length)]);
    }

    private static Session Hold(Work work, Session session)
    {
        if (!session.Held)
        {
            session.Held = true;
            session.Before = (session.Number, session.Row, session.IsGone, session.IsNew);
            work.Mine.Add(session);
        }

        return session;
    }

    // Some senders don't know who it is.
    private string Id() => random.Next(10) == 0 ? "NULL" : $"id-{random.Next(Ids)}";

    private async Task BeginSession(Work work)
    {
        Session session = new() { Id = Guid.NewGuid(), IsNew = true, Day = DateOnly.FromDateTime(DateTime.UtcNow.AddDays(-random.Next(3))) };
        _sessions.Add(session);
        Hold(work, session);
        session.Before = (0, 0, true, true);
        await Entry(work, session, 0, "$pageview", """{"$current_url":"https://a.test/p?x=1","n":1.50}""");
        await Do(
            work,
            """
            insert into tracking.sessions (project, session_id, device_key, born, number, fold_version, fold, status, start_timestamp, end_timestamp,
                distinct_id, entry_pathname, pageview_count, autocapture_count, screen_count, event_count, unique_url_count, event_names, is_bounce)
            values ($1, $2, 'device', $3, 1, 1, '', 'live', $4, $4, $5, '/p', 1, 0, 0, 1, 1, '{$pageview}', true)
            """,
            project,
            session.Id,
            session.Day,
            DateTime.UtcNow.AddSeconds(-random.Next(100_000)),
            Id());
        session.Row = session.Number;
    }

    private async Task Append(Work work)
    {
        if (Take(work) is { } session)
        {
            // An end is an entry without an event.
            bool isEnd = random.Next(5) == 0;
            await Entry(work, session, isEnd ? 2 : random.Next(2), isEnd ? "idle" : $"event {random.Next(4)}", isEnd ? null : """{"a":"b"}""");
            if (random.Next(3) == 0)
            {
                await Write(work, session);
            }
        }
    }

    private async Task Checkpoint(Work work)
    {
        if (Take(work) is { } session && session.Row < session.Number)
        {
            await Write(work, session);
        }
    }

    private async Task Write(Work work, Session session)
    {
        await Do(
            work,
            """
            update tracking.sessions
            set    number = $3, event_count = $3, end_timestamp = end_timestamp + interval '1.2345 seconds', distinct_id = $4,
                   status = $5, end_reason = $6
            where  project = $1 and session_id = $2
            """,
            project,
            session.Id,
            session.Number,
            Id(),
            session.Number % 2 == 0 ? "ended" : "live",
            session.Number % 2 == 0 ? "idle" : DBNull.Value);
        session.Row = session.Number;
    }

    private async Task Replay(Work work)
    {
        if (Take(work) is not { } session)
        {
            return;
        }

        // Nearly always with the session's row.
        bool isAlone = random.Next(3) == 0;
        if (!isAlone)
        {
            await Entry(work, session, 3, "$snapshot", """{"block":"b"}""");
            await Write(work, session);
        }

        await Do(
            work,
            """
            insert into tracking.replays as r (project, session_id, number, start_timestamp, end_timestamp, click_count, active_ms)
            values ($1, $2, $3, now(), now() + interval '2 seconds', $3, 1500)
            on conflict (project, session_id) do update set number = excluded.number, click_count = excluded.click_count
            where r.number < excluded.number
            """,
            project,
            session.Id,
            session.Row);
    }

    /// <summary>Takes entries out of a session, whose row is then folded again, later or never.</summary>
    private async Task Erase(Work work)
    {
        if (Take(work) is { Number: > 2 } session)
        {
            await Do(
                work,
                "delete from tracking.journal where project = $1 and session_id = $2 and kind in (0, 1, 3) and number = any ($3)",
                project,
                session.Id,
                new[] { random.Next(1, session.Number), random.Next(1, session.Number) });
            await Do(work, "delete from tracking.replays where project = $1 and session_id = $2", project, session.Id);
            await Entry(work, session, 5, "", null);
            await Do(
                work,
                "update tracking.sessions set fold_version = 0, number = $3, entry_pathname = null where project = $1 and session_id = $2",
                project,
                session.Id,
                session.Number - 1);
            session.Row = session.Number - 1;
        }
    }

    private async Task Delete(Work work)
    {
        if (random.Next(2) == 0 && Take(work) is { } session)
        {
            await Do(work, "delete from tracking.replays where project = $1 and session_id = $2", project, session.Id);
            await Do(work, "delete from tracking.sessions where project = $1 and session_id = $2", project, session.Id);
            await Do(work, "delete from tracking.journal where project = $1 and session_id = $2", project, session.Id);
            if (random.Next(2) == 0)
            {
                await Entry(work, session, 5, "", null);
            }

            session.IsGone = true;
        }
    }

    private async Task Merge(Work work)
    {
        if (random.Next(20) == 0)
        {
            await Do(work, "delete from tracking.identities where project = $1 and anonymous_id = $2", project, Id());
        }
        else if (Take(work) is { } session)
        {
            bool isIdentify = random.Next(3) > 0;
            string name = isIdentify ? "$identify" : random.Next(2) == 0 ? "$create_alias" : "$merge_dangerously";
            await Entry(work, session, 0, name, $$"""{"{{(isIdentify ? "$anon_distinct_id" : "alias")}}":"{{Id()}}"}""");
        }
    }

    private Task Entry(Work work, Session session, int kind, string name, string? properties) => Do(
        work,
        """
        insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties)
        values ($1, $2, $3, $4, $5, $6, $7, now(), $8, $9, $10::text::jsonb)
        """,
        project,
        session.Id,
        ++session.Number,
        session.Day,
        (short)kind,
        Guid.NewGuid(),
        DateTime.UtcNow.AddSeconds(-random.Next(100_000)),
        name,
        Id(),
        (object?)properties ?? DBNull.Value);

    private static async Task Do(Work work, string sql, params object[] values)
    {
        await using NpgsqlCommand command = new(sql, work.Connection, work.Transaction);
        foreach (object value in values)
        {
            command.Parameters.Add(value is DBNull ? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } : new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    private sealed class Session
    {
        public required Guid Id { get; init; }

        public required DateOnly Day { get; init; }

        public int Number { get; set; }

        public int Row { get; set; }

        public bool IsGone { get; set; }

        public bool IsNew { get; set; }

        public bool Held { get; set; }

        public (int Number, int Row, bool IsGone, bool IsNew) Before { get; set; }
    }

    private sealed record Work(NpgsqlConnection Connection, NpgsqlTransaction Transaction)
    {
        public List<Session> Mine { get; } = [];
    }
}
