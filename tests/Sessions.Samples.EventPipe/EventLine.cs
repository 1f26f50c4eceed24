using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Samples.EventPipe;

/// <summary>An event as a line of an export has it.</summary>
internal sealed record EventLine(
    [property: JsonPropertyName("uuid")] Guid? Id,
    [property: JsonPropertyName("event")] string Name,
    [property: JsonPropertyName("distinct_id")] string DistinctId,
    [property: JsonPropertyName("timestamp")] DateTimeOffset? Time,
    [property: JsonPropertyName("properties")] JsonElement? Properties)
{
    /// <summary>The same for the client, which takes the device and the session beside the properties.</summary>
    public SessionEvent ToEvent() => new()
    {
        Id = Id ?? Guid.CreateVersion7(),
        Name = Name,
        DistinctId = DistinctId,
        Timestamp = Time,
        DeviceId = Text("$device_id"),
        SessionId = Text("$session_id"),
        WindowId = Text("$window_id"),
        Properties = Properties is { } all ? Encoding.UTF8.GetBytes(all.GetRawText()) : default,
    };

    private string? Text(string name) =>
        Properties is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
