using System.Data;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Queries.Hours;

/// <summary>
/// Aggregates hours that have become old enough, and again those in which sessions have changed. One silo at a time
/// does this. Event transactions never wait for it: they only insert marks of changed hours.
/// </summary>
internal sealed partial class HourKeeper(
    NpgsqlDataSource database, IOptions<HourOptions> options, TimeProvider clock, ILogger<HourKeeper> log)
    : PeriodicWork(TimeSpan.FromSeconds(options.Value.CountSeconds), clock)
{
    // The most hours that are aggregated in one transaction.
    private const int HoursAtOnce = 24;

    private static readonly string TryLock = SqlFile.Read("hours_try_lock.sql");
    private static readonly string Horizon = SqlFile.Read("hours_horizon.sql");
    private static readonly string Projects = SqlFile.Read("hours_projects.sql");
    private static readonly string Kept = SqlFile.Read("hours_kept.sql");
    private static readonly string Clear = SqlFile.Read("hours_clear.sql");
    private static readonly string Next = SqlFile.Read("hours_next.sql");
    private static readonly string Changed = SqlFile.Read("hours_changed.sql");
    private static readonly string Sessions = HourRows.Statement("hours_sessions.sql");
    private static readonly string Put = SqlFile.Read("hours_put.sql");
    private static readonly string Remove = SqlFile.Read("hours_remove.sql");
    private static readonly string Seen = SqlFile.Read("hours_seen.sql");
    private static readonly string Keep = SqlFile.Read("hours_keep.sql");

    /// <summary>Makes one round: when it completes, every hour that had changed before is aggregated.</summary>
    /// <returns>Whether the round was made; false when another silo is aggregating.</returns>
    /// <exception cref="NpgsqlException">Postgres can't answer now. Nothing is lost.</exception>
    public async Task<bool> Count(CancellationToken cancellation)
    {
        await using NpgsqlConnection holder = await database.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction turn = await holder.BeginTransactionAsync(cancellation);
        if (!await Ask<bool>(holder, TryLock, cancellation))
        {
            return false;
        }

        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        DateTimeOffset horizon = await Ask<DateTime>(connection, Horizon, cancellation);
        foreach (string project in await List<string>(connection, Projects, cancellation, horizon, HourColumns.Format))
        {
            while (await CountSome(connection, project, horizon, cancellation))
            {
            }
        }

        await turn.CommitAsync(cancellation);
        return true;
    }

    protected override Task Step(CancellationToken stopping) => Count(stopping);

    [LoggerMessage(2001, LogLevel.Warning, "The summaries of past hours can't be updated now ({Reason}). The silo tries again at its next turn. Queries over long "
        + "ranges read single rows until then, and are slower. Check that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(2002, LogLevel.Information, "The summaries of past hours are updated again.")]
    protected override partial void LogWorking();

    /// <summary>Aggregates some hours of a project in one snapshot. Returns whether there are more.</summary>
    private static async Task<bool> CountSome(
        NpgsqlConnection connection, string project, DateTimeOffset horizon, CancellationToken cancellation)
    {
        await using NpgsqlTransaction snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        DateTimeOffset? until = await KeptUntil(connection, project, cancellation);
        if (until is null)
        {
            await Do(connection, Clear, cancellation, project);
        }

        DateTimeOffset from = until ?? DateTimeOffset.MinValue;
        DateTimeOffset newUntil = from < horizon ? horizon : from;
        List<DateTimeOffset> hours = await List<DateTimeOffset>(connection, Changed, cancellation, project, DateTimeOffset.MinValue, from, HoursAtOnce);
        bool isMore = hours.Count == HoursAtOnce;
        DateTimeOffset? first = await Ask<DateTime?>(connection, Next, cancellation, project, from);
        if (first is { } next && next < newUntil)
        {
            // Skips hours without sessions.
            DateTimeOffset end = newUntil - next > TimeSpan.FromHours(HoursAtOnce) ? next.AddHours(HoursAtOnce) : newUntil;
            for (DateTimeOffset hour = next; hour < end; hour = hour.AddHours(1))
            {
                hours.Add(hour);
            }

            isMore |= end < newUntil;
            newUntil = end;
        }

        await CountHours(connection, project, hours, cancellation);
        await Do(connection, Seen, cancellation, project, hours, newUntil);
        if (newUntil != until)
        {
            await Do(connection, Keep, cancellation, project, HourColumns.Format, newUntil);
        }

        await snapshot.CommitAsync(cancellation);
        return isMore;
    }

    private static async Task<DateTimeOffset?> KeptUntil(NpgsqlConnection connection, string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(connection, Kept, project);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) && reader.GetInt16(0) == HourColumns.Format
            ? reader.GetFieldValue<DateTimeOffset>(1)
            : null;
    }

    private static async Task CountHours(
        NpgsqlConnection connection, string project, List<DateTimeOffset> hours, CancellationToken cancellation)
    {
        if (hours.Count == 0)
        {
            return;
        }

        List<DateTimeOffset> counted = [];
        List<int> counts = [];
        List<byte[]> sessions = [];
        await using (NpgsqlCommand command = Command(connection, Sessions, project, hours))
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            List<HourRow> rows = [];
            DateTimeOffset current = default;
            while (await reader.ReadAsync(cancellation))
            {
                DateTimeOffset hour = reader.GetFieldValue<DateTimeOffset>(HourRows.Count);
                if (hour != current)
                {
                    Counted(current, rows);
                    current = hour;
                }

                rows.Add(HourRows.Read(reader));
            }

            Counted(current, rows);
        }

        await Do(connection, Put, cancellation, project, counted, counts, sessions);
        await Do(connection, Remove, cancellation, project, hours.Except(counted).ToList());

        void Counted(DateTimeOffset hour, List<HourRow> rows)
        {
            if (rows.Count > 0)
            {
                counted.Add(hour);
                counts.Add(rows.Count);
                sessions.Add(HourWriter.Write(rows));
                rows.Clear();
            }
        }
    }

    private static async Task<T> Ask<T>(NpgsqlConnection connection, string statement, CancellationToken cancellation, params object[] values)
    {
        await using NpgsqlCommand command = Command(connection, statement, values);
        object? value = await command.ExecuteScalarAsync(cancellation);
        return value is DBNull ? default! : (T)value!;
    }

    private static async Task<List<T>> List<T>(NpgsqlConnection connection, string statement, CancellationToken cancellation, params object[] values)
    {
        await using NpgsqlCommand command = Command(connection, statement, values);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<T> list = [];
        while (await reader.ReadAsync(cancellation))
        {
            list.Add(reader.GetFieldValue<T>(0));
        }

        return list;
    }

    private static async Task Do(NpgsqlConnection connection, string statement, CancellationToken cancellation, params object[] values)
    {
        await using NpgsqlCommand command = Command(connection, statement, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string statement, params object[] values)
    {
        NpgsqlCommand command = new(statement, connection);
        foreach (object value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
