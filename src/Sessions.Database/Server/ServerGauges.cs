using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sessions.Database.Server;

/// <summary>
/// Measures every half a minute what ends with a Postgres that takes nothing any more: the age of transaction ids, which Postgres
/// must freeze before they run out, and the oldest open transaction, which keeps it from doing so.
/// </summary>
public sealed partial class ServerGauges : PeriodicWork
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Postgres";

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly string Ages = SqlFile.Read("server_ages.sql");

    private readonly NpgsqlDataSource _database;
    private readonly ILogger<ServerGauges> _log;
    private Measured? _last;

    /// <param name="database">Postgres.</param>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Gets a line when the measurement fails.</param>
    public ServerGauges(NpgsqlDataSource database, IMeterFactory meters, TimeProvider time, ILogger<ServerGauges> log)
        : base(Every, time, FirstStep.AtOnce)
    {
        _database = database;
        _log = log;
        Meter meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "sessions.postgres.frozen.age",
            () => _last is { } last ? [new Measurement<long>(last.FrozenAge)] : Array.Empty<Measurement<long>>(),
            "{transaction}",
            "The age of the oldest transaction id in Postgres. It stops at two thousand million.");
        meter.CreateObservableGauge(
            "sessions.postgres.oldest_transaction",
            () => _last is { } last ? [new Measurement<double>(last.OldestSeconds)] : Array.Empty<Measurement<double>>(),
            "s",
            "For how long the oldest transaction in Postgres has been open.");
    }

    /// <summary>Measures once.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    internal async Task Measure(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = _database.CreateCommand(Ages);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        _last = new Measured(reader.GetInt64(0), reader.GetDouble(1));
    }

    /// <inheritdoc/>
    protected override Task Step(CancellationToken stopping) => Measure(stopping);

    [LoggerMessage(7040, LogLevel.Warning, "The age of Postgres' transactions can't be measured now ({Reason}). The metrics keep the last value. Check "
        + "that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(7041, LogLevel.Information, "The age of Postgres' transactions is measured again.")]
    protected override partial void LogWorking();

    private sealed record Measured(long FrozenAge, double OldestSeconds);
}
