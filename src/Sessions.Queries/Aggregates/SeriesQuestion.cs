using System.Globalization;
using Sessions.Database;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>The statements that measure the series of a query in its groups, and the answer out of their rows.</summary>
internal sealed class SeriesQuestion
{
    private static readonly string SeriesText = SqlFile.Read("aggregate_series.sql");
    private static readonly string CountsText = SqlFile.Read("aggregate_counts.sql");
    private static readonly string EventSessionsText = SqlFile.Read("aggregate_event_sessions.sql");

    private readonly Aggregation _asked;
    private readonly Groups _groups;
    private readonly List<(int Period, int Series)> _measured = [];

    public SeriesQuestion(Aggregation asked, Groups groups, Dialect dialect)
    {
        (_asked, _groups) = (asked, groups);
        List<Statement> statements = [];
        for (int period = 0; period < asked.Periods.Count; period++)
        {
            for (int series = 0; series < asked.Series.Count; series++)
            {
                if (asked.Periods[period].Starts is not [])
                {
                    _measured.Add((period, series));
                    statements.Add(Measure(asked.Periods[period], asked.Series[series], dialect));
                }
            }
        }

        Statements = statements;
    }

    /// <summary>A statement for each series in each period.</summary>
    public IReadOnlyList<Statement> Statements { get; }

    /// <summary>The answer.</summary>
    /// <param name="answers">The rows of each statement.</param>
    public AggregationResult Answer(IReadOnlyList<IReadOnlyList<object?[]>> answers)
    {
        Dictionary<(int Period, int Series, int Place), Measured> measured = [];
        for (int at = 0; at < answers.Count; at++)
        {
            foreach (object?[] row in answers[at])
            {
                Add(measured, _measured[at].Period, _measured[at].Series, row);
            }
        }

        return new AggregationResult(Shown(measured), measured);
    }

    private void Add(Dictionary<(int Period, int Series, int Place), Measured> measured, int period, int seriesIndex, object?[] row)
    {
        Series series = _asked.Series[seriesIndex];
        double? result = row[2] is null ? null : Convert.ToDouble(row[2], CultureInfo.InvariantCulture);
        (int, int, int) key = (period, seriesIndex, (int)(long)row[1]!);
        Measured before = measured.GetValueOrDefault(key)
            ?? new Measured(null, AggregateQueries.Empty(series, _asked.Periods[period].Starts.Count));
        if (row[0] is long bucket)
        {
            before.Points[bucket - 1] = result;
        }

        if (row[0] is null || AddsUp(series))
        {
            before = before with { Value = AddsUp(series) ? (before.Value ?? 0) + result : result };
        }

        measured[key] = before;
    }

    private List<Group> Shown(Dictionary<(int Period, int Series, int Place), Measured> measured)
    {
        if (_asked.Breakdown is null)
        {
            return [new Group(Group.Others)];
        }

        HashSet<int> found = [.. measured.Keys.Select(key => key.Place)];
        // A bin is shown also when it is empty. "No value" and "all others" are shown only when they have sessions.
        return [.. _groups.All.Append(new Group(Group.Others)).Where(group => group.Low is not null || found.Contains(group.Place))];
    }

    private Statement Measure(Period period, Series series, Dialect dialect)
    {
        StatementParameters parameters = new(dialect);
        (string place, string join) = _groups.Sql(parameters);
        (string source, string person) = SeriesSql.Source(
            series, period, _asked.Project, needsSession: _asked.Breakdown?.Property.OfSession is not null, join, parameters);
        string number = series.Property is { } property ? new PropertySql(property, parameters).Number : "";
        return parameters.With((AddsUp(series) ? CountsText : series.IsOfSessionsWithEvent ? EventSessionsText : SeriesText)
            .Replace("{source}", source, StringComparison.Ordinal)
            .Replace("{bucket}", dialect.Bucket(SeriesSql.Time(series), period.Starts, parameters), StringComparison.Ordinal)
            .Replace("{place}", place, StringComparison.Ordinal)
            .Replace("{number}", number, StringComparison.Ordinal)
            .Replace("{math}", SeriesSql.Math(series, series.IsOfSessionsWithEvent ? "number" : number, person), StringComparison.Ordinal));
    }

    // A session may have an event in several buckets, so such series don't add up.
    private static bool AddsUp(Series series) =>
        series.Math == SeriesMath.Total || (series.Math == SeriesMath.UniqueSessions && series.IsOfSessions);
}
