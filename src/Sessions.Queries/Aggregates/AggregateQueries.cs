using Npgsql;
using Sessions.Database;
using Sessions.Domain.Querying;
using Sessions.Domain.Querying.Hours;
using Sessions.Queries.Engines;
using Sessions.Queries.Hours;

namespace Sessions.Queries.Aggregates;

/// <summary>Aggregates sessions and events. All statements of one query see the same snapshot.</summary>
public sealed class AggregateQueries(QuestionDataSource database, QuestionEngines engines, SessionHours hours)
{
    // How often an engine without a lasting snapshot is asked again.
    private const int MostAttempts = 3;

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
        if (!asked.All(IsOfHours))
        {
            (bool isAnswered, AggregationResult?[]? answers) = await engines.AskColumns(
                asked[0].Project, limits, reader => Ask(reader, asked, fits, cancellation));
            if (isAnswered)
            {
                return answers!;
            }
        }

        return await engines.AskPostgres(limits, (connection, reader) => FromPostgres(connection, reader, asked, fits, cancellation), cancellation);
    }

    /// <summary>
    /// Answers a query for which <see cref="IsOfHours"/> holds; null when there are no hourly aggregates for its range.
    /// </summary>
    internal Task<AggregationResult?> GetFromHours(Aggregation asked, StatementLimits limits, CancellationToken cancellation) =>
        engines.AskPostgres(
            limits,
            async (connection, _) => await FromHours(connection, [asked], (_, _) => true, cancellation) is [{ } answer] ? answer : null,
            cancellation);

    private async Task<AggregationResult?[]> FromPostgres(
        NpgsqlConnection connection,
        StatementReader reader,
        IReadOnlyList<Aggregation> asked,
        Func<Aggregation, int, bool> fits,
        CancellationToken cancellation)
    {
        AggregationResult?[] results = new AggregationResult?[asked.Count];
        List<int> left = [.. Enumerable.Range(0, asked.Count)];
        List<int> ofHours = left.FindAll(place => IsOfHours(asked[place]));
        if (ofHours.Count > 0
            && await FromHours(connection, [.. ofHours.Select(place => asked[place])], fits, cancellation) is { } found)
        {
            ofHours.ForEach(place => results[place] = found[ofHours.IndexOf(place)]);
            left = [.. left.Except(ofHours)];
        }

        AggregationResult?[] others = await Ask(reader, [.. left.Select(place => asked[place])], fits, cancellation);
        left.ForEach(place => results[place] = others[left.IndexOf(place)]);
        return results;
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

    private static async Task<AggregationResult?[]> Ask(
        StatementReader reader, IReadOnlyList<Aggregation> asked, Func<Aggregation, int, bool> fits, CancellationToken cancellation)
    {
        Statement?[] questions = [.. asked.Select(one => Groups.Question(one, reader.Dialect))];
        Statement[] ofGroups = [.. questions.OfType<Statement>()];
        IReadOnlyList<IReadOnlyList<object?[]>> found = ofGroups is [] ? [] : await reader.Read(ofGroups, cancellation);
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            SeriesQuestion?[] measures = new SeriesQuestion?[asked.Count];
            for (int place = 0; place < asked.Count; place++)
            {
                Groups groups = Groups.Of(asked[place], questions[place] is { } its ? found[Array.IndexOf(ofGroups, its)] : []);
                measures[place] = fits(asked[place], groups.All.Count + 1) ? new SeriesQuestion(asked[place], groups, reader.Dialect) : null;
            }

            Statement[] ofSeries = [.. measures.SelectMany(one => one?.Statements ?? [])];
            IReadOnlyList<IReadOnlyList<object?[]>> answers = await reader.Read(
                reader.KeepsSnapshot ? ofSeries : [.. ofGroups, .. ofSeries], cancellation);
            int next = 0;
            if (!reader.KeepsSnapshot)
            {
                next = ofGroups.Length;
                if (!answers.Take(next).Zip(found).All(pair => AreSame(pair.First, pair.Second)))
                {
                    // Something came in between, and the groups are others now.
                    found = [.. answers.Take(next)];
                    continue;
                }
            }

            return
            [
                .. measures.Select(one =>
                {
                    int first = next;
                    next += one?.Statements.Count ?? 0;
                    return one?.Answer([.. answers.Skip(first).Take(next - first)]);
                }),
            ];
        }

        throw new OnlyPostgresException("groups that change all the time");
    }

    private static bool AreSame(IReadOnlyList<object?[]> ones, IReadOnlyList<object?[]> others) =>
        ones.Count == others.Count && ones.Zip(others).All(pair => pair.First.SequenceEqual(pair.Second));

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
}
