using Sessions.Queries.Persons;

namespace Sessions.Web.Persons;

/// <summary>The data of the page of privacy.</summary>
/// <param name="Deletions">The latest deletions.</param>
/// <param name="Log">The latest entries of the audit log.</param>
public sealed record PrivacyView(IReadOnlyList<ListedDeletion> Deletions, IReadOnlyList<AuditLine> Log)
{
    /// <summary>How many entries of each list a page shows.</summary>
    public const int Most = 50;

    /// <summary>The id that was looked up; empty for none.</summary>
    public string DistinctId { get; init; } = "";

    /// <summary>The stored data of that person; null when no person was looked up.</summary>
    public PersonSummary? Person { get; init; }

    /// <summary>A message for the top of the page; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>What is wrong with the request; null when it is valid.</summary>
    public string? Fault { get; init; }

    /// <summary>The cursor of older entries of the audit log; null when there are none.</summary>
    public long? OlderLog { get; init; }
}
