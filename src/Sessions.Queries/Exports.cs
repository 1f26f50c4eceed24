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
public sealed class Exports(QueryDataSource database, QueryEngines engines)
{
    private static readonly string SessionsText = SqlFile.Read("export_sessions.sql");
    private static readonly string EventsText = SqlFile.Read("export_events.sql");

    /// <summary>Reads sessions in an order.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public IAsyncEnumerable<SessionRow> Sessions(ExportRange range, SessionOrder order, StatementLimits limits, CancellationToken cancellation) =>
        Read(range.Project, limits, dialect => SessionsOf(range, order, dialect), SessionRow.Of, SessionRow.Read, cancellation);

    /// <summary>Reads events in any order.</summary>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public IAsyncEnumerable<ExportedEvent> Events(ExportRange range, StatementLimits limits, CancellationToken cancellation) =>
        Read(
            range.Project,
            limits,
            dialect => EventsOf(range, dialect),
            row => new ExportedEvent((Guid)row[11]!, EventQueries.Of(row)),
            reader => new ExportedEvent(reader.GetGuid(11), EventQueries.Read(reader)),
            cancellation);

    private static Statement SessionsOf(ExportRange range, SessionOrder order, Dialect dialect)
    {
        StatementParameters parameters = new(dialect);
        dialect.CheckOrder(order.Property.Type, isByBytes: false);
        return parameters.With(SessionsText
            .Replace("{sessions}", dialect.Sessions, StringComparison.Ordinal)
            .Replace("{range}", Conditions(range, "s", "start_timestamp", parameters), StringComparison.Ordinal)
            .Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal)
            .Replace("{order}", order.Sql, StringComparison.Ordinal)
            .Replace("{filters}", All([.. range.Filters.Select(filter => filter.OnSession(parameters)), range.Counted?.Condition(parameters) ?? "true"]), StringComparison.Ordinal));
    }

    private static Statement EventsOf(ExportRange range, Dialect dialect)
    {
        StatementParameters parameters = new(dialect);
        return parameters.With(EventsText
            .Replace("{events}", dialect.Events, StringComparison.Ordinal)
            .Replace("{range}", Conditions(range, "e", "timestamp", parameters), StringComparison.Ordinal)
            .Replace("{session}", range.Filters.Any(filter => filter is SessionFilter) ? dialect.JoinSessions : "", StringComparison.Ordinal)
            .Replace("{filters}", All(range.Filters.Select(filter => filter.OnEvent(parameters))), StringComparison.Ordinal));
    }

    private async IAsyncEnumerable<T> Read<T>(
        string project,
        StatementLimits limits,
        Func<Dialect, Statement> statement,
        Func<object?[], T> ofColumns,
        Func<NpgsqlDataReader, T> ofPostgres,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (await engines.RowsOfColumns(project, limits, statement, cancellation) is { } rows)
        {
            await foreach (object?[] row in rows.WithCancellation(cancellation))
            {
                yield return ofColumns(row);
            }

            yield break;
        }

        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using (NpgsqlCommand begin = new(limits.SetLocal, connection))
        {
            await begin.ExecuteNonQueryAsync(cancellation);
        }

        // No command timeout: the caller decides how fast it reads the rows.
        await using NpgsqlCommand command = statement(Dialect.Postgres).OnPostgres(connection);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return ofPostgres(reader);
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
