using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Api;

namespace Sessions.Web.Browsing;

/// <summary>An event that a session took, as the API writes it.</summary>
[Description("An event that a session took.")]
internal sealed record EventJson(
    Guid SessionId,
    Guid EventId,
    DateTimeOffset Timestamp,
    DateTimeOffset ReceivedAt,
    string Event,
    string DistinctId,
    string? DeviceId,
    string? WindowId,
    string? CurrentUrl,
    string? Pathname,
    long SenderOrder,
    RawJson Properties)
{
    public static EventJson Of(Guid sessionId, EventRow row) => new(
        sessionId, row.EventId, row.Timestamp, row.ReceivedAt, row.Event, row.DistinctId, row.DeviceId, row.WindowId, row.CurrentUrl,
        row.Pathname, row.SenderOrder, new RawJson(row.PropertiesJson ?? "{}"));
}

/// <summary>Who is on now, as the API writes it.</summary>
[Description("Who is on now.")]
internal sealed record LiveJson(long Count, IReadOnlyList<SessionRow> Sessions);

/// <summary>Writes a session as one flat object, with the names of the table of properties; absent properties are null.</summary>
internal sealed class SessionRowConverter : JsonConverter<SessionRow>
{
    public override SessionRow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Sessions can only be written, not read.");

    public override void Write(Utf8JsonWriter writer, SessionRow value, JsonSerializerOptions options) => PropertyJson.Write(writer, value);
}

/// <summary>Writes sessions and events.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TimeConverter), typeof(SessionRowConverter)])]
[JsonSerializable(typeof(PageJson<SessionRow>))]
[JsonSerializable(typeof(PageJson<EventJson>))]
[JsonSerializable(typeof(LiveJson))]
internal sealed partial class SessionJsonContext : JsonSerializerContext;
