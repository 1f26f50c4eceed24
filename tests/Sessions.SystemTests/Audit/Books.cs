using System.Text.Json;
using Npgsql;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Audit;

/// <summary>Compares what the database has with what the writers know and with what its own events add up to.</summary>
public static class Books
{
    // Rows may be 10 s behind their grain; the rest is for a busy machine.
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Every acknowledged event once, nothing that was not sent, every event in its session, every session the sum of
    /// its events.
    /// </summary>
    /// <param name="reader">The database.</param>
    /// <param name="writers">Who sent the events.</param>
    /// <param name="idleTimeout">The project's.</param>
    /// <param name="bound">How long the rows may take to follow.</param>
    /// <param name="mayLack">Columns that may be null: older builds do not write them.</param>
    public static Task AreRight(NpgsqlDataSource reader, Writers writers, TimeSpan? idleTimeout = null, TimeSpan? bound = null, string[]? mayLack = null) =>
        Wait.ForNothingWrong(
            async () =>
            {
                // Nothing can have arrived before it was sent; the minute is for clocks.
                StoredEvent[] stored = [.. await EventsOf(reader, writers.Begun.AddMinutes(-1), writers.Run)];
                return
                [
                    .. StoredFaults.Of(stored, writers.Records, idleTimeout ?? TimeSpan.FromMinutes(30)),
                    .. await WrongSums(reader, stored, mayLack),
                ];
            },
            "the books are not right:",
            bound ?? RowsBehind);

    /// <summary>The rows of these sessions are what their events add up to.</summary>
    public static Task AddUp(NpgsqlDataSource reader, params string[] sessions) =>
        Wait.ForNothingWrong(
            async () =>
            {
                HashSet<Guid> wanted = [.. sessions.Select(Guid.Parse)];
                IReadOnlyList<StoredEvent> all = await EventsOf(reader);
                StoredEvent[] stored = [.. all.Where(e => wanted.Contains(e.SessionId))];
                IEnumerable<string> absent = wanted.Except(stored.Select(e => e.SessionId)).Select(id => $"{id} has no event");
                return [.. absent, .. await WrongSums(reader, stored)];
            },
            "the sessions are not what their events add up to:",
            RowsBehind);

    /// <summary>
    /// What the reader sees of the view <c>events</c>: received from a time on, of those whose distinct ids begin so; by
    /// default all.
    /// </summary>
    public static async Task<IReadOnlyList<StoredEvent>> EventsOf(NpgsqlDataSource reader, DateTimeOffset? since = null, string run = "")
    {
        await using NpgsqlCommand select = reader.CreateCommand(
            """
            select session_id, event_id, event, timestamp, distinct_id, properties::text, received_at, sender_order
            from   events
            where  received_at >= $1 and starts_with(distinct_id, $2)
            """);
        select.Parameters.AddWithValue(since ?? DateTimeOffset.UnixEpoch);
        select.Parameters.AddWithValue(run);
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        List<StoredEvent> events = [];
        while (await rows.ReadAsync())
        {
            events.Add(new StoredEvent(
                rows.GetGuid(0),
                rows.GetGuid(1),
                rows.GetString(2),
                rows.GetDateTime(3),
                rows.GetString(4),
                JsonElement.Parse(rows.GetString(5)),
                rows.GetDateTime(6),
                rows.GetInt64(7)));
        }

        return events;
    }

    /// <summary>The rows of the view <c>sessions</c> by session, of some or of all, each by column.</summary>
    public static async Task<IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, object?>>> SessionsOf(
        NpgsqlDataSource reader, IEnumerable<Guid>? ids = null)
    {
        await using NpgsqlCommand select = reader.CreateCommand(
            $"select * from sessions{(ids is null ? "" : " where session_id = any($1)")}");
        if (ids is not null)
        {
            select.Parameters.AddWithValue(ids.Distinct().ToArray());
        }

        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        Dictionary<Guid, IReadOnlyDictionary<string, object?>> sessions = [];
        while (await rows.ReadAsync())
        {
            var row = Enumerable.Range(0, rows.FieldCount).ToDictionary(rows.GetName, at => rows.IsDBNull(at) ? null : rows.GetValue(at));
            sessions.Add((Guid)row["session_id"]!, row);
        }

        return sessions;
    }

    private static async Task<IEnumerable<string>> WrongSums(NpgsqlDataSource reader, StoredEvent[] stored, string[]? mayLack = null) =>
        StoredFaults.WrongSums(stored, await SessionsOf(reader, stored.Select(e => e.SessionId)), mayLack ?? []);
}
