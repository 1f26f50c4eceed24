using System.Text;
using Sessions.Domain.Querying.Hours;
using Sessions.Queries.Hours;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// Answers queries over sessions from <see cref="SessionTables"/>, with the same results as the statements of
/// <see cref="SeriesSql"/>.
/// </summary>
internal static class HourAggregates
{
    private const double MillisecondsInSecond = 1000;

    /// <summary>
    /// Whether the columns of the hourly aggregates are enough: the query is over sessions, has no filters, and uses
    /// only properties that the hours contain.
    /// </summary>
    public static bool CanAnswer(Aggregation asked) =>
        asked.Series.All(series => series.Event is null && series.Filters is []
            && (series.Property is null || HourColumns.NumberAt(series.Property.Name) >= 0))
        && (asked.Breakdown is null
            || (asked.Breakdown.Bins is null && HourColumns.TextAt(asked.Breakdown.Property.Name) >= 0));

    /// <summary>Answers a query; null when there are too many groups.</summary>
    public static AggregationResult? Answer(Aggregation asked, SessionTables tables, Func<int, bool> fits)
    {
        SessionTable[] periods = [.. asked.Periods.Select(period => TableOf(tables, period))];
        (IReadOnlyList<Group> groups, int[]? placeOfCode) = Groups(asked, periods[0], tables);
        if (!fits(groups.Count + 1))
        {
            return null;
        }

        Dictionary<(int, int, int), Measured> measured = [];
        HashSet<int> found = [];
        for (int period = 0; period < periods.Length; period++)
        {
            if (asked.Periods[period].Starts is [])
            {
                continue;
            }

            using PeriodGroups rows = new(periods[period], asked.Periods[period], asked.Breakdown, placeOfCode, groups.Count + 1, tables.Visitors);
            for (int series = 0; series < asked.Series.Count; series++)
            {
                foreach ((int place, Measured its) in rows.Measure(asked.Series[series]))
                {
                    measured[(period, series, place)] = its;
                    found.Add(place);
                }
            }
        }

        return new AggregationResult(
            asked.Breakdown is null
                ? [new Group(Group.Others)]
                : [.. groups.Append(new Group(Group.Others)).Where(group => found.Contains(group.Place))],
            measured);
    }

    /// <summary>The divisor of a stored number: durations are stored in milliseconds and returned in seconds.</summary>
    internal static double Scale(AskedProperty property) => property.Name == HourColumns.Duration ? MillisecondsInSecond : 1;

    private static SessionTable TableOf(SessionTables tables, Period period) =>
        tables.Of(HourRows.Microseconds(period.From), HourRows.Microseconds(period.To));

    /// <summary>
    /// Finds the values with the most rows, over all series, and the group number of each text's code.
    /// </summary>
    private static (IReadOnlyList<Group> Groups, int[]? PlaceOfCode) Groups(Aggregation asked, SessionTable table, SessionTables tables)
    {
        if (asked.Breakdown is not { } breakdown)
        {
            return ([], null);
        }

        IReadOnlyList<string?> texts = tables.TextsOf(breakdown.Property.Name);
        ReadOnlySpan<int> codes = table.Texts(breakdown.Property.Name);
        long[] counts = GroupMath.Counts(codes, texts.Count);
        long[]? visitors = asked.Series.Any(series => series.Math == SeriesMath.UniqueUsers)
            ? GroupMath.Distinct(codes, texts.Count, table.Visitors, tables.Visitors)
            : null;
        int[] most =
        [
            .. Enumerable.Range(0, texts.Count)
                .Where(code => counts[code] > 0)
                .OrderByDescending(code => asked.Series.Sum(series => series.Math == SeriesMath.UniqueUsers ? visitors![code] : counts[code]))
                .ThenBy(code => texts[code], ByBytes.NullsLast)
                .Take(breakdown.Limit),
        ];
        int[] places = new int[texts.Count];
        for (int place = 0; place < most.Length; place++)
        {
            places[most[place]] = place + 1;
        }

        return ([.. most.Select((code, index) => new Group(index + 1, texts[code]))], places);
    }

    /// <summary>Orders texts by their UTF-8 bytes, like Postgres' collation "C".</summary>
    internal sealed class ByBytes : IComparer<string?>
    {
        public static readonly ByBytes NullsLast = new();

        public int Compare(string? one, string? other) => (one, other) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            _ => Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other)),
        };
    }
}
