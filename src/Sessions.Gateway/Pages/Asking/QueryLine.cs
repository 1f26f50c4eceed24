using System.Text.Json;
using Sessions.Gateway.Api.Querying;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>One result of a query, as the API gives it.</summary>
/// <param name="Label">The series.</param>
/// <param name="Group">The group's value; null when there are no groups, or for those without a value.</param>
/// <param name="IsPrevious">Whether it is of the time before.</param>
/// <param name="Points">The value in each bucket.</param>
/// <param name="Starts">Where each bucket begins.</param>
/// <param name="Value">The value over the whole range.</param>
public sealed record QueryLine(
    string Label,
    string? Group,
    bool IsPrevious,
    IReadOnlyList<double?> Points,
    IReadOnlyList<DateTimeOffset> Starts,
    double? Value)
{
    /// <summary>Reads one result of an answer of the API.</summary>
    internal static QueryLine Read(JsonElement line) => new(
        line.GetProperty("label").GetString()!,
        line.GetProperty("breakdown_value") switch
        {
            { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            var other => other.GetRawText(),
        },
        line.GetProperty("compare").GetString() == "previous",
        [.. line.GetProperty("data").EnumerateArray().Select(Number)],
        [.. line.GetProperty("labels").EnumerateArray().Select(label => label.GetDateTimeOffset())],
        Number(line.GetProperty("value")));

    private static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}

/// <summary>What came of a query: its results, or what is wrong with it.</summary>
/// <param name="Lines">The results.</param>
/// <param name="Fault">What is wrong; null when nothing is.</param>
/// <param name="IsCut">Whether it is about the latest part of all time, which has more points than can be shown.</param>
public sealed record QueryAnswer(IReadOnlyList<QueryLine> Lines, string? Fault, bool IsCut = false)
{
    /// <summary>Reads an answer of the API.</summary>
    public static QueryAnswer Read(ReadOnlyMemory<byte> answer)
    {
        using JsonDocument json = JsonDocument.Parse(answer);
        return new QueryAnswer(
            [.. json.RootElement.GetProperty("results").EnumerateArray().Select(QueryLine.Read)],
            null,
            json.RootElement.TryGetProperty(QueryJson.Truncated, out _));
    }

    /// <summary>The results of one series, by their place in the query, of the time asked for or of that before.</summary>
    public QueryLine? Of(int series, bool isPrevious = false) =>
        Lines.Where(line => line.IsPrevious == isPrevious).ElementAtOrDefault(series);
}
