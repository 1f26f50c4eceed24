using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>An event of a session, as the view has it.</summary>
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

/// <summary>A place in a session's events.</summary>
public sealed record EventPosition(DateTimeOffset Timestamp, long SenderOrder, Guid EventId);

/// <summary>A page of events and where the next one begins; null when there is none.</summary>
public sealed record EventPage(IReadOnlyList<EventRow> Events, EventPosition? Next);

/// <summary>Reads the events that sessions took.</summary>
public sealed class EventQueries(QuestionDataSource database)
{
    private static readonly string BornText = QueryText.Read("session_born.sql");
    private static readonly string PageText = QueryText.Read("session_events_page.sql");

    /// <summary>A page of a session's events in time order; null when there is no such session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="after">The last event of the page before; null for the first page.</param>
    /// <param name="limit">The most events to answer with.</param>
    /// <param name="maxCharacters">A page ends early, after the event with which its properties exceed this.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<EventPage?> GetPage(
        SessionKey session, EventPosition? after, int limit, long maxCharacters, CancellationToken cancellation)
    {
        DateOnly? born = await FindBorn(session, cancellation);

        await using NpgsqlCommand command = database.Source.CreateCommand(PageText);
        command.Parameters.AddWithValue("@project", session.Project);
        command.Parameters.AddWithValue("@session_id", session.SessionId);
        command.Parameters.Add(OrNull("@born", NpgsqlDbType.Date, born));
        command.Parameters.Add(OrNull("@after_time", NpgsqlDbType.TimestampTz, after?.Timestamp));
        command.Parameters.Add(OrNull("@after_order", NpgsqlDbType.Bigint, after?.SenderOrder));
        command.Parameters.Add(OrNull("@after_id", NpgsqlDbType.Uuid, after?.EventId));
        // One more than asked for tells whether there is a next page.
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
        // The first events of a session may be there a moment before its row.
        return events is [] && born is null
            ? null
            : new EventPage(events, more ? PositionOf(events[^1]) : null);
    }

    private static EventPosition PositionOf(EventRow row) => new(row.Timestamp, row.SenderOrder, row.EventId);

    private async Task<DateOnly?> FindBorn(SessionKey session, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.Source.CreateCommand(BornText);
        command.Parameters.AddWithValue("@project", session.Project);
        command.Parameters.AddWithValue("@session_id", session.SessionId);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? reader.GetFieldValue<DateOnly>(0) : null;
    }

    /// <summary>The event in the reader's current row, whose first columns are those of a page of events.</summary>
    internal static EventRow Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetFieldValue<DateTimeOffset>(1),
        reader.GetFieldValue<DateTimeOffset>(2),
        reader.GetString(3),
        reader.GetString(4),
        Text(reader, 5),
        Text(reader, 6),
        Text(reader, 7),
        Text(reader, 8),
        Text(reader, 9),
        reader.GetInt64(10));

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlParameter OrNull(string name, NpgsqlDbType type, object? value) =>
        new(name, type) { Value = value ?? DBNull.Value };
}
