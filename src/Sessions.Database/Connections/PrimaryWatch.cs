using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sessions.Database.Connections;

/// <summary>
/// Looks for a new primary when the present one does not answer. Npgsql alone would ask an absent host again and again
/// before it tries the next one, and each caller would wait for it. So the pools remember for long which hosts are away
/// or standbys, and this class makes them forget it when something is wrong. A host that takes connections and
/// says nothing more is noticed here, too: idle connections to it look good.
/// </summary>
/// <remarks>
/// Each pool remembers for itself. During a promotion one pool may ask just before the standby becomes the primary, and
/// another one just after it. So each pool is tried.
/// </remarks>
internal sealed partial class PrimaryWatch : PeriodicWork
{
    private const int SecondsForAnAnswer = 2;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly string Ask = SqlFile.Read("clock_now.sql");

    private readonly NpgsqlDataSource _database;
    private readonly HistoryWatch _history;
    private readonly string[] _hosts;
    private readonly ILogger<PrimaryWatch> _log;

    /// <param name="database">A pool of connections to the primary.</param>
    /// <param name="settings">The connection string with the hosts.</param>
    /// <param name="history">Learns of a new primary.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Gets lines for those who look for a fault.</param>
    public PrimaryWatch(
        NpgsqlDataSource database, NpgsqlConnectionStringBuilder settings, HistoryWatch history, TimeProvider time, ILogger<PrimaryWatch> log)
        : base(Pace, time)
    {
        _database = database;
        _history = history;
        _log = log;
        _hosts =
        [
            .. PostgresAddress.EachHost(settings).Select(host => new NpgsqlConnectionStringBuilder(host)
            {
                Pooling = false,
                Timeout = SecondsForAnAnswer,
                CommandTimeout = SecondsForAnAnswer,
                ApplicationName = "sessions primary watch",
            }.ConnectionString),
        ];
    }

    /// <inheritdoc/>
    protected override async Task Step(CancellationToken stopping)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            patience.CancelAfter(Patience);
            await using NpgsqlConnection connection = await _database.OpenConnectionAsync(patience.Token);
            await using NpgsqlCommand command = new(Ask, connection) { CommandTimeout = SecondsForAnAnswer };
            await command.ExecuteScalarAsync(patience.Token);
        }
        catch (Exception failure) when (IsOutage(failure) && !stopping.IsCancellationRequested)
        {
            await Task.WhenAll(_hosts.Select(host => Look(host, stopping)));
            foreach (PoolOverHosts pool in _history.OverHosts)
            {
                pool.ForgetHosts();
            }

            throw;
        }

        await Task.WhenAll(_history.OverHosts.Select(pool => Try(pool, stopping)));
    }

    /// <summary>Makes a pool that finds no primary ask its hosts again: another pool has just found one.</summary>
    private async Task Try(PoolOverHosts pool, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            await using NpgsqlConnection connection = await pool.Source.OpenConnectionAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // All its connections are in use, or it waits for a host that it has not asked yet.
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            pool.ForgetHosts();
            LogAsksAgain(failure.Message);
        }
    }

    /// <inheritdoc/>
    protected override bool IsOutage(Exception failure) => failure is OperationCanceledException || PostgresAway.Is(failure);

    /// <inheritdoc/>
    // Other parts of the program warn that Postgres is away.
    protected override void LogFailing(string reason, Exception? fault) =>
        LogLooking(fault is null ? LogLevel.Debug : LogLevel.Warning, reason, fault);

    /// <summary>If the host is another primary than before, all older connections are closed.</summary>
    private async Task Look(string host, CancellationToken stopping)
    {
        try
        {
            await using NpgsqlConnection connection = new(host);
            await connection.OpenAsync(stopping);
            await _history.LookAsync(connection);
        }
        catch (Exception away) when (IsOutage(away))
        {
            // It is not the primary, or not yet.
        }
    }

    [LoggerMessage(EventId = 7033, Message = "The primary of Postgres does not answer ({Reason}). The process asks each host every second which one it is. "
        + "Check the Postgres servers.")]
    private partial void LogLooking(LogLevel level, string reason, Exception? fault);

    [LoggerMessage(7035, LogLevel.Information, "A pool of connections found no primary among the hosts of Postgres ({Reason}), and another pool found one. "
        + "The pool asks each host again.")]
    private partial void LogAsksAgain(string reason);

    [LoggerMessage(7034, LogLevel.Debug, "The primary of Postgres answers.")]
    protected override partial void LogWorking();
}
