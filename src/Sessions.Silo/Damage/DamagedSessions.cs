using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Damage;

/// <summary>
/// What this silo could not read or write of single sessions, for the operator: a log line for each session, a metric, and
/// the silo's health. The sessions go on, and no other is affected.
/// </summary>
internal sealed partial class DamagedSessions
{
    // A session is reported once. Beyond this number only the metric counts.
    private const int MaxReported = 1_000;

    /// <summary>How long the silo's health mentions it.</summary>
    private static readonly TimeSpan Mentioned = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<(SessionKey Session, string Part), byte> _reported = new();
    private readonly Counter<long> _damaged;
    private readonly TimeProvider _clock;
    private readonly ILogger<DamagedSessions> _log;
    private long _last;
    private long _count;
    private int _hasNewer;

    public DamagedSessions(IMeterFactory meters, TimeProvider clock, ILogger<DamagedSessions> log)
    {
        (_clock, _log) = (clock, log);
        _damaged = meters.Create(GrainMetrics.MeterName).CreateCounter<long>(
            "sessions.damaged", "{session}", "Sessions of which a part could not be read or written, by part: state, entry or row.");
        foreach (string part in (string[])[Part.State, Part.Entry, Part.Row])
        {
            _damaged.Add(0, Tag(part));
        }
    }

    /// <summary>A message that there were some in the last day; null when there were none.</summary>
    public string? Trouble => Volatile.Read(ref _count) is > 0 and var count && _clock.GetElapsedTime(Volatile.Read(ref _last)) < Mentioned
        ? FormattableString.Invariant($"{count} stored sessions could not be read or written whole. The log names them (events 1150 to 1152).")
        : null;

    /// <summary>Reports what could not be read of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="damage">Null when all could be read.</param>
    public void Report(SessionKey session, SessionDamage? damage)
    {
        if (damage is null)
        {
            return;
        }

        if (damage.Entries > 0 && IsNew(session, Part.Entry))
        {
            LogEntries(damage.Entries, session.SessionId, session.Project, damage.First, damage.EntryFault);
        }

        if (damage is { IsOfNewerVersion: true })
        {
            // All sessions that a newer build has written: usual after a step back to this one.
            if (Interlocked.Exchange(ref _hasNewer, 1) == 0)
            {
                LogNewer(damage.StateFault);
            }
        }
        else if (damage.StateFault is { } fault && IsNew(session, Part.State))
        {
            LogState(session.SessionId, session.Project, fault);
        }
    }

    /// <summary>Reports that Postgres refuses a session's row.</summary>
    public void RowIsRefused(SessionKey session, PostgresException refusal)
    {
        if (IsNew(session, Part.Row))
        {
            LogRow(session.SessionId, session.Project, $"{refusal.SqlState} {refusal.MessageText}");
        }
    }

    private bool IsNew(SessionKey session, string part)
    {
        if (_reported.Count >= MaxReported ? _reported.ContainsKey((session, part)) : !_reported.TryAdd((session, part), 0))
        {
            return false;
        }

        Volatile.Write(ref _last, _clock.GetTimestamp());
        Interlocked.Increment(ref _count);
        _damaged.Add(1, Tag(part));
        return _reported.ContainsKey((session, part));
    }

    private static KeyValuePair<string, object?> Tag(string part) => new("part", part);

    [LoggerMessage(1150, LogLevel.Warning, "{Count} journal entries of session {Session} of project {Project} can't be read. The first is number {First}: "
        + "{Fault}. The session goes on without them, and no other is affected. Compare the entries with a backup "
        + "(docs/operations.md, Damaged sessions).")]
    private partial void LogEntries(int count, Guid session, string project, int first, string? fault);

    [LoggerMessage(1151, LogLevel.Warning, "The stored state of session {Session} of project {Project} can't be read ({Fault}). It was folded again from the journal, "
        + "and nothing is lost. Check the disk of Postgres if there are more (docs/operations.md, Damaged sessions).")]
    private partial void LogState(Guid session, string project, string fault);

    [LoggerMessage(1152, LogLevel.Warning, "Postgres refuses the row of session {Session} of project {Project} ({Refusal}). The row stays as it was until the session's next "
        + "event, the journal has all of them, and other rows are written. Compare the row with a backup (docs/operations.md, Damaged sessions).")]
    private partial void LogRow(Guid session, string project, string refusal);

    [LoggerMessage(1153, LogLevel.Warning, "States of sessions were written by a newer version ({Fault}). This build folds them again from the journal, which takes longer. "
        + "Go on to the newer version if you did not mean to step back.")]
    private partial void LogNewer(string? fault);

    private static class Part
    {
        public const string State = "state";
        public const string Entry = "entry";
        public const string Row = "row";
    }
}
