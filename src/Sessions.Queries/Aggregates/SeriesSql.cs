using Sessions.Domain.Events;
using Sessions.Queries.Engines;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// Generates a series' SQL from known names only. Everything that a caller wrote becomes a parameter.
/// </summary>
internal static class SeriesSql
{
    private const string Snapshot = "$snapshot";

    /// <summary>
    /// Returns the part of a statement after its "from", which selects the rows of a series in a period, and the expression of
    /// a row's person if the series counts persons.
    /// </summary>
    /// <param name="series">The series.</param>
    /// <param name="period">The range of time.</param>
    /// <param name="project">The project.</param>
    /// <param name="needsSession">Whether the statement needs the sessions of events.</param>
    /// <param name="join">A further SQL join.</param>
    /// <param name="parameters">Gets the values that callers wrote.</param>
    public static (string Sql, string Person) Source(
        Series series, Period period, string project, bool needsSession, string join, StatementParameters parameters) =>
        Source(series, [period], project, needsSession, join, parameters);

    /// <param name="series">The series.</param>
    /// <param name="periods">Ranges of time. A row in several of them is there once.</param>
    /// <param name="project">The project.</param>
    /// <param name="needsSession">Whether the statement needs the sessions of events.</param>
    /// <param name="join">A further SQL join.</param>
    /// <param name="parameters">Gets the values that callers wrote.</param>
    /// <inheritdoc cref="Source(Series, Period, string, bool, string, StatementParameters)"/>
    public static (string Sql, string Person) Source(
        Series series, IReadOnlyList<Period> periods, string project, bool needsSession, string join, StatementParameters parameters)
    {
        Dialect dialect = parameters.Dialect;
        string source = series.IsOfSessions ? $"{dialect.Sessions} s" : $"{dialect.Events} e";
        string person = "";
        if (!series.IsOfSessions && (needsSession || series.IsOfSessionsWithEvent || series.Filters.Any(filter => filter is SessionFilter)))
        {
            source += " " + dialect.JoinSessions;
        }

        if (series.Math == SeriesMath.UniqueUsers)
        {
            (string persons, person) = dialect.Persons(!series.IsOfSessions, project, parameters);
            source += " " + persons;
        }

        return ($"{source} {join} where {string.Join(" and ", Conditions(series, periods, project, parameters))}", person);
    }

    /// <summary>The series that one statement can ask together, by their places.</summary>
    public static IReadOnlyList<int[]> OfSameRows(IReadOnlyList<Series> series)
    {
        List<List<int>> all = [];
        for (int place = 0; place < series.Count; place++)
        {
            if (all.FirstOrDefault(some => series[some[0]].HasSameRows(series[place])) is { } same)
            {
                same.Add(place);
            }
            else
            {
                all.Add([place]);
            }
        }

        return [.. all.Select(some => some.ToArray())];
    }

    /// <summary>The series, of those over the same rows, whose source serves all: one that counts persons needs them joined.</summary>
    public static Series WithMostOfSource(IReadOnlyList<Series> ofSameRows) =>
        ofSameRows.FirstOrDefault(one => one.Math == SeriesMath.UniqueUsers) ?? ofSameRows[0];

    /// <summary>The SQL conditions on the rows of a series in a period, or in one of several.</summary>
    public static List<string> Conditions(Series series, IReadOnlyList<Period> periods, string project, StatementParameters parameters)
    {
        string row = series.IsOfSessions ? "s" : "e";
        List<string> conditions = [parameters.Dialect.IsOf(row, project, parameters)];
        string[] ranges =
            [.. periods.Select(period => $"{Time(series)} >= {parameters.AddNext(period.From)} and {Time(series)} < {parameters.AddNext(period.To)}")];
        if (ranges is [var only])
        {
            conditions.Add(only);
        }
        else
        {
            // By the range around all of them, DuckDB leaves out whole row groups. Several ranges it would test row by row.
            string around = $"{Time(series)} >= {parameters.AddNext(periods.Min(period => period.From))} and {Time(series)} < {parameters.AddNext(periods.Max(period => period.To))}";
            conditions.Add($"{around} and ({string.Join(" or ", ranges)})");
        }

        if (!series.IsOfSessions)
        {
            conditions.Add(EventIs(series, parameters));
        }

        conditions.AddRange(series.Filters.Select(filter => series.IsOfSessions ? filter.OnSession(parameters) : filter.OnEvent(parameters)));
        return conditions;
    }

    /// <summary>The SQL expression of the time that decides the bucket.</summary>
    public static string Time(Series series) => series.IsOfSessions ? "s.start_timestamp" : "e.timestamp";

    /// <summary>The SQL expression of the math, over the rows of the source.</summary>
    /// <param name="series">The series.</param>
    /// <param name="number">The SQL expression of the number that a math on a property aggregates.</param>
    /// <param name="person">The SQL expression of a row's person.</param>
    /// <param name="dialect">The engine's SQL.</param>
    /// <param name="groups">The most groups that the statement has.</param>
    public static string Math(Series series, string number, string person, Dialect dialect, int groups) => series.Math switch
    {
        SeriesMath.UniqueSessions when !series.IsOfSessions => dialect.CountSessions($"e.{dialect.SessionKey}", groups),
        SeriesMath.Total or SeriesMath.UniqueSessions => "count(*)",
        SeriesMath.UniqueUsers => dialect.CountPersons(person, groups),
        SeriesMath.Avg => $"avg({number})",
        // The sum is 0 when no session has the property.
        SeriesMath.Sum => $"coalesce(sum({number}), 0)",
        SeriesMath.Min => $"min({number})",
        SeriesMath.Max => $"max({number})",
        _ => dialect.Percentile(number, series.Property?.OfSession?.Type, Fraction(series.Math)),
    };

    /// <summary>The fraction of a percentile, 0 to 1.</summary>
    public static double Fraction(SeriesMath math) => math switch
    {
        SeriesMath.Median => 0.5,
        SeriesMath.P75 => 0.75,
        SeriesMath.P90 => 0.9,
        SeriesMath.P95 => 0.95,
        SeriesMath.P99 => 0.99,
        _ => throw new InvalidOperationException($"{math} is no percentile."),
    };

    /// <summary>
    /// The SQL expression by which the values of a breakdown are ranked: the series' count, or the count of the rows
    /// that it aggregates.
    /// </summary>
    /// <param name="series">The series.</param>
    /// <param name="person">The SQL expression of a row's person.</param>
    /// <param name="dialect">The engine's SQL.</param>
    public static string Weight(Series series, string person, Dialect dialect) => series switch
    {
        { IsOfSessionsWithEvent: true } => dialect.CountSessions($"e.{dialect.SessionKey}", int.MaxValue),
        { Math: SeriesMath.UniqueUsers or SeriesMath.UniqueSessions } => Math(series, "", person, dialect, int.MaxValue),
        _ => "count(*)",
    };

    /// <summary>
    /// The SQL condition for the event's name. If capture would trim the name, both forms are searched, because older
    /// versions stored names untrimmed.
    /// </summary>
    private static string EventIs(Series series, StatementParameters parameters)
    {
        if (series.IsOfAnyEvent)
        {
            return $"e.event <> {parameters.AddNext(Snapshot)}";
        }

        List<string> names = [.. RequestedId.Of(series.Event)?.Forms ?? [series.Event!]];
        if (series.OrEvent is not null)
        {
            names.Add(series.OrEvent);
        }

        return names is [var only]
            ? $"e.event = {parameters.AddNext(only)}"
            : $"e.event in ({string.Join(", ", names.Select(parameters.AddNext))})";
    }
}
