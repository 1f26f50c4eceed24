using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
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
[Description("Who is on now. count: the live sessions. active_count: those whose last event is at most five minutes old.")]
internal sealed record LiveJson(
    long Count, long ActiveCount, [property: JsonConverter(typeof(LiveSessionsConverter))] IReadOnlyList<LiveSessionJson> Sessions)
{
    /// <summary>The name of the last event's time.</summary>
    public const string LastEventAt = "$last_event_at";

    public static LiveJson Of(LiveSessions live) =>
        new(live.Count, live.ActiveCount, [.. live.Sessions.Select(session => new LiveSessionJson(session))]);
}

/// <summary>A live session.</summary>
[Description("A live session, with the time of its last event.")]
internal sealed record LiveSessionJson(SessionRow Session);

/// <summary>Writes live sessions: flat objects with all properties, and the times of their last events.</summary>
internal sealed class LiveSessionsConverter : JsonConverter<IReadOnlyList<LiveSessionJson>>, IDescribedConverter
{
    public void Describe(OpenApiSchema schema)
    {
        OpenApiSchema session = new();
        SessionSchema.Describe(session);
        session.Description = "A live session, with the time of its last event.";
        session.Required!.Add(LiveJson.LastEventAt);
        session.Properties!.Add(LiveJson.LastEventAt, new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" });
        schema.Type = JsonSchemaType.Array;
        schema.Items = session;
    }

    public override IReadOnlyList<LiveSessionJson> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Sessions can only be written, not read.");

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<LiveSessionJson> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (LiveSessionJson live in value)
        {
            SessionJson.WriteLive(writer, live.Session);
        }

        writer.WriteEndArray();
    }
}

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
[JsonSerializable(typeof(LiveSessionJson))]
[JsonSerializable(typeof(SessionRow))]
[JsonSerializable(typeof(RecordedSessionJson))]
internal sealed partial class SessionJsonContext : JsonSerializerContext;
