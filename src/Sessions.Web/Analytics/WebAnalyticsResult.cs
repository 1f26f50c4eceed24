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
[Description("One number, and what it was in the time before.")]
internal sealed record WebTile(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("value")] double? Value,
    [property: JsonPropertyName("previous")] double? Previous)
{
    /// <summary>All tiles in their order.</summary>
    public static IReadOnlyList<WebTile> Of(WebOverview current, WebOverview? previous)
    {
        return
        [
            Tile("visitors", of => of.Visitors),
            Tile("views", of => of.Views),
            Tile("sessions", of => of.Sessions),
            Tile("average_duration", of => of.AverageDuration),
            Tile("median_duration", of => of.MedianDuration),
            Tile("bounce_rate", of => of.BounceRate),
        ];

        WebTile Tile(string key, Func<WebOverview, double?> value) =>
            new(key, QueryResults.Finite(value(current)), previous is null ? null : QueryResults.Finite(value(previous)));
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
    [property: JsonPropertyName("bounce_rate")] double? BounceRate)
{
    public static WebTableRow Of(WebRow row) =>
        new(row.Value, row.Visitors, row.Views, row.Sessions, QueryResults.Finite(row.BounceRate));
}

/// <summary>Writes the answers of web analytics.</summary>
[JsonSerializable(typeof(WebTiles))]
[JsonSerializable(typeof(WebTable))]
internal sealed partial class WebAnalyticsJson : JsonSerializerContext;
