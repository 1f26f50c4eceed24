using System.Text.Json;

namespace Sessions;

/// <summary>The events that merge two ids of a person.</summary>
internal static class PersonMerge
{
    public const string Identify = "$identify";
    public const string CreateAlias = "$create_alias";
    public const string MergeDangerously = "$merge_dangerously";

    /// <summary>Whether events of that name merge ids.</summary>
    public static bool IsNamed(string? name) => name is Identify or CreateAlias or MergeDangerously;

    /// <summary>The other id of an event that merges ids; null when the event has none.</summary>
    /// <param name="happened">The event.</param>
    public static string? OtherIdOf(SessionEvent happened)
    {
        string? name = IdText.Trim(happened.Name);
        if (!IsNamed(name) || happened.Properties.IsEmpty)
        {
            return null;
        }

        try
        {
            using JsonDocument properties = JsonDocument.Parse(happened.Properties);
            return properties.RootElement.ValueKind == JsonValueKind.Object
                && properties.RootElement.TryGetProperty(name == Identify ? "$anon_distinct_id" : "alias", out JsonElement id)
                    ? TextOf(id)
                    : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Invalid JSON, or half of a surrogate pair. The grain refuses the event with a reason.
            return null;
        }
    }

    /// <summary>Whether an event merges two ids, neither of which is generic.</summary>
    /// <param name="distinctId">The event's distinct id.</param>
    /// <param name="otherId">The other id, which the event merges with the distinct id.</param>
    public static bool Joins(string? distinctId, string? otherId) =>
        otherId is not null && distinctId is not null
        && otherId != distinctId && !PersonIds.NamesNobody(otherId) && !PersonIds.NamesNobody(distinctId);

    private static string? TextOf(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => IdText.Stored(id.GetString()),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => id.GetRawText(),
    };
}
