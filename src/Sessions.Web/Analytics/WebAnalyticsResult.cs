using System.ComponentModel;
using System.Text.Json.Serialization;
using Sessions.Queries.Aggregates;

namespace Sessions.Web.Analytics;

/// <summary>The tiles of web analytics, as the API returns them.</summary>
[Description("The tiles of web analytics: one number each, and what it was in the time before.")]
internal sealed record WebTiles([property: JsonPropertyName("results")] IReadOnlyList<WebTile> Results);

/// <summary>One number, and its value in the previous period.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">The number; null when there is none.</param>
/// <param name="Previous">The number in the previous period; null when it or the period is missing.</param>
/// <param name="SessionsUrl">The list of the sessions behind the number.</param>
[Description("One number, and what it was in the time before.")]
internal sealed record WebTile(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("value")] double? Value,
    [property: JsonPropertyName("previous")] double? Previous,
    [property: JsonPropertyName("sessions_url")] string? SessionsUrl)
{
    /// <summary>All tiles in their order.</summary>
    /// <param name="current">The numbers.</param>
    /// <param name="previous">Those of the previous period; null when there is none.</param>
    /// <param name="counted">The sessions behind the numbers.</param>
    public static IReadOnlyList<WebTile> Of(WebOverview current, WebOverview? previous, CountedTile counted)
    {
        string? sessions = counted.OfSessions();
        return
        [
            Tile("visitors", of => of.Visitors, sessions),
            Tile("views", of => of.Views, sessions),
            Tile("sessions", of => of.Sessions, sessions),
            Tile("average_duration", of => of.AverageDuration, sessions),
            Tile("median_duration", of => of.MedianDuration, sessions),
            Tile("bounce_rate", of => of.BounceRate, counted.OfBounceRate()),
        ];

        WebTile Tile(string key, Func<WebOverview, double?> value, string? url) =>
            new(key, QueryResults.Finite(value(current)), previous is null ? null : QueryResults.Finite(value(previous)), url);
    }
}

/// <summary>A table of web analytics, as the API returns it.</summary>
[Description("A table of web analytics.")]
internal sealed record WebTable([property: JsonPropertyName("results")] IReadOnlyList<WebTableRow> Results);

/// <summary>A row of a table: a value, and the numbers of its sessions.</summary>
[Description("A value, and the numbers of the sessions that have it.")]
internal sealed record WebTableRow(
    [property: JsonPropertyName("value")] string? Value,
    [property: JsonPropertyName("visitors")] long Visitors,
    [property: JsonPropertyName("views")] long Views,
    [property: JsonPropertyName("sessions")] long Sessions,
    [property: JsonPropertyName("bounce_rate")] double? BounceRate,
    [property: JsonPropertyName("sessions_url")] string? SessionsUrl)
{
    public static WebTableRow Of(WebRow row, string? url) =>
        new(row.Value, row.Visitors, row.Views, row.Sessions, QueryResults.Finite(row.BounceRate), url);
}

/// <summary>The table of events, as the API returns it.</summary>
[Description("The table of events.")]
internal sealed record WebEvents([property: JsonPropertyName("results")] IReadOnlyList<WebEventJson> Results);

/// <summary>A row of the table of events.</summary>
[Description("An event, how often it happened, in how many sessions, and how many persons did it.")]
internal sealed record WebEventJson(
    [property: JsonPropertyName("value")] string Value,
    [property: JsonPropertyName("occurrences")] long Occurrences,
    [property: JsonPropertyName("sessions")] long Sessions,
    [property: JsonPropertyName("visitors")] long Visitors,
    [property: JsonPropertyName("sessions_url")] string? SessionsUrl);

/// <summary>Writes the answers of web analytics.</summary>
[JsonSerializable(typeof(WebTiles))]
[JsonSerializable(typeof(WebTable))]
[JsonSerializable(typeof(WebEvents))]
internal sealed partial class WebAnalyticsJson : JsonSerializerContext;
