using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>An event as the journal has it.</summary>
internal sealed record StoredEvent(string Name, DateTimeOffset Time, string DistinctId, IReadOnlyDictionary<string, object?> Properties)
{
    public Guid Id { get; } = Guid.NewGuid();
}

/// <summary>A session and its events, as the event path leaves them; to be written as rows and to be read by naive code.</summary>
internal sealed record StoredSession
{
    private static readonly DateOnly Born = new(2026, 1, 15);

    public Guid Id { get; init; } = Guid.NewGuid();

    public required DateTimeOffset Start { get; init; }

    public double Seconds { get; init; }

    public string DistinctId { get; init; } = "ann";

    public string? EntryPathname { get; init; }

    public string? EntryUrl { get; init; }

    public string? UtmSource { get; init; }

    public string? ChannelType { get; init; }

    public bool? IsBounce { get; init; }

    public int Pageviews { get; init; }

    public int EventCount { get; init; } = 1;

    public int RageClicks { get; init; }

    public bool IsLive { get; init; }

    public IReadOnlyList<StoredEvent> Events { get; init; } = [];

    private string[] Names => [.. Events.OrderBy(happened => happened.Time).Select(happened => happened.Name).Distinct()];

    /// <summary>The property's value by its name in the API.</summary>
    public object? this[string property] => property switch
    {
        "$session_id" => Id.ToString(),
        "$start_timestamp" => Start,
        "$session_duration" => Math.Round((decimal)Seconds, 3),
        "distinct_id" => DistinctId,
        "$entry_pathname" => EntryPathname,
        "$entry_current_url" => EntryUrl,
        "$entry_utm_source" => UtmSource,
        "$channel_type" => ChannelType,
        "$is_bounce" => IsBounce,
        "$pageview_count" => (decimal)Pageviews,
        "$event_count" => (decimal)EventCount,
        "$rage_click_count" => (decimal)RageClicks,
        "$event_names" => Names is [_, ..] names ? names : null,
        "status" => IsLive ? "live" : "ended",
        "end_reason" => IsLive ? null : "idle",
        _ => throw new ArgumentOutOfRangeException(nameof(property), property, null),
    };

    /// <summary>An event of this session, some seconds after its start.</summary>
    public StoredSession With(string name, double after = 0, string? distinctId = null, params (string Name, object? Value)[] properties) =>
        this with
        {
            Events = [.. Events, new StoredEvent(
                name, Start.AddSeconds(after), distinctId ?? DistinctId, properties.ToDictionary(one => one.Name, one => one.Value))],
        };

    public static async Task Write(NpgsqlDataSource database, string project, IEnumerable<StoredSession> sessions)
    {
        await using NpgsqlCommand partitions = database.CreateCommand("select tracking.ensure_partitions($1, 1)");
        partitions.Parameters.AddWithValue(Born);
        await partitions.ExecuteNonQueryAsync();
        await using NpgsqlBatch batch = database.CreateBatch();
        foreach (StoredSession session in sessions)
        {
            batch.BatchCommands.Add(session.Row(project));
            int number = 0;
            foreach (StoredEvent happened in session.Events)
            {
                batch.BatchCommands.Add(Row(project, session.Id, ++number, happened));
            }
        }

        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Brings a session's row up to this one.</summary>
    public static async Task Amend(NpgsqlDataSource database, string project, StoredSession session)
    {
        await using NpgsqlBatch batch = database.CreateBatch();
        batch.BatchCommands.Add(Command(
            """
            update tracking.sessions
            set    (status, end_reason, start_timestamp, end_timestamp, distinct_id, entry_pathname, entry_utm_source, channel_type,
                    is_bounce, pageview_count, event_count, event_names, rage_click_count) = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            where  project = $1 and session_id = $2
            """,
            project, session.Id, session.IsLive ? "live" : "ended", session.IsLive ? null : "idle", session.Start,
            session.Start.AddSeconds(session.Seconds), session.DistinctId, session.EntryPathname, session.UtmSource,
            session.ChannelType, session.IsBounce, session.Pageviews, session.EventCount, session["$event_names"], session.RageClicks));
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Takes a session and its events away.</summary>
    public static async Task Delete(NpgsqlDataSource database, string project, StoredSession session)
    {
        await using NpgsqlBatch batch = database.CreateBatch();
        foreach (string table in new[] { "sessions", "journal" })
        {
            batch.BatchCommands.Add(Command($"delete from tracking.{table} where project = $1 and session_id = $2", project, session.Id));
        }

        batch.BatchCommands.Add(Command(
            "delete from tracking.identities where project = $1 and event_id = any($2)",
            project, session.Events.Select(happened => happened.Id).ToArray()));
        await batch.ExecuteNonQueryAsync();
    }

    private NpgsqlBatchCommand Row(string project) => Command(
        """
        insert into tracking.sessions (
            project, session_id, device_key, born, number, fold_version, fold, status, end_reason, start_timestamp, end_timestamp,
            distinct_id, entry_pathname, entry_current_url, entry_utm_source, channel_type, is_bounce, pageview_count, event_count,
            autocapture_count, screen_count, unique_url_count, event_names, rage_click_count)
        values ($1, $2, $3, $4, 1, 1, '', $5, $6, $7, $8, $3, $9, $10, $11, $12, $13, $14, $15, 0, 0, 0, $16, $17)
        """,
        project, Id, DistinctId, Born, IsLive ? "live" : "ended", IsLive ? null : "idle", Start, Start.AddSeconds(Seconds),
        EntryPathname, EntryUrl, UtmSource, ChannelType, IsBounce, Pageviews, EventCount, this["$event_names"], RageClicks);

    private static NpgsqlBatchCommand Row(string project, Guid session, int number, StoredEvent happened)
    {
        NpgsqlBatchCommand command = Command(
            """
            insert into tracking.journal (
                project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties)
            values ($1, $2, $3, $4, 0, $5, $6, $6, $7, $8, $9)
            """,
            project, session, number, Born, happened.Id, happened.Time, happened.Name, happened.DistinctId);
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Jsonb,
            Value = JsonSerializer.Serialize(happened.Properties),
        });
        return command;
    }

    private static NpgsqlBatchCommand Command(string text, params object?[] values)
    {
        NpgsqlBatchCommand command = new(text);
        foreach (object? value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
