using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>What is to be exported.</summary>
/// <param name="Project">The project.</param>
/// <param name="From">Sessions that start, or events that happened, then or later; null for any.</param>
/// <param name="To">And before; null for any.</param>
/// <param name="Filters">What else must hold.</param>
public sealed record ExportRange(string Project, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<Filter> Filters);

/// <summary>An event and its session.</summary>
public sealed record ExportedEvent(Guid SessionId, EventRow Event);

/// <summary>Reads any number of rows, a few at a time.</summary>
public sealed class Exports(QuestionDataSource database)
{
    private static readonly string SessionsText = QueryText.Read("export_sessions.sql");
    private static readonly string EventsText = QueryText.Read("export_events.sql");

    /// <summary>Sessions in the order of their starts.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a filter's regular expression.</exception>
    public IAsyncEnumerable<SessionRow> Sessions(ExportRange range, StatementLimits limits, CancellationToken cancellation) =>
        Read(
            range,
            limits,
            parameters => SessionsText
                .Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal)
                .Replace("{filters}", Conditions(range.Filters.Select(filter => filter.OnSession(parameters))), StringComparison.Ordinal),
            SessionRow.Read,
            cancellation);

    /// <summary>Events, those of a session together, in no other order: that of the journal.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now, or refused a filter's regular expression.</exception>
    public IAsyncEnumerable<ExportedEvent> Events(ExportRange range, StatementLimits limits, CancellationToken cancellation)
    {
        string session = range.Filters.Any(filter => filter is SessionFilter)
            ? "join tracking.all_sessions s on s.project = e.project and s.session_id = e.session_id"
            : "";
        return Read(
            range,
            limits,
            parameters => EventsText
                .Replace("{session}", session, StringComparison.Ordinal)
                .Replace("{filters}", Conditions(range.Filters.Select(filter => filter.OnEvent(parameters))), StringComparison.Ordinal),
            reader => new ExportedEvent(reader.GetGuid(11), EventQueries.Read(reader)),
            cancellation);
    }

    private async IAsyncEnumerable<T> Read<T>(
        ExportRange range,
        StatementLimits limits,
        Func<NpgsqlParameterCollection, string> text,
        Func<NpgsqlDataReader, T> row,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (NpgsqlCommand begin = new(limits.SetLocal, connection))
        {
            await begin.ExecuteNonQueryAsync(cancellation);
        }

        // Rows come as the caller takes them; how long that may be, the caller decides.
        await using NpgsqlCommand command = new() { Connection = connection, CommandTimeout = 0 };
        command.Parameters.AddWithValue("@project", range.Project);
        command.Parameters.Add(Time("@date_from", range.From));
        command.Parameters.Add(Time("@date_to", range.To));
        command.CommandText = text(command.Parameters);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return row(reader);
        }
    }

    private static string Conditions(IEnumerable<string> conditions) => string.Join(" and ", conditions.Prepend("true"));

    private static NpgsqlParameter Time(string name, DateTimeOffset? time) =>
        new(name, NpgsqlDbType.TimestampTz) { Value = (object?)time ?? DBNull.Value };
}
