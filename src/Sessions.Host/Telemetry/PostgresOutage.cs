using System.Net.Sockets;
using Npgsql;
using Sessions.Host.Configuration;

namespace Sessions.Host.Telemetry;

/// <summary>What a log entry means for what is known of Postgres.</summary>
internal enum OutageNews
{
    /// <summary>Nothing: the entry is written.</summary>
    None,

    /// <summary>Postgres has gone: that is written in the entry's place.</summary>
    Begins,

    /// <summary>The entry says once more that Postgres is away: it is not written.</summary>
    GoesOn,
}

/// <summary>
/// Whether Postgres is away, as far as this process' log tells. Orleans and we ask Postgres for something every few seconds,
/// and each of them would log each time that it could not be had. One line says that Postgres is away, and one that it is back.
/// </summary>
internal sealed class PostgresOutage(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _suspected = NewSignal();
    private bool _isAway;
    private long _begun;
    private int _hidden;

    /// <summary>Whether Postgres is away.</summary>
    public bool IsAway
    {
        get
        {
            lock (_gate)
            {
                return _isAway;
            }
        }
    }

    /// <summary>Done when Postgres is away, or when it may be.</summary>
    public Task Suspected
    {
        get
        {
            lock (_gate)
            {
                return _suspected.Task;
            }
        }
    }

    /// <summary>The line at the beginning of an outage.</summary>
    public static string Tell(Exception failure) =>
        $"Postgres can't be reached: {RoleConfiguration.Reason(failure)}. What fails for that is not logged until it is back.";

    /// <summary>Looks at a log entry.</summary>
    public OutageNews See(LogLevel level, Exception? failure)
    {
        if (level < LogLevel.Warning || failure is null)
        {
            return OutageNews.None;
        }

        bool isCertain = IsOf(failure, IsGone);
        if (!isCertain && !IsOf(failure, IsSlow))
        {
            return OutageNews.None;
        }

        lock (_gate)
        {
            if (_isAway)
            {
                _hidden++;
                return OutageNews.GoesOn;
            }

            _suspected.TrySetResult();
            return isCertain && Begin() ? OutageNews.Begins : OutageNews.None;
        }
    }

    /// <summary>Postgres does not answer; false when that was known.</summary>
    public bool Begin()
    {
        lock (_gate)
        {
            if (_isAway)
            {
                return false;
            }

            (_isAway, _begun, _hidden) = (true, time.GetTimestamp(), 0);
            return true;
        }
    }

    /// <summary>Postgres answers. Says for how long it was away, and how many entries were not written.</summary>
    public (TimeSpan Lasted, int Hidden) End()
    {
        lock (_gate)
        {
            TimeSpan lasted = _isAway ? time.GetElapsedTime(_begun) : TimeSpan.Zero;
            (_isAway, _suspected) = (false, NewSignal());
            return (lasted, _hidden);
        }
    }

    private static bool IsOf(Exception failure, Func<Exception, bool> holds) => failure switch
    {
        AggregateException many => many.InnerExceptions.Any(one => IsOf(one, holds)),
        _ => holds(failure) || (failure.InnerException is { } inner && IsOf(inner, holds)),
    };

    /// <summary>Nobody listens, it says that it goes or comes, or the connection broke.</summary>
    private static bool IsGone(Exception failure) => failure is
        PostgresException
        {
            SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        }
        or NpgsqlException { InnerException: SocketException or IOException };

    /// <summary>It may be away, or have much to do.</summary>
    private static bool IsSlow(Exception failure) => failure is NpgsqlException { InnerException: TimeoutException };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
