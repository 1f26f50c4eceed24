using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Sessions.Database.Time;

/// <summary>
/// Compares the machine's clock with Postgres' clock, sets this process' <see cref="ServerClock"/>, and warns when the
/// two differ too much: with a wrong clock, the retention would delete data too early.
/// </summary>
public sealed partial class ClockWatch : PeriodicWork, IHostedLifecycleService, IStoreClock
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Clock";

    // The interval until Postgres has answered for the first time.
    private static readonly TimeSpan FirstTries = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string Now = SqlFile.Read("clock_now.sql");

    private readonly NpgsqlDataSource _database;
    private readonly ClockOptions _options;
    private readonly ServerClock? _clock;
    private readonly TimeProvider _machine;
    private readonly ILogger<ClockWatch> _log;
    private double _offsetSeconds = double.NaN;
    private bool _isWrong;

    /// <param name="database">Postgres.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">This process' clock. It is adjusted only if it is a <see cref="ServerClock"/>.</param>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="log">Gets a line when the clocks differ.</param>
    public ClockWatch(
        NpgsqlDataSource database, IOptions<ClockOptions> options, TimeProvider time, IMeterFactory meters, ILogger<ClockWatch> log)
        : base(FirstTries, MachineOf(time))
    {
        _database = database;
        _options = options.Value;
        _clock = time as ServerClock;
        _machine = MachineOf(time);
        _log = log;
        meters.Create(MeterName).CreateObservableGauge(
            "sessions.clock.offset",
            () => double.IsNaN(Volatile.Read(ref _offsetSeconds)) ? [] : new[] { new Measurement<double>(Volatile.Read(ref _offsetSeconds)) },
            "s",
            "By how much this machine's clock is ahead of Postgres'.");
    }

    /// <summary>A message that the clocks differ; null when they agree, or before the first comparison.</summary>
    public string? Trouble => Volatile.Read(ref _isWrong) ? Difference(TimeSpan.FromSeconds(Volatile.Read(ref _offsetSeconds))) : null;

    /// <summary>
    /// Compares the clocks before anything else starts, because everything that is stored has Postgres' time.
    /// </summary>
    public Task StartingAsync(CancellationToken cancellationToken) => Attempt(cancellationToken);

    /// <inheritdoc/>
    public async Task<DateOnly?> Today()
    {
        try
        {
            DateTimeOffset now = await Compare(CancellationToken.None);
            return _isWrong ? null : DateOnly.FromDateTime(now.UtcDateTime);
        }
        catch (Exception failure) when (IsOutage(failure))
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
        // Postgres read its clock at an unknown time between the request and the answer.
        TimeSpan doubt = _machine.GetElapsedTime(asked, answered) / 2;
        _clock?.Set(theirs, asked + ((answered - asked) / 2), doubt);
        Judge(before + doubt - theirs, doubt);
        return theirs;
    }

    /// <inheritdoc/>
    protected override async Task Step(CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        await Compare(patience.Token);
        Interval = _options.Every;
    }

    /// <inheritdoc/>
    protected override bool IsOutage(Exception failure) => failure is OperationCanceledException || PostgresAway.Is(failure);

    /// <inheritdoc/>
    // Other parts of the program warn that Postgres is away. This class keeps the last known offset.
    protected override void LogFailing(string reason, Exception? fault) =>
        LogNotCompared(fault is null ? LogLevel.Debug : LogLevel.Warning, reason, fault);

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

    private static TimeProvider MachineOf(TimeProvider time) => (time as ServerClock)?.Machine ?? TimeProvider.System;

    [LoggerMessage(7010, LogLevel.Error, "{Difference} This process is not ready and removes no old days until the two clocks agree. Set the "
        + "clock of this machine, or that of Postgres, by NTP (chrony, systemd-timesyncd). A restart is not needed.")]
    private partial void LogApart(string difference);

    [LoggerMessage(7011, LogLevel.Information, "This machine's clock agrees with Postgres' again. The process is ready again.")]
    private partial void LogTogether();

    [LoggerMessage(EventId = 7012, Message = "This machine's clock can't be compared with Postgres' now ({Reason}). The process keeps the last "
        + "difference and compares again at its next turn. Check that Postgres runs.")]
    private partial void LogNotCompared(LogLevel level, string reason, Exception? fault);

    [LoggerMessage(7013, LogLevel.Debug, "This machine's clock is compared with Postgres' again.")]
    protected override partial void LogWorking();
}
