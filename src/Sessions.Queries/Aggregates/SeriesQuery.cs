using System.Globalization;
using Sessions.Database;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>The statements that measure the series of a query in its groups, and the answer out of their rows.</summary>
internal sealed class SeriesQuery
{
    private static readonly string SeriesText = SqlFile.Read("aggregate_series.sql");
    private static readonly string CountsText = SqlFile.Read("aggregate_counts.sql");
    private static readonly string EventSessionsText = SqlFile.Read("aggregate_event_sessions.sql");

    // Added to the number of a group for each earlier period of a statement. There are far fewer groups.
    private const long PlacesOfPeriod = 1_000_000;

    // A row has its bucket, the number of its group, that group's value when no statement has found it before, and the results.
    private const int PlaceOfGroup = 1;
    private const int ValueOfGroup = 2;

    private readonly Aggregation _asked;
    private readonly Groups _groups;
    private readonly List<Part> _parts = [];

    public SeriesQuery(Aggregation asked, Groups groups, Dialect dialect)
    {
        (_asked, _groups) = (asked, groups);
        int[] periods = [.. asked.Periods.Index().Where(one => one.Item.Starts is not []).Select(one => one.Index)];
        foreach (int[] series in SeriesSql.OfSameRows(asked.Series))
        {
            bool isTogether = dialect.ReadsRangesTogether && !asked.Series[series[0]].IsOfSessionsWithEvent && AreApart([.. periods.Select(one => asked.Periods[one])]);
            foreach (int[] some in isTogether && periods is not [] ? [periods] : periods.Select(one => new[] { one }))
            {
                _parts.AddRange(PartsOf(some, series));
            }
        }

        Statements = [.. _parts.Select(part => Measure(part, dialect))];
    }

    /// <summary>A statement for all series over the same rows, in all periods or in each.</summary>
    public IReadOnlyList<Statement> Statements { get; }

    /// <summary>The answer.</summary>
    /// <param name="answers">The rows of each statement.</param>
    public AggregationResult Answer(IReadOnlyList<IReadOnlyList<object?[]>> answers)
    {
        Dictionary<(int Period, int Series, int Place), Measured> measured = [];
        int firstResult = _groups.All is null ? ValueOfGroup + 1 : ValueOfGroup;
        foreach ((Part part, IReadOnlyList<object?[]> rows) in _parts.Zip(answers))
        {
            foreach (object?[] row in rows)
            {
                for (int at = 0; at < part.Series.Length; at++)
                {
                    Add(measured, part, part.Series[at], row, row[firstResult + at]);
                }
            }
        }

        IReadOnlyList<Group> groups = _groups.All ?? Groups.InRows(
            _asked, answers.SelectMany(rows => rows).Select(row => ((int)((long)row[PlaceOfGroup]! % PlacesOfPeriod), row[ValueOfGroup])));
        return new AggregationResult(Shown(groups, measured), measured);
    }

    private void Add(Dictionary<(int Period, int Series, int Place), Measured> measured, Part part, int series, object?[] row, object? value)
    {
        double? result = value is null ? null : Convert.ToDouble(value, CultureInfo.InvariantCulture);
        (long at, long place) = Math.DivRem((long)row[PlaceOfGroup]!, PlacesOfPeriod);
        int period = part.Periods[at];
        (int, int, int) key = (period, series, (int)place);
        Measured before = measured.GetValueOrDefault(key)
            ?? new Measured(null, AggregateQueries.Empty(_asked.Series[series], _asked.Periods[period].Starts.Count));
        if (row[0] is long bucket)
        {
            before.Points[bucket - 1] = result;
            if (part.Rows == Rows.OfBucketsThatAddUp)
            {
                before = before with { Value = before.Value is { } sum ? sum + result : result };
            }
        }
        else
        {
            before = before with { Value = result };
        }

        measured[key] = before;
    }

    private IEnumerable<Part> PartsOf(int[] periods, int[] series)
    {
        if (series.All(one => periods.All(period => HasNoTotals(_asked.Series[one], _asked.Periods[period]))))
        {
            return [new Part(periods, series, Rows.OfBucketsThatAddUp)];
        }

        if (_asked.PointsOf is not { } some || _asked.Series[series[0]].IsOfSessionsWithEvent || series.All(some.Contains))
        {
            return [new Part(periods, series, Rows.OfBucketsAndTotals)];
        }

        Part totals = new(periods, series, Rows.OfTotals);
        int[] withPoints = [.. series.Where(some.Contains)];
        return withPoints is [] ? [totals] : [totals, new Part(periods, withPoints, Rows.OfBuckets)];
    }

    private List<Group> Shown(IReadOnlyList<Group> groups, Dictionary<(int Period, int Series, int Place), Measured> measured)
    {
        if (_asked.Breakdown is null)
        {
            return [new Group(Group.Others)];
        }

        HashSet<int> found = [.. measured.Keys.Select(key => key.Place)];
        // A bin is shown also when it is empty. "No value" and "all others" are shown only when they have sessions.
        return [.. groups.Append(new Group(Group.Others)).Where(group => group.Low is not null || found.Contains(group.Place))];
    }

