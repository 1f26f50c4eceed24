using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries;

/// <summary>An event as a row of the view.</summary>
public sealed record EventRow(
    Guid EventId,
    DateTimeOffset Timestamp,
    DateTimeOffset ReceivedAt,
    string Event,
    string DistinctId,
    string? DeviceId,
    string? WindowId,
    string? CurrentUrl,
    string? Pathname,
    string? PropertiesJson,
    long SenderOrder);

/// <summary>A position in a session's events, for paging.</summary>
public sealed record EventPosition(DateTimeOffset Timestamp, long SenderOrder, Guid EventId)
{
    /// <summary>The position of an event.</summary>
    public static EventPosition Of(EventRow row) => new(row.Timestamp, row.SenderOrder, row.EventId);
}

/// <summary>A page of events and where the next one begins; null when there is none.</summary>
public sealed record EventPage(IReadOnlyList<EventRow> Events, EventPosition? Next);

/// <summary>Reads sessions' events.</summary>
public sealed class EventQueries(QueryDataSource database)
{
    private static readonly string BornText = SqlFile.Read("session_born.sql");
    private static readonly string PageText = SqlFile.Read("session_events_page.sql");

    /// <summary>Reads a page of a session's events in the order of time; null when there is no such session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="after">The last event of the page before; null for the first page.</param>
    /// <param name="limit">The most events to answer with.</param>
    /// <param name="maxCharacters">
    /// The most characters of properties in a page. The page ends after the event that exceeds it.
    /// </param>
    /// <param name="limits">The limits of each statement.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<EventPage?> GetPage(
        SessionKey session, EventPosition? after, int limit, long maxCharacters, StatementLimits limits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await limits.Begin(connection, cancellation);
        DateOnly? born = await FindBorn(connection, session, cancellation);

        await using NpgsqlCommand command = new(PageText, connection);
        command.Parameters.AddWithValue("@project", session.Project);
        command.Parameters.AddWithValue("@session_id", session.SessionId);
        command.Parameters.Add(OrNull("@born", NpgsqlDbType.Date, born));
        command.Parameters.Add(OrNull("@after_time", NpgsqlDbType.TimestampTz, after?.Timestamp));
        command.Parameters.Add(OrNull("@after_order", NpgsqlDbType.Bigint, after?.SenderOrder));
        command.Parameters.Add(OrNull("@after_id", NpgsqlDbType.Uuid, after?.EventId));
        // One more than requested, to find out whether there is a next page.
        command.Parameters.AddWithValue("@limit", limit + 1);

        command.Parameters.AddWithValue("@max_characters", maxCharacters);

        List<EventRow> events = [];
        long found = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (events.Count < limit && await reader.ReadAsync(cancellation))
        {
            events.Add(Read(reader));
            found = reader.GetInt64(11);
        }

        bool more = found > events.Count;
        // A session's first events may be visible a moment before its row.
        return events is [] && born is null
            ? null
            : new EventPage(events, more ? EventPosition.Of(events[^1]) : null);
    }

    private static async Task<DateOnly?> FindBorn(NpgsqlConnection connection, SessionKey session, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(BornText, connection);
        command.Parameters.AddWithValue("@project", session.Project);
        command.Parameters.AddWithValue("@session_id", session.SessionId);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? reader.GetFieldValue<DateOnly>(0) : null;
    }

    /// <summary>
    /// Reads the event in the reader's current row. The first columns are those of session_events_page.sql.
    /// </summary>
    internal static EventRow Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        Time(reader, 1),
        Time(reader, 2),
        reader.GetString(3),
        reader.GetString(4),
        Text(reader, 5),
        Text(reader, 6),
        Text(reader, 7),
        Text(reader, 8),
        Text(reader, 9),
        reader.GetInt64(10));

    /// <summary>The event in a row that a statement has answered, whose first columns are those of session_events_page.sql.</summary>
    internal static EventRow Of(object?[] row) => new(
        (Guid)row[0]!,
        (DateTimeOffset)row[1]!,
        (DateTimeOffset)row[2]!,
        (string)row[3]!,
        (string)row[4]!,
        (string?)row[5],
        (string?)row[6],
        (string?)row[7],
        (string?)row[8],
        (string?)row[9],
        (long)row[10]!);

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column)
    {
        try
        {
            return reader.GetFieldValue<DateTimeOffset>(column);
        }
        catch (Exception impossible) when (impossible is InvalidCastException or OverflowException or ArgumentException)
        {
            // Postgres has times that .NET has not. One damaged event must not end a list or an export.
            return DateTimeOffset.MaxValue;
        }
    }

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlParameter OrNull(string name, NpgsqlDbType type, object? value) =>
        new(name, type) { Value = value ?? DBNull.Value };
}
