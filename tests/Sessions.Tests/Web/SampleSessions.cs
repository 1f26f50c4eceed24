using Npgsql;

namespace Sessions.Tests.Web;

/// <summary>Writes rows as the event path leaves them, for tests of what reads them.</summary>
internal static class SampleSessions
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    public static async Task<Guid> AddSession(
        this NpgsqlDataSource database,
        string project,
        DateTimeOffset start,
        double seconds = 0,
        string? source = null,
        bool? isBounce = null,
        int events = 1,
        bool isLive = false,
        string distinctId = "ann")
    {
        Guid id = Guid.NewGuid();
        await using NpgsqlCommand insert = database.CreateCommand(
            """
            insert into tracking.sessions (
                project, session_id, device_key, born, number, fold_version, fold, status, end_reason,
                start_timestamp, end_timestamp, distinct_id, entry_utm_source, is_bounce,
                pageview_count, autocapture_count, screen_count, event_count, unique_url_count)
            values ($1, $2, $8, '2026-01-15', 1, 1, '', $7, case when $7 = 'ended' then 'idle' end,
                $3, $4, $8, $5, $6, 1, 0, 0, $9, 1)
            """);
        insert.Parameters.AddWithValue(project);
        insert.Parameters.AddWithValue(id);
        insert.Parameters.AddWithValue(start);
        insert.Parameters.AddWithValue(start.AddSeconds(seconds));
        insert.Parameters.AddWithValue((object?)source ?? DBNull.Value);
        insert.Parameters.AddWithValue((object?)isBounce ?? DBNull.Value);
        insert.Parameters.AddWithValue(isLive ? "live" : "ended");
        insert.Parameters.AddWithValue(distinctId);
        insert.Parameters.AddWithValue(events);
        await insert.ExecuteNonQueryAsync();
        return id;
    }

    public static async Task<Guid> AddEvent(
        this NpgsqlDataSource database, string project, Guid session, int number, DateTimeOffset time, string properties = "{}", long? order = null)
    {
        Guid id = Guid.NewGuid();
        await using NpgsqlCommand insert = database.CreateCommand("select tracking.ensure_partitions('2026-01-15', 1)");
        await insert.ExecuteNonQueryAsync();
        insert.CommandText =
            """
            insert into tracking.journal (
                project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties, sender_order)
            values ($1, $2, $3, '2026-01-15', 0, $4, $5, $5, '$pageview', 'ann', $6::jsonb, $7)
            """;
        insert.Parameters.AddWithValue(project);
        insert.Parameters.AddWithValue(session);
        insert.Parameters.AddWithValue(number);
        insert.Parameters.AddWithValue(id);
        insert.Parameters.AddWithValue(time);
        insert.Parameters.AddWithValue(properties);
        insert.Parameters.Add(new NpgsqlParameter<long?> { TypedValue = order });
        await insert.ExecuteNonQueryAsync();
        return id;
    }
}