    private Statement Measure(Part part, Dialect dialect)
    {
        if (_groups.All is null && Groups.Counts(_asked, dialect) is { } counts)
        {
            return counts;
        }

        Series[] all = [.. part.Series.Select(place => _asked.Series[place])];
        Series series = SeriesSql.WithMostOfSource(all);
        Period[] periods = [.. part.Periods.Select(one => _asked.Periods[one])];
        StatementParameters parameters = new(dialect);
        GroupsSql groups = _groups.Sql(parameters);
        (string source, string person) = SeriesSql.Source(
            series, periods, _asked.Project, needsSession: _asked.Breakdown?.Property.OfSession is not null, groups.Join, parameters);
        string[] numbers = [.. all.Select(one => one.Property is { } property ? new PropertySql(property, parameters).Number : "")];
        IEnumerable<string> results = all.Zip(numbers).Select((one, at) =>
            $"({SeriesSql.Math(one.First, one.First.IsOfSessionsWithEvent ? "number" : one.Second, person, dialect, MostRows(part))})::double precision as result_{at}");
        return parameters.With(groups.With + (series.IsOfSessionsWithEvent ? EventSessionsText : part.Rows == Rows.OfBucketsAndTotals ? SeriesText : CountsText)
            .Replace("{source}", source, StringComparison.Ordinal)
            .Replace(
                "{bucket}",
                part.Rows == Rows.OfTotals
                    ? "null::bigint"
                    : OfPeriod(series, periods, period => dialect.Bucket(SeriesSql.Time(series), periods[period].Starts, parameters), parameters),
                StringComparison.Ordinal)
            .Replace(
                "{place}",
                periods.Length == 1 ? groups.Place : $"{groups.Place} + {OfPeriod(series, periods, period => $"{period * PlacesOfPeriod}", parameters)}",
                StringComparison.Ordinal)
            .Replace("{session}", dialect.SessionKey, StringComparison.Ordinal)
            .Replace("{number}", numbers[0], StringComparison.Ordinal)
            .Replace("{results}", groups.Value + string.Join(",\n       ", results), StringComparison.Ordinal));
    }

    /// <summary>The SQL expression that depends on the period in which a row is. The periods are apart.</summary>
    private static string OfPeriod(Series series, Period[] periods, Func<int, string> expression, StatementParameters parameters)
    {
        IEnumerable<string> cases = Enumerable.Range(0, periods.Length - 1).Select(place =>
            $"when {SeriesSql.Time(series)} >= {parameters.AddNext(periods[place].From)} and {SeriesSql.Time(series)} < {parameters.AddNext(periods[place].To)} then {expression(place)} ");
        string last = expression(periods.Length - 1);
        return periods.Length == 1 ? last : $"case {string.Concat(cases)}else {last} end";
    }

    /// <summary>The most rows that a statement has.</summary>
    private int MostRows(Part part)
    {
        int groups = (_groups.All?.Count ?? _asked.Breakdown!.Limit) + 1;
        int buckets = part.Rows == Rows.OfTotals ? 0 : part.Periods.Sum(period => _asked.Periods[period].Starts.Count);
        return (int)Math.Min(int.MaxValue, (long)groups * (buckets + part.Periods.Length));
    }

    private static bool AreApart(Period[] periods) =>
        periods.OrderBy(period => period.From).Zip(periods.OrderBy(period => period.From).Skip(1)).All(pair => pair.First.To <= pair.Second.From);

    // Whether the rows of the buckets say what the whole range has: they add up, or there is one. A row of its own for the range
    // takes a second aggregation. A session may have an event in several buckets, so such series don't add up.
    private static bool HasNoTotals(Series series, Period period) =>
        series.Math == SeriesMath.Total
        || (series.Math == SeriesMath.UniqueSessions && series.IsOfSessions)
        || (period.Starts.Count == 1 && !series.IsOfSessionsWithEvent);

    /// <summary>What one statement measures.</summary>
    /// <param name="Periods">The places of the periods.</param>
    /// <param name="Series">The places of the series.</param>
    /// <param name="Rows">What its rows have.</param>
    private sealed record Part(int[] Periods, int[] Series, Rows Rows);

    /// <summary>What the rows of a statement have. A row without a bucket has the whole range.</summary>
    private enum Rows
    {
        /// <summary>Buckets, which add up to the whole range.</summary>
        OfBucketsThatAddUp,

        /// <summary>Buckets and the whole range.</summary>
        OfBucketsAndTotals,

        /// <summary>The whole range.</summary>
        OfTotals,

        /// <summary>Buckets. Another statement has the whole range.</summary>
        OfBuckets,
    }
}
