using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sessions.Gateway.Pages.Frame;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>A series as its person chose it.</summary>
/// <param name="Event">The event; empty for sessions.</param>
/// <param name="Math">What is made of it.</param>
/// <param name="Property">Of which property; empty for none.</param>
public sealed record SeriesRow(string Event, string Math, string Property = "");

/// <summary>A query as pages put it together; the same that programs send to <c>/api/query</c>.</summary>
public sealed record QueryBody
{
    private static readonly JsonWriterOptions Readable =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public required string From { get; init; }

    public string? To { get; init; }

    public string? Interval { get; init; }

    public required IReadOnlyList<SeriesRow> Series { get; init; }

    public string? Formula { get; init; }

    public IReadOnlyList<FilterRow> Filters { get; init; } = [];

    public string? Breakdown { get; init; }

    public int? Bins { get; init; }

    public int Limit { get; init; } = 25;

    public bool Compare { get; init; }

    /// <summary>The query as JSON that people can read.</summary>
    public byte[] ToJson()
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text, Readable))
        {
            Write(json);
        }

        return text.WrittenSpan.ToArray();
    }

    public override string ToString() => Encoding.UTF8.GetString(ToJson());

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("date_from", From);
        if (To is not null)
        {
            json.WriteString("date_to", To);
        }

        json.WriteString("interval", Interval);
        json.WriteStartArray("series");
        foreach (SeriesRow series in Series)
        {
            json.WriteStartObject();
            json.WriteString("event", series.Event.Length == 0 ? null : series.Event);
            json.WriteString("math", series.Math);
            if (series.Property.Length > 0)
            {
                json.WriteString("property", series.Property);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (Formula is not null)
        {
            json.WriteString("formula", Formula);
        }

        if (Filters.Count > 0)
        {
            json.WritePropertyName("filters");
            FilterRows.Write(json, Filters);
        }

        if (Breakdown is not null)
        {
            json.WriteStartObject("breakdown");
            json.WriteString("property", Breakdown);
            if (Bins is { } bins)
            {
                json.WriteNumber("bins", bins);
            }

            json.WriteNumber("limit", Limit);
            json.WriteEndObject();
        }

        json.WriteBoolean("compare", Compare);
        json.WriteEndObject();
    }
}
