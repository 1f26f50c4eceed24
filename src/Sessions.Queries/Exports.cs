using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;

namespace Sessions.Queries;

/// <summary>The range and the filters of an export.</summary>
/// <param name="Project">The project.</param>
/// <param name="From">
/// The start of the range: sessions that start, or events that happened, at this time or later. Null for no limit.
/// </param>
/// <param name="To">The end of the range, exclusive. Null for no limit.</param>
/// <param name="Filters">Further conditions.</param>
public sealed record ExportRange(string Project, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<Filter> Filters)
{
    /// <summary>Only the sessions behind a number; null for all. An export of events does not know it.</summary>
    public CountedSessions? Counted { get; init; }
}

/// <summary>An event with its session's id.</summary>
public sealed record ExportedEvent(Guid SessionId, EventRow Event);

/// <summary>Streams any number of rows, holding only a few in memory.</summary>
public sealed class Exports(QuestionDataSource database)
{
    private static readonly string SessionsText = SqlFile.Read("export_sessions.sql");
    private static readonly string EventsText = SqlFile.Read("export_events.sql");

    /// <summary>Reads sessions in an order.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public IAsyncEnumerable<SessionRow> Sessions(ExportRange range, SessionOrder order, StatementLimits limits, CancellationToken cancellation) =>
        Read(
            range,
            limits,
            parameters => SessionsText
                .Replace("{range}", Conditions(range, "s", "start_timestamp", parameters), StringComparison.Ordinal)
                .Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal)
                .Replace("{order}", order.Sql, StringComparison.Ordinal)
                .Replace("{filters}", All([.. range.Filters.Select(filter => filter.OnSession(parameters)), range.Counted?.Condition(parameters) ?? "true"]), StringComparison.Ordinal),
            SessionRow.Read,
            cancellation);

    /// <summary>Reads events in the order of the journal: the events of one session are together.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public IAsyncEnumerable<ExportedEvent> Events(ExportRange range, StatementLimits limits, CancellationToken cancellation)
    {
        string session = range.Filters.Any(filter => filter is SessionFilter)
            ? "join tracking.all_sessions s on s.project = e.project and s.session_id = e.session_id"
            : "";
        return Read(
            range,
            limits,
            parameters => EventsText
                .Replace("{range}", Conditions(range, "e", "timestamp", parameters), StringComparison.Ordinal)
                .Replace("{session}", session, StringComparison.Ordinal)
                .Replace("{filters}", All(range.Filters.Select(filter => filter.OnEvent(parameters))), StringComparison.Ordinal),
            reader => new ExportedEvent(reader.GetGuid(11), EventQueries.Read(reader)),
            cancellation);
    }

    private async IAsyncEnumerable<T> Read<T>(
        ExportRange range,
        StatementLimits limits,
        Func<StatementParameters, string> text,
        Func<NpgsqlDataReader, T> row,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (NpgsqlCommand begin = new(limits.SetLocal, connection))
        {
            await begin.ExecuteNonQueryAsync(cancellation);
        }

        // No command timeout: the caller decides how fast it reads the rows.
        StatementParameters parameters = new(Dialect.Postgres);
        await using NpgsqlCommand command = parameters.With(text(parameters)).OnPostgres(connection);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return row(reader);
        }
    }

    private static string Conditions(ExportRange range, string row, string time, StatementParameters parameters) => All(
    [
        parameters.Dialect.IsOf(row, range.Project, parameters),
        .. range.From is { } from ? new[] { $"{row}.{time} >= {parameters.AddNext(from)}" } : [],
        .. range.To is { } to ? new[] { $"{row}.{time} < {parameters.AddNext(to)}" } : [],
    ]);

    private static string All(IEnumerable<string> conditions) => string.Join(" and ", conditions.Prepend("true"));
}
