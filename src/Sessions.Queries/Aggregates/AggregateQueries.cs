using System.Data;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Domain.Querying;
using Sessions.Domain.Querying.Hours;
using Sessions.Queries.Hours;

namespace Sessions.Queries.Aggregates;

/// <summary>Aggregates sessions and events. All statements of one query see the same snapshot.</summary>
public sealed class AggregateQueries(QuestionDataSource database, SessionHours hours)
{
    private static readonly string SeriesText = SqlFile.Read("aggregate_series.sql");
    private static readonly string CountsText = SqlFile.Read("aggregate_counts.sql");
    private static readonly string EventSessionsText = SqlFile.Read("aggregate_event_sessions.sql");
    private static readonly string FirstText = SqlFile.Read("first_session.sql");

    /// <summary>
    /// Reads when the project's data begins: the start of its earliest session, without sessions whose times come from
    /// a clock that was never set (such as 1970). Null when there is no session.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<DateTimeOffset?> GetFirst(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.Source.CreateCommand(FirstText);
        command.Parameters.AddWithValue("@project", project);
        command.Parameters.AddWithValue("@set_from", UnsetClock.SetSpans.Select(span => span.From).ToArray());
        command.Parameters.AddWithValue("@set_to", UnsetClock.SetSpans.Select(span => span.To).ToArray());
        command.Parameters.AddWithValue("@unset_from", UnsetClock.UnsetSpans.Select(span => span.From).ToArray());
        command.Parameters.AddWithValue("@unset_to", UnsetClock.UnsetSpans.Select(span => span.To).ToArray());
        return await command.ExecuteScalarAsync(cancellation) is DateTime first ? new DateTimeOffset(first, TimeSpan.Zero) : null;
    }

    /// <summary>Whether a query can be answered from hourly aggregates.</summary>
    public static bool IsOfHours(Aggregation asked) => HourAggregates.CanAnswer(asked);

    /// <summary>Answers a query.</summary>
    /// <inheritdoc cref="Get(IReadOnlyList{Aggregation}, StatementLimits, Func{Aggregation, int, bool}, CancellationToken)"/>
    public async Task<AggregationResult?> Get(
        Aggregation asked, StatementLimits limits, Func<int, bool> fits, CancellationToken cancellation) =>
        (await Get([asked], limits, (_, groups) => fits(groups), cancellation))[0];

    /// <summary>Answers queries about one project, all from the same snapshot.</summary>
    /// <param name="asked">The queries.</param>
    /// <param name="limits">The limits of each statement.</param>
    /// <param name="fits">
    /// Called with the query and its number of groups, before anything is measured. If it returns false, the query is
    /// abandoned.
    /// </param>
    /// <param name="cancellation">Ends the work, in Postgres too.</param>
    /// <returns>An answer for each query; null for an abandoned one.</returns>
    /// <exception cref="NpgsqlException">
    /// Postgres can't answer now, or refused a filter's regular expression.
    /// </exception>
    public async Task<IReadOnlyList<AggregationResult?>> Get(
        IReadOnlyList<Aggregation> asked, StatementLimits limits, Func<Aggregation, int, bool> fits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await Begin(connection, limits, cancellation);
        AggregationResult?[] results = new AggregationResult?[asked.Count];
        List<int> left = [.. Enumerable.Range(0, asked.Count)];
        List<int> ofHours = left.FindAll(place => IsOfHours(asked[place]));
        if (ofHours.Count > 0
            && await FromHours(connection, [.. ofHours.Select(place => asked[place])], fits, cancellation) is { } found)
        {
            ofHours.ForEach(place => results[place] = found[ofHours.IndexOf(place)]);
            left = [.. left.Except(ofHours)];
        }

        foreach (int place in left)
        {
            results[place] = await Ask(connection, asked[place], groups => fits(asked[place], groups), cancellation);
        }

        return results;
    }

    /// <summary>
    /// Answers a query for which <see cref="IsOfHours"/> holds; null when there are no hourly aggregates for its range.
    /// </summary>
    internal async Task<AggregationResult?> GetFromHours(Aggregation asked, StatementLimits limits, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await Begin(connection, limits, cancellation);
        return await FromHours(connection, [asked], (_, _) => true, cancellation) is [{ } answer] ? answer : null;
    }

    private Task<AggregationResult?[]?> FromHours(
        NpgsqlConnection connection, Aggregation[] asked, Func<Aggregation, int, bool> fits, CancellationToken cancellation)
    {
        SessionsInRanges sessions = new(
            asked[0].Project,
            [.. asked.SelectMany(one => one.Periods).Select(period => (period.From, period.To)).Distinct()],
            asked.SelectMany(one => one.Series).Any(series => series.Math == SeriesMath.UniqueUsers));
        return hours.Use(connection, sessions, tables => tables is null ? null : Answers(asked, tables, fits), cancellation);
    }

    private static AggregationResult?[] Answers(Aggregation[] asked, SessionTables tables, Func<Aggregation, int, bool> fits)
    {
        AggregationResult?[] answers = new AggregationResult?[asked.Length];
        Parallel.For(0, asked.Length, place =>
            answers[place] = HourAggregates.Answer(asked[place], tables, groups => fits(asked[place], groups)));
        return answers;
    }

    private static async Task<AggregationResult?> Ask(
        NpgsqlConnection connection, Aggregation asked, Func<int, bool> fits, CancellationToken cancellation)
    {
        Groups groups = await Groups.Find(connection, asked, cancellation);
        if (!fits(groups.All.Count + 1))
        {
            return null;
        }

        Dictionary<(int, int, int), Measured> measured = [];
        for (int period = 0; period < asked.Periods.Count; period++)
        {
            for (int series = 0; series < asked.Series.Count; series++)
            {
                await Measure(connection, asked, period, series, groups, measured, cancellation);
            }
        }

        return new AggregationResult(Shown(asked, groups, measured), measured);
    }

    private static async Task<NpgsqlTransaction> Begin(
        NpgsqlConnection connection, StatementLimits limits, CancellationToken cancellation)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using NpgsqlCommand command = new(limits.SetLocal, connection);
        await command.ExecuteNonQueryAsync(cancellation);
        return transaction;
    }

    private static List<Group> Shown(
        Aggregation asked, Groups groups, Dictionary<(int Period, int Series, int Place), Measured> measured)
    {
        if (asked.Breakdown is null)
        {
            return [new Group(Group.Others)];
        }

        HashSet<int> found = [.. measured.Keys.Select(key => key.Place)];
        // A bin is shown also when it is empty. "No value" and "all others" are shown only when they have sessions.
        return [.. groups.All.Append(new Group(Group.Others)).Where(group => group.Low is not null || found.Contains(group.Place))];
    }

    private static async Task Measure(
        NpgsqlConnection connection,
        Aggregation asked,
        int periodIndex,
        int seriesIndex,
        Groups groups,
        Dictionary<(int, int, int), Measured> measured,
        CancellationToken cancellation)
    {
        (Series series, Period period) = (asked.Series[seriesIndex], asked.Periods[periodIndex]);
        if (period.Starts is [])
        {
            return;
        }

        await using NpgsqlCommand command = connection.CreateCommand();
        bool addsUp = AddsUp(series);
        string source = SeriesSql.Source(
            series, period, asked.Project, needsSession: asked.Breakdown?.Property.OfSession is not null, groups.Join, command.Parameters);
        groups.AddParameters(command.Parameters);
        command.Parameters.Add(new NpgsqlParameter("@starts", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz)
        {
            Value = period.Starts.ToArray(),
        });
        string number = series.Property is not { } property ? ""
            : PropertySql.Number(property, property.IsKeyOfEvents ? command.Parameters.AddNext(property.Name) : "");
        command.CommandText = (addsUp ? CountsText : series.IsOfSessionsWithEvent ? EventSessionsText : SeriesText)
            .Replace("{source}", source, StringComparison.Ordinal)
            .Replace("{time}", SeriesSql.Time(series), StringComparison.Ordinal)
            .Replace("{place}", groups.Place, StringComparison.Ordinal)
            .Replace("{number}", number, StringComparison.Ordinal)
            .Replace("{math}", SeriesSql.Math(series, series.IsOfSessionsWithEvent ? "number" : number), StringComparison.Ordinal);

        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            int? bucket = reader.IsDBNull(0) ? null : reader.GetInt32(0);
            (int, int, int) key = (periodIndex, seriesIndex, reader.GetInt32(1));
            double? result = reader.IsDBNull(2) ? null : reader.GetDouble(2);
            Measured before = measured.GetValueOrDefault(key) ?? new Measured(null, Empty(series, period.Starts.Count));
            if (bucket is { } place)
            {
                before.Points[place - 1] = result;
            }

            if (bucket is null || addsUp)
            {
                before = before with { Value = addsUp ? (before.Value ?? 0) + result : result };
            }

            measured[key] = before;
        }
    }

    /// <summary>
    /// The values of buckets in which nothing happened: 0 for counts and sums, null for the other kinds of math.
    /// </summary>
    public static double?[] Empty(Series series, int buckets)
    {
        double?[] points = new double?[buckets];
        Array.Fill(points, OfNothing(series));
        return points;
    }

    /// <summary>The value of a math without any rows.</summary>
    public static double? OfNothing(Series series) => series.Math is <= SeriesMath.UniqueUsers or SeriesMath.Sum ? 0 : null;

    // A session may have an event in several buckets, so such series don't add up.
    private static bool AddsUp(Series series) =>
        series.Math == SeriesMath.Total || (series.Math == SeriesMath.UniqueSessions && series.IsOfSessions);
}
