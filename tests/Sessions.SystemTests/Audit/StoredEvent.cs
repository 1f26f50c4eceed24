using System.Text.Json;

namespace Sessions.SystemTests.Audit;

/// <summary>A row of the view <c>events</c>.</summary>
public sealed record StoredEvent(
    Guid SessionId,
    Guid EventId,
    string Name,
    DateTime Timestamp,
    string DistinctId,
    JsonElement Properties,
    DateTime ReceivedAt,
    long SenderOrder)
{
    /// <summary>Whether it is a page or screen, which entry, exit and bounce go by.</summary>
    public bool IsPage => Name is "$pageview" or "$screen";

    /// <summary>What a screen goes by that has no URL; null for anything else.</summary>
    public string? NameOfScreen => Name == "$screen" && Text("$current_url") is null ? Text("$screen_name") : null;

    /// <summary>Events in their order: by time, then by the sender's order, then by id.</summary>
    public static StoredEvent[] InOrder(IEnumerable<StoredEvent> events) =>
        [.. events.OrderBy(e => e.Timestamp).ThenBy(e => e.SenderOrder).ThenBy(e => e.EventId.ToString(), StringComparer.Ordinal)];

    /// <summary>A property as text; empty and "null" count as absent.</summary>
    public string? Text(string name) =>
        Properties.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() is { Length: > 0 } text && text != "null" ? text : null
            : null;
}
