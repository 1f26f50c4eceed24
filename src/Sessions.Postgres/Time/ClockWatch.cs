using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Grains;

namespace Sessions.Postgres.Time;

/// <summary>
/// Compares the machine's clock with Postgres', sets this process' <see cref="ServerClock"/>, and says when the two are too
/// far apart: what works with a wrong clock would take days away that are still to be kept.
/// </summary>
public sealed partial class ClockWatch : BackgroundService, IHostedLifecycleService, IStoreClock
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Clock";

    // Postgres is asked again at once until it has answered for the first time.
    private static readonly TimeSpan FirstTries = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string Now = QueryText.Read("clock_now.sql");

    private readonly NpgsqlDataSource _database;
    private readonly ClockOptions _options;
    private readonly ServerClock? _clock;
    private readonly TimeProvider _machine;
    private readonly ILogger<ClockWatch> _log;
    private double _offsetSeconds = double.NaN;
    private bool _isWrong;

    /// <param name="database">Postgres.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">This process' clock. Only a <see cref="ServerClock"/> is set.</param>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="log">Where it says that the clocks differ.</param>
    public ClockWatch(
        NpgsqlDataSource database, IOptions<ClockOptions> options, TimeProvider time, IMeterFactory meters, ILogger<ClockWatch> log)
    {
        _database = database;
        _options = options.Value;
        _clock = time as ServerClock;
        _machine = _clock?.Machine ?? TimeProvider.System;
        _log = log;
        meters.Create(MeterName).CreateObservableGauge(
            "sessions.clock.offset",
            () => double.IsNaN(Volatile.Read(ref _offsetSeconds)) ? [] : new[] { new Measurement<double>(Volatile.Read(ref _offsetSeconds)) },
            "s",
            "By how much this machine's clock is ahead of Postgres'.");
    }

    /// <summary>Why the clocks don't agree, for people; null when they do, or nobody knows yet.</summary>
    public string? Trouble => Volatile.Read(ref _isWrong) ? Difference(TimeSpan.FromSeconds(Volatile.Read(ref _offsetSeconds))) : null;

    /// <summary>Asks before anything else is started: whatever is stored has Postgres' time.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => TryCompare(cancellationToken);

    /// <inheritdoc/>
    public async Task<DateOnly?> Today()
    {
        try
        {
            DateTimeOffset now = await Compare(CancellationToken.None);
            return _isWrong ? null : DateOnly.FromDateTime(now.UtcDateTime);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            throw new SessionsUnavailableException("Postgres can't be asked for the time now.", failure);
        }
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Compares the clocks once, and returns Postgres' time.</summary>
    internal async Task<DateTimeOffset> Compare(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await _database.OpenConnectionAsync(cancellation);
        await using NpgsqlCommand command = new(Now, connection);
        long asked = _machine.GetTimestamp();
        DateTimeOffset before = _machine.GetUtcNow();
        var theirs = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
        long answered = _machine.GetTimestamp();
        // Between question and answer: nobody knows when in that time Postgres looked at its clock.
        TimeSpan doubt = _machine.GetElapsedTime(asked, answered) / 2;
        _clock?.Set(theirs, asked + ((answered - asked) / 2), doubt);
        Judge(before + doubt - theirs, doubt);
        return theirs;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FirstTries, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await TryCompare(stoppingToken))
            {
                timer.Period = _options.Every;
            }
        }
    }

    private async Task<bool> TryCompare(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await Compare(patience.Token);
            return true;
        }
        catch (Exception failure) when (IsAway(failure) && !cancellation.IsCancellationRequested)
        {
            // Others say that Postgres is away; the clock goes on with what it knows.
            return false;
        }
    }

    private void Judge(TimeSpan offset, TimeSpan doubt)
    {
        Volatile.Write(ref _offsetSeconds, offset.TotalSeconds);
        bool isWrong = offset.Duration() - doubt > _options.MaxOffset;
        if (isWrong && !_isWrong)
        {
            LogApart(Difference(offset));
        }
        else if (!isWrong && _isWrong)
        {
            LogTogether();
        }

        Volatile.Write(ref _isWrong, isWrong);
    }

    private static string Difference(TimeSpan offset) => FormattableString.Invariant(
        $"This machine's clock is {Math.Abs(offset.TotalSeconds):0} s {(offset > TimeSpan.Zero ? "ahead of" : "behind")} Postgres'.");

    private static bool IsAway(Exception failure) =>
        failure is NpgsqlException or TimeoutException or IOException or OperationCanceledException;

    [LoggerMessage(LogLevel.Error, "{Difference} This process is not ready and removes no old days until they agree. "
        + "Set the clock of this machine, or that of Postgres, by NTP (chrony, systemd-timesyncd); a restart is not needed.")]
    private partial void LogApart(string difference);

    [LoggerMessage(LogLevel.Information, "This machine's clock agrees with Postgres' again")]
    private partial void LogTogether();
}
