using System.Net.Sockets;
using Npgsql;
using Sessions.Host.Configuration;

namespace Sessions.Host.Telemetry;

/// <summary>What a log entry tells about Postgres.</summary>
internal enum OutageNews
{
    /// <summary>Nothing. The entry is written.</summary>
    None,

    /// <summary>Postgres has become unavailable. One line about this is written in place of the entry.</summary>
    Begins,

    /// <summary>The entry repeats that Postgres is unavailable. It is not written.</summary>
    GoesOn,
}

/// <summary>
/// Whether Postgres is unavailable, according to the log of this process. Orleans and our own services query Postgres
/// every few seconds, and each would log every failure. Instead one line reports the beginning of an outage and one
/// its end.
/// </summary>
internal sealed class PostgresOutage(TimeProvider time)
{
    /// <summary>The id of the line at the beginning of an outage.</summary>
    public const int BeginsId = 5010;

    /// <summary>The text of the line at the beginning of an outage.</summary>
    public const string BeginsText =
        "Postgres can't be reached ({Reason}). The process tries again every second, and logs no failures of this kind until "
        + "Postgres is back. Check that Postgres runs and that this machine can reach it.";

    private readonly Lock _gate = new();
    private TaskCompletionSource _suspected = NewSignal();
    private bool _isAway;
    private long _begun;
    private int _hidden;

    /// <summary>Whether Postgres is unavailable.</summary>
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

    /// <summary>Completes when Postgres is, or may be, unavailable.</summary>
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
        BeginsText.Replace("{Reason}", RoleConfiguration.Reason(failure), StringComparison.Ordinal);

    /// <summary>Classifies a log entry.</summary>
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

    /// <summary>Records that Postgres does not answer; false when that was known.</summary>
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

    /// <summary>
    /// Records that Postgres answers again. Returns the length of the outage and the number of hidden entries.
    /// </summary>
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

    /// <summary>
    /// Whether the failure proves an outage: no server listens, it starts or shuts down, or the connection broke.
    /// </summary>
    private static bool IsGone(Exception failure) => failure is
        PostgresException
        {
            SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        }
        or NpgsqlException { InnerException: SocketException or IOException };

    /// <summary>Whether Postgres may be unavailable, or only slow.</summary>
    /// <remarks>Of several hosts, all may be known to be away or standbys; then nothing is tried and there is no cause.</remarks>
    private static bool IsSlow(Exception failure) =>
        failure is NpgsqlException { InnerException: TimeoutException } or (NpgsqlException { InnerException: null } and not PostgresException);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
