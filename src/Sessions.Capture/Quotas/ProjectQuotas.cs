using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sessions.Domain.Quotas;

namespace Sessions.Capture.Quotas;

/// <summary>
/// What this gateway has taken of each project, in memory, and what it may still take. <see cref="QuotaExchange"/> tells it
/// what the other gateways have taken.
/// </summary>
internal sealed partial class ProjectQuotas(QuotaOptions options, TimeProvider time, ILogger<ProjectQuotas> logger)
{
    private readonly ConcurrentDictionary<string, Entry> _projects = new();
    private readonly long _begun = time.GetTimestamp();

    /// <summary>Decides about a request before it is stored.</summary>
    /// <param name="project">The project.</param>
    /// <param name="ofProject">The limits that the project has set for itself.</param>
    /// <param name="asked">What the request brings.</param>
    /// <param name="kind">What SDKs call it.</param>
    /// <exception cref="CaptureRefusedException">The project is over its quota: 429.</exception>
    public void Check(string project, QuotaLimits ofProject, QuotaUse asked, string kind)
    {
        QuotaLimits limits = options.Limits.And(ofProject);
        if (limits == QuotaLimits.None)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        Entry entry = EntryOf(project, now);
        QuotaExcess? excess;
        bool isNews = false;
        lock (entry)
        {
            (entry.Use, excess) = entry.Use.At(now).Ask(limits, asked, now, time.GetElapsedTime(_begun));
            if (excess is not null && entry.Reported != entry.Use.Day)
            {
                entry.Reported = entry.Use.Day;
                isNews = true;
            }
        }

        if (isNews)
        {
            LogOver(project, excess!.Quota);
        }

        if (excess is not null)
        {
            throw new CaptureRefusedException(CaptureRefusal.OverQuota(excess, kind));
        }
    }

    /// <summary>Counts what is stored now.</summary>
    public void Count(string project, QuotaUse taken)
    {
        DateTimeOffset now = time.GetUtcNow();
        Entry entry = EntryOf(project, now);
        lock (entry)
        {
            ProjectUse use = entry.Use.At(now);
            entry.Use = use with { Mine = use.Mine + taken };
        }
    }

    /// <summary>What this gateway has taken on a day, of each project of which the others know less.</summary>
    public IReadOnlyList<(string Project, QuotaUse Mine)> Untold(DateOnly day)
    {
        List<(string Project, QuotaUse Mine)> untold = [];
        foreach ((string project, Entry entry) in _projects)
        {
            lock (entry)
            {
                if (entry.Use.Day == day && entry.Use.Mine != default && entry.Told != (day, entry.Use.Mine))
                {
                    untold.Add((project, entry.Use.Mine));
                }
            }
        }

        return untold;
    }

    /// <summary>Notes what the other gateways know of this one, and takes over what they have taken.</summary>
    public void Exchanged(
        DateOnly day, IReadOnlyList<(string Project, QuotaUse Mine)> told, IReadOnlyList<OtherUse> others)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string project, QuotaUse mine) in told)
        {
            Entry entry = EntryOf(project, now);
            lock (entry)
            {
                entry.Told = (day, mine);
            }
        }

        foreach (OtherUse other in others)
        {
            Entry entry = EntryOf(other.Project, now);
            lock (entry)
            {
                ProjectUse use = entry.Use.At(now);
                entry.Use = use.Day == day ? use with { Others = other.Use, Gateways = other.Gateways + 1 } : use;
            }
        }
    }

    private Entry EntryOf(string project, DateTimeOffset now) =>
        _projects.GetOrAdd(project, static (_, day) => new Entry(day), DateOnly.FromDateTime(now.UtcDateTime));

    [LoggerMessage(3060, LogLevel.Warning, "Project {Project} is over its quota {Quota}. Its senders get 429: server SDKs send again later, and "
        + "browsers drop the events. Raise the quota in Sessions:Quota or in the project's settings, or find out who sends so much. "
        + "This is logged once a day.")]
    private partial void LogOver(string project, Quota quota);

    /// <summary>One project. Lock it.</summary>
    private sealed class Entry(DateOnly day)
    {
        public ProjectUse Use { get; set; } = new(day);

        public (DateOnly Day, QuotaUse Mine) Told { get; set; }

        public DateOnly Reported { get; set; }
    }
}
