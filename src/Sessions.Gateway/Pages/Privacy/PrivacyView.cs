using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Privacy;

/// <summary>What the page of privacy shows.</summary>
/// <param name="Deletions">The latest deletions.</param>
/// <param name="Log">The latest lines of the project's log.</param>
public sealed record PrivacyView(IReadOnlyList<ListedDeletion> Deletions, IReadOnlyList<AuditLine> Log)
{
    /// <summary>How many lines of each list a page shows.</summary>
    public const int Most = 50;

    /// <summary>The id that was looked up; empty when none was.</summary>
    public string DistinctId { get; init; } = "";

    /// <summary>What is stored of that person; null when nobody was looked up.</summary>
    public PersonSummary? Person { get; init; }

    /// <summary>What to say at the top; null for nothing.</summary>
    public string? Said { get; init; }

    /// <summary>What is wrong with what was asked for; null when nothing is.</summary>
    public string? Fault { get; init; }

    /// <summary>Where older lines of the log are; null when there are none.</summary>
    public long? OlderLog { get; init; }
}
