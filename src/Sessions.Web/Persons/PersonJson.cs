using System.ComponentModel;
using System.Text.Json.Serialization;
using Sessions.Domain.Events;
using Sessions.Domain.Persons;
using Sessions.Queries.Persons;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Persons;

/// <summary>What is stored of a person, as the API writes it.</summary>
[Description("What is stored of a person, by their sessions.")]
internal sealed record PersonJson(
    IReadOnlyList<string> DistinctIds,
    IReadOnlyList<MergeJson> Merges,
    long Sessions,
    long Events,
    long Replays,
    long Live,
    DateTimeOffset? FirstSeen,
    DateTimeOffset? LastSeen)
{
    public static PersonJson Of(PersonSummary summary) => new(
        summary.Ids, [.. summary.Merges.Select(MergeJson.Of)], summary.Sessions, summary.Events, summary.Replays, summary.Live,
        summary.First, summary.Last);
}

/// <summary>What made one person of two ids.</summary>
[Description("What made one person of two ids.")]
internal sealed record MergeJson(
    string DistinctId, string Into, [property: Words(typeof(MergeJson), nameof(MergeJson.MergeEvents))] string By, DateTimeOffset? Since)
{
    internal static IEnumerable<string> MergeEvents => Enum.GetValues<MergeKind>().Select(EventOf);

    public static MergeJson Of(MergedIds merge) => new(merge.Id, merge.Into, EventOf(merge.Kind), merge.Since);

    /// <summary>The event that causes this kind of merge.</summary>
    public static string EventOf(MergeKind kind) => kind switch
    {
        MergeKind.Identify => EventNames.Identify,
        MergeKind.Alias => "$create_alias",
        MergeKind.Dangerous => "$merge_dangerously",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No event merges in this way."),
    };
}

/// <summary>A deletion of a person, as the API writes it. <c>person</c> is a keyed hash of the id that it was asked for by.</summary>
[Description("A deletion of a person; person is a keyed hash of the id it was asked for by.")]
internal record DeletionJson(
    Guid Id,
    [property: Words(typeof(DeletionJson), nameof(DeletionJson.States))] string State,
    DateTimeOffset AskedAt,
    DateTimeOffset? FinishedAt,
    string Person,
    [property: JsonPropertyOrder(2)] int Sessions,
    [property: JsonPropertyOrder(2)] long Events,
    [property: JsonPropertyOrder(2)] int Replays)
{
    internal static IEnumerable<string> States => Enum.GetValues<DeletionState>().Select(WordOf);

    public static DeletionJson Of(ListedDeletion deletion) => new(
        deletion.Id, WordOf(deletion.State), deletion.Until, deletion.FinishedAt, Convert.ToHexStringLower(deletion.Person),
        deletion.Sessions, deletion.Events, deletion.Replays);

    protected static string WordOf(DeletionState state) => state.ToString().ToLowerInvariant();
}

/// <summary>A deletion that was asked for just now, with the person's ids: only who asked gets them.</summary>
[Description("A deletion that was asked for just now, and the person's ids.")]
internal sealed record RequestedDeletionJson(
    Guid Id,
    string State,
    DateTimeOffset AskedAt,
    DateTimeOffset? FinishedAt,
    string Person,
    [property: JsonPropertyOrder(1)] IReadOnlyList<string> DistinctIds,
    int Sessions,
    long Events,
    int Replays)
    : DeletionJson(Id, State, AskedAt, FinishedAt, Person, Sessions, Events, Replays)
{
    public static RequestedDeletionJson Of(ListedDeletion deletion, IReadOnlyList<string> distinctIds) => new(
        deletion.Id, WordOf(deletion.State), deletion.Until, deletion.FinishedAt, Convert.ToHexStringLower(deletion.Person), distinctIds,
        deletion.Sessions, deletion.Events, deletion.Replays);
}

/// <summary>Something that was done to the project, as the API writes it. Of a person, <c>subject</c> is the keyed hash of an id.</summary>
[Description("Something that was done to the project. Of a person, subject is the keyed hash of an id.")]
internal sealed record AuditLineJson(
    long Id,
    DateTimeOffset At,
    string Actor,
    Guid? ActorKey,
    [property: Words(typeof(AuditLineJson), nameof(AuditLineJson.Ways))] string Way,
    [property: Words(typeof(AuditActions), nameof(AuditActions.All))] string Action,
    string? Subject,
    RawJson Detail,
    [property: Words(typeof(AuditLineJson), nameof(AuditLineJson.Results))] string Result)
{
    internal static readonly string[] Ways = ["api", "page", "server"];

    internal static readonly string[] Results = ["begun", "done", "refused", "failed"];

    public static AuditLineJson Of(AuditLine line) => new(
        line.Id, line.At, line.Record.Actor, line.Record.ActorKey, line.Record.Way, line.Record.Action, line.Record.Subject,
        new RawJson(line.Record.Detail ?? "null"), line.Record.Result);
}

/// <summary>Reads and writes the records of persons, deletions and the audit log.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(PersonJson))]
[JsonSerializable(typeof(PageJson<DeletionJson>))]
[JsonSerializable(typeof(RequestedDeletionJson))]
[JsonSerializable(typeof(PageJson<AuditLineJson>))]
internal sealed partial class PersonJsonContext : JsonSerializerContext;
