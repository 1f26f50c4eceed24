using System.Globalization;
using Sessions.Queries.Aggregates;

namespace Sessions.Web.Analytics;

/// <summary>Creates the result of a query from its aggregation: a line for each series, group and period.</summary>
internal static class QueryResults
{
    private const string Others = "$other";

    // Each point's address is much longer than its number.
    private const int MostOpened = 50_000;

    // Enough for every edge that people choose. A longer one is an endless decimal fraction.
    private const int EdgeDecimals = 6;

    public static QueryResult Of(
        QueryRequest request, Aggregation aggregation, AggregationResult result, DateTimeOffset now, bool isCut)
    {
        int[] shown =
        [
            .. aggregation.Periods.Select((period, index) => index > 0 ? period.Starts.Count : QueryPeriods.Shown(
                request,
                period,
                result.Measured.Where(one => one.Key.Period == 0).Select(one => (request.Series[one.Key.Series], one.Value)),
                now)),
        ];
        bool canBeOpened = request.Formula is null && (long)result.Groups.Count * request.Series.Count * shown.Sum() <= MostOpened;
        List<QueryLine> lines = [];
        int series = request.Formula is null ? request.Series.Count : 1;
        for (int line = 0; line < series; line++)
        {
            foreach (Group group in result.Groups)
            {
                for (int period = 0; period < aggregation.Periods.Count; period++)
                {
                    Measured measured = request.Formula is null
                        ? Measure(aggregation, result, period, line, group)
                        : Calculate(request, aggregation, result, period, group);
                    lines.Add(new QueryLine
                    {
                        Label = request.Formula?.Text ?? request.Series[line].Event ?? "sessions",
                        Group = request.Breakdown is null
                            ? null
                            : GroupOf(group, group == result.Groups.LastOrDefault(bin => bin.Low is not null)),
                        IsPrevious = period > 0,
                        Points = [.. measured.Points.Take(shown[period]).Select(Finite)],
                        Starts = [.. aggregation.Periods[period].Starts.Take(shown[period])],
                        Value = Finite(measured.Value),
                        Counted = canBeOpened
                            ? CountedLine.Of(aggregation.Project, request, line, result.Groups, group, aggregation.Periods[period])
                            : null,
                    });
                }
            }
        }

        return new QueryResult(lines, isCut);
    }

    /// <summary>The number; null when there is none, or when JSON can't express it.</summary>
    public static double? Finite(double? number) => number is { } value && double.IsFinite(value) ? value : null;

    private static Measured Measure(Aggregation aggregation, AggregationResult result, int period, int series, Group group) =>
        result.Measured.GetValueOrDefault((period, series, group.Place))
        ?? new Measured(
            AggregateQueries.OfNothing(aggregation.Series[series]),
            AggregateQueries.Empty(aggregation.Series[series], aggregation.Periods[period].Starts.Count));

    private static Measured Calculate(
        QueryRequest request, Aggregation aggregation, AggregationResult result, int period, Group group)
    {
        Measured[] all = [.. request.Series.Select((_, series) => Measure(aggregation, result, period, series, group))];
        double?[] points = new double?[aggregation.Periods[period].Starts.Count];
        for (int point = 0; point < points.Length; point++)
        {
            points[point] = request.Formula!.Of(series => all[series].Points[point]);
        }

        return new Measured(request.Formula!.Of(series => all[series].Value), points);
    }

    private static object? GroupOf(Group group, bool isLastBin) =>
        group.Place == Group.Others ? Others
        : group.Low is { } low ? $"[{Edge(low)},{Edge(group.High!.Value)}{(isLastBin ? ']' : ')')}"
        : group.Value;

    private static string Edge(decimal edge) =>
        Math.Round(edge, EdgeDecimals).ToString("0.######", CultureInfo.InvariantCulture);
}
