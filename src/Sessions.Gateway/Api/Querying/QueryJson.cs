using System.Globalization;
using System.Text.Json;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>Writes the answer to a query: one result for each series, group and period.</summary>
internal static class QueryJson
{
    /// <summary>Says that the answer is about the latest part of all time.</summary>
    public const string Truncated = "truncated";

    private const string Others = "$other";

    // Enough for any edge that people choose bins by; what is longer is a division that does not come out even.
    private const int EdgeDecimals = 6;

    public static void Write(
        Utf8JsonWriter json, AskedQuery asked, Aggregation aggregation, AggregationResult result, DateTimeOffset now, bool isCut)
    {
        int[] shown =
        [
            .. aggregation.Periods.Select((period, index) => index > 0 ? period.Starts.Count : QueryPeriods.Shown(
                asked,
                period,
                result.Measured.Where(one => one.Key.Period == 0).Select(one => (asked.Series[one.Key.Series], one.Value)),
                now)),
        ];
        json.WriteStartObject();
        json.WriteStartArray("results");
        int lines = asked.Formula is null ? asked.Series.Count : 1;
        for (int line = 0; line < lines; line++)
        {
            foreach (Group group in result.Groups)
            {
                for (int period = 0; period < aggregation.Periods.Count; period++)
                {
                    Measured measured = asked.Formula is null
                        ? Measure(aggregation, result, period, line, group)
                        : Calculate(asked, aggregation, result, period, group);
                    json.WriteStartObject();
                    json.WriteString("label", asked.Formula?.Text ?? asked.Series[line].Event ?? "sessions");
                    json.WritePropertyName("breakdown_value");
                    WriteGroup(json, asked.Breakdown, group, group == result.Groups.LastOrDefault(bin => bin.Low is not null));
                    json.WriteString("compare", period == 0 ? "current" : "previous");
                    WritePoints(json, aggregation.Periods[period], measured, shown[period]);
                    json.WriteEndObject();
                }
            }
        }

        json.WriteEndArray();
        if (isCut)
        {
            json.WriteBoolean(Truncated, true);
        }

        json.WriteEndObject();
    }

    private static Measured Measure(Aggregation aggregation, AggregationResult result, int period, int series, Group group) =>
        result.Measured.GetValueOrDefault((period, series, group.Place))
        ?? new Measured(
            AggregateQueries.OfNothing(aggregation.Series[series]),
            AggregateQueries.Empty(aggregation.Series[series], aggregation.Periods[period].Starts.Count));

    private static Measured Calculate(
        AskedQuery asked, Aggregation aggregation, AggregationResult result, int period, Group group)
    {
        Measured[] all = [.. asked.Series.Select((_, series) => Measure(aggregation, result, period, series, group))];
        double?[] points = new double?[aggregation.Periods[period].Starts.Count];
        for (int point = 0; point < points.Length; point++)
        {
            points[point] = asked.Formula!.Of(series => all[series].Points[point]);
        }

        return new Measured(asked.Formula!.Of(series => all[series].Value), points);
    }

    private static void WritePoints(Utf8JsonWriter json, Period period, Measured measured, int shown)
    {
        json.WriteStartArray("data");
        foreach (double? point in measured.Points.Take(shown))
        {
            WriteNumber(json, point);
        }

        json.WriteEndArray();
        json.WriteStartArray("labels");
        foreach (DateTimeOffset start in period.Starts.Take(shown))
        {
            json.WriteStringValue(Label(start));
        }

        json.WriteEndArray();
        json.WritePropertyName("value");
        WriteNumber(json, measured.Value);
    }

    private static void WriteGroup(Utf8JsonWriter json, Breakdown? breakdown, Group group, bool isLastBin)
    {
        if (breakdown is null)
        {
            json.WriteNullValue();
        }
        else if (group.Place == Group.Others)
        {
            json.WriteStringValue(Others);
        }
        else if (group.Low is { } low)
        {
            json.WriteStringValue($"[{Edge(low)},{Edge(group.High!.Value)}{(isLastBin ? ']' : ')')}");
        }
        else
        {
            SessionJson.WriteValue(json, group.Value);
        }
    }

    /// <summary>A number; null when there is none, or none that JSON can hold.</summary>
    internal static void WriteNumber(Utf8JsonWriter json, double? number)
    {
        if (number is { } value && double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <summary>A bucket's beginning: seconds, and what lies below them only when there is something.</summary>
    internal static string Label(DateTimeOffset start) =>
        start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private static string Edge(decimal edge) =>
        Math.Round(edge, EdgeDecimals).ToString("0.######", CultureInfo.InvariantCulture);
}
