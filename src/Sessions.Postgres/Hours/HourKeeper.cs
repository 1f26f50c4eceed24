using System.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Postgres.Hours;

/// <summary>
/// Counts the hours in which something has changed, and those that have become old enough to keep. One silo does it at a
/// time, whichever comes first. The event path waits for nothing here: it adds marks that nobody else holds.
/// </summary>
internal sealed class HourKeeper(
    NpgsqlDataSource database, IOptions<HourOptions> options, TimeProvider clock, ILogger<HourKeeper> log) : BackgroundService
{
    // What is counted in one transaction.
    private const int HoursAtOnce = 24;

    private static readonly string TryLock = QueryText.Read("hours_try_lock.sql");
    private static readonly string Horizon = QueryText.Read("hours_horizon.sql");
    private static readonly string Projects = QueryText.Read("hours_projects.sql");
    private static readonly string Kept = QueryText.Read("hours_kept.sql");
    private static readonly string Clear = QueryText.Read("hours_clear.sql");
    private static readonly string Next = QueryText.Read("hours_next.sql");
    private static readonly string Changed = QueryText.Read("hours_changed.sql");
    private static readonly string Sessions = HourRows.Statement("hours_sessions.sql");
    private static readonly string Put = QueryText.Read("hours_put.sql");
    private static readonly string Remove = QueryText.Read("hours_remove.sql");
    private static readonly string Seen = QueryText.Read("hours_seen.sql");
    private static readonly string Keep = QueryText.Read("hours_keep.sql");

    private bool _isFailing;

    /// <summary>One round: when it comes back, every hour is counted that had changed before.</summary>
    /// <returns>Whether it was done; false when another silo is at it.</returns>
    /// <exception cref="NpgsqlException">Postgres can't do it now; nothing is lost.</exception>
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(options.Value.CountSeconds), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Count(stoppingToken);
                _isFailing = false;
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
            {
                if (!_isFailing)
                {
                    _isFailing = true;
                    log.LogWarning(failure, "The hours' sessions can't be counted now; it is tried again, and questions read rows until then");
                }
            }
        }
    }

    /// <summary>Counts some hours of a project in one snapshot. Says whether there are more.</summary>
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
            // What lies between has no sessions.
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
