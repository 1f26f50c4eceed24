using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Sessions.Database.Properties;
using Sessions.Domain.Replay;
using Sessions.Web.Api;

namespace Sessions.Web.Browsing;

/// <summary>A session, and whether its recording can be played.</summary>
[JsonConverter(typeof(RecordedSessionConverter))]
internal sealed record RecordedSessionJson(SessionRow Session, ReplayPlayability Replay);

/// <summary>Writes the properties of a session and what is said of its recording as one flat object.</summary>
internal sealed class RecordedSessionConverter : JsonConverter<RecordedSessionJson>, IDescribedConverter
{
    private const string Playable = "playable";
    private const string Problem = "problem";
    private const string ProblemDetail = "problem_detail";

    public void Describe(OpenApiSchema schema)
    {
        SessionSchema.Describe(schema);
        schema.Description = "One session, and whether its recording can be played. Missing values are null.";
        Add(Playable, JsonSchemaType.Boolean, "Whether the recording can be played; null without a recording.");
        Add(Problem, JsonSchemaType.String, "Why the recording, or a part of it, can't be played: a code.");
        Add(ProblemDetail, JsonSchemaType.String, "The same as a sentence.");

        void Add(string name, JsonSchemaType type, string description)
        {
            schema.Required!.Add(name);
            schema.Properties!.Add(name, new OpenApiSchema { Type = type | JsonSchemaType.Null, Description = description });
        }
    }

    public override RecordedSessionJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Sessions can only be written, not read.");

    public override void Write(Utf8JsonWriter writer, RecordedSessionJson value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        PropertyJson.WriteProperties(writer, value.Session);
        writer.WritePropertyName(Playable);
        PropertyJson.WriteValue(writer, value.Replay.Playable);
        writer.WriteString(Problem, value.Replay.Problem);
        writer.WriteString(ProblemDetail, value.Replay.Detail);
        writer.WriteEndObject();
    }
}
