using System.Globalization;
using Npgsql;
using Sessions.Domain.Events;

namespace Sessions.Queries.Aggregates;

/// <summary>
/// Generates a series' SQL from known names only. Everything that a caller wrote becomes a parameter.
/// </summary>
internal static class SeriesSql
{
    private const string Snapshot = "$snapshot";

    // The distinct id of an event. If the event's own id is generic, the session's id is used.
    private const string WhoseEvent =
        """
         cross join lateral (
            select case when tracking.names_nobody(e.distinct_id)
                        then coalesce(
                            (select own.distinct_id from tracking.sessions own where own.project = e.project and own.session_id = e.session_id),
                            e.distinct_id)
                        else e.distinct_id
                   end as distinct_id) whose
        """;

    /// <summary>
    /// Returns the part of a statement from its "from" on, which selects the rows of a series in a period.
    /// </summary>
    /// <param name="series">The series.</param>
    /// <param name="period">The range of time.</param>
    /// <param name="project">The project.</param>
    /// <param name="needsSession">Whether the statement needs the sessions of events.</param>
    /// <param name="join">A further SQL join.</param>
    /// <param name="parameters">Gets the values that callers wrote.</param>
    public static string Source(
        Series series, Period period, string project, bool needsSession, string join, NpgsqlParameterCollection parameters)
    {
        string source = series.IsOfSessions ? "tracking.all_sessions s" : "tracking.all_events e";
        if (!series.IsOfSessions && (needsSession || series.IsOfSessionsWithEvent || series.Filters.Any(filter => filter is SessionFilter)))
        {
            source += " join tracking.all_sessions s on s.project = e.project and s.session_id = e.session_id";
        }

        if (series.Math == SeriesMath.UniqueUsers)
        {
            source += series.IsOfSessions ? "" : WhoseEvent;
            source += $" left join tracking.persons_of({parameters.AddNext(project)}) p on p.distinct_id = {Whose(series)}.distinct_id";
        }

        return $"{source} {join} where {string.Join(" and ", Conditions(series, period, project, parameters))}";
    }

    /// <summary>The SQL conditions on the rows of a series in a period.</summary>
    public static List<string> Conditions(Series series, Period period, string project, NpgsqlParameterCollection parameters)
    {
        string row = series.IsOfSessions ? "s" : "e";
        List<string> conditions =
        [
            $"{row}.project = {parameters.AddNext(project)}",
            $"{Time(series)} >= {parameters.AddNext(period.From)}",
            $"{Time(series)} < {parameters.AddNext(period.To)}",
        ];
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
    public static string Math(Series series, string number) => series.Math switch
    {
        SeriesMath.UniqueSessions when !series.IsOfSessions => "count(distinct e.session_id)",
        SeriesMath.Total or SeriesMath.UniqueSessions => "count(*)",
        SeriesMath.UniqueUsers => $"count(distinct {PersonOf(series)})",
        SeriesMath.Avg => $"avg({number})",
        // The sum is 0 when no session has the property.
        SeriesMath.Sum => $"coalesce(sum({number}), 0)",
        SeriesMath.Min => $"min({number})",
        SeriesMath.Max => $"max({number})",
        _ => Percentile(number, Fraction(series.Math)),
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
    public static string Weight(Series series) => series switch
    {
        { IsOfSessionsWithEvent: true } => "count(distinct e.session_id)",
        { Math: SeriesMath.UniqueUsers or SeriesMath.UniqueSessions } => Math(series, ""),
        _ => "count(*)",
    };

    /// <summary>
    /// The SQL condition for the event's name. If capture would trim the name, both forms are searched, because older
    /// versions stored names untrimmed.
    /// </summary>
    private static string EventIs(Series series, NpgsqlParameterCollection parameters)
    {
        if (series.IsOfAnyEvent)
        {
            return $"e.event <> {parameters.AddNext(Snapshot)}";
        }

        List<string> names = [.. AskedId.Of(series.Event)?.Forms ?? [series.Event!]];
        if (series.OrEvent is not null)
        {
            names.Add(series.OrEvent);
        }

        return names is [var only]
            ? $"e.event = {parameters.AddNext(only)}"
            : $"e.event in ({string.Join(", ", names.Select(parameters.AddNext))})";
    }

    private static string Whose(Series series) => series.IsOfSessions ? "s" : "whose";

    private static string PersonOf(Series series) => $"coalesce(p.person, {Whose(series)}.distinct_id)";

    private static string Percentile(string number, double fraction) => string.Create(
        CultureInfo.InvariantCulture, $"percentile_cont({fraction}) within group (order by ({number})::double precision)");
}
