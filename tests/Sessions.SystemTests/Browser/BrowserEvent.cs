using System.Globalization;
using System.Text.Json.Nodes;

namespace Sessions.SystemTests.Browser;

/// <summary>An event as the SDK made it, at a time by the browser's clock, which is this machine's.</summary>
public sealed record BrowserEvent(Guid Id, string Name, DateTimeOffset At, JsonObject Properties)
{
    public string SessionId => (string)Properties["$session_id"]!;

    public string? Url => (string?)Properties["$current_url"];

    public static BrowserEvent Parse(string json)
    {
        JsonObject made = JsonNode.Parse(json)!.AsObject();
        return new BrowserEvent(
            Guid.Parse((string)made["uuid"]!),
            (string)made["event"]!,
            DateTimeOffset.Parse((string)made["timestamp"]!, CultureInfo.InvariantCulture),
            made["properties"]!.AsObject());
    }
}
