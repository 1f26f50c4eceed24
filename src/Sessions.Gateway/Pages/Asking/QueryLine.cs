using System.Text.Json;

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
    /// <summary>Reads an answer of the API.</summary>
    public static IReadOnlyList<QueryLine> Read(ReadOnlyMemory<byte> answer)
    {
        using JsonDocument json = JsonDocument.Parse(answer);
        return [.. json.RootElement.GetProperty("results").EnumerateArray().Select(One)];
    }

    private static QueryLine One(JsonElement line) => new(
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
public sealed record QueryAnswer(IReadOnlyList<QueryLine> Lines, string? Fault)
{
    /// <summary>The results of one series, by their place in the query, of the time asked for or of that before.</summary>
    public QueryLine? Of(int series, bool isPrevious = false) =>
        Lines.Where(line => line.IsPrevious == isPrevious).ElementAtOrDefault(series);
}
